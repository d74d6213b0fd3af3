"""The author API: everything a plugin imports from yesman.

It needs the standard library only and imports nothing else of yesman, because a plugin may bring
its own version of every other package. What ``__all__`` lists is public and stable; modules whose
name starts with an underscore are not.
"""

from yesman.plugins._base import (
    CommandPlugin,
    HookPlugin,
    IntegrationPlugin,
    PluginBase,
    ProviderPlugin,
    UIPlugin,
)
from yesman.plugins._bus import EventBus
from yesman.plugins._command import PluginCommand
from yesman.plugins._context import PluginContext
from yesman.plugins._events import Allow, Deny, Event
from yesman.plugins._management import Plugin, PluginManager
from yesman.plugins._managers import SessionManager, TmuxManager
from yesman.plugins._options import parameter_name
from yesman.plugins._others import Notifications, Panels, Providers
from yesman.plugins._permission import Need, need_of, needs, permission_of
from yesman.plugins._providers import (
    INotificationProvider,
    IProvider,
    IVersionControlProvider,
    ProviderError,
)
from yesman.plugins._returned import Done, Items, Text
from yesman.plugins._sessions import Pane, Session, Window
from yesman.plugins._transport import Transport

__all__ = [
    "Allow",
    "CommandPlugin",
    "Deny",
    "Done",
    "Event",
    "EventBus",
    "HookPlugin",
    "INotificationProvider",
    "IProvider",
    "IVersionControlProvider",
    "IntegrationPlugin",
    "Items",
    "Need",
    "Notifications",
    "Pane",
    "Panels",
    "Plugin",
    "PluginBase",
    "PluginCommand",
    "PluginContext",
    "PluginManager",
    "ProviderError",
    "ProviderPlugin",
    "Providers",
    "Session",
    "SessionManager",
    "Text",
    "TmuxManager",
    "Transport",
    "UIPlugin",
    "Window",
    "need_of",
    "needs",
    "parameter_name",
    "permission_of",
]
