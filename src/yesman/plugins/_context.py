"""What a plugin is given when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from yesman.plugins._management import PluginManager
from yesman.plugins._others import Notifications, Panels, Providers
from yesman.plugins._transport import NoHost

if TYPE_CHECKING:
    import logging

    from yesman.plugins._bus import EventBus
    from yesman.plugins._managers import SessionManager, TmuxManager


@dataclass
class PluginContext:
    """Everything a plugin may use of its host.

    Attributes:
        plugin_id: The plugin's name, as in its manifest.
        plugin_dir: Absolute path of its own files, read-only.
        config: Its settings, checked against the manifest's schema, defaults filled in.
        logger: Writes to the plugin's own log.
        session_manager: Reads and changes sessions.
        tmux_manager: Looks into panes and types into them.
        event_bus: Publishes and receives events.
        data_dir: Absolute path of a folder of its own to write to; survives restarts and updates. The sandbox
            always gives one; empty only in a context that somebody else built without it.
        plugin_manager: Shows other plugins, and changes them after asking the user.
        providers: Leads to what other plugins provide.
        notifications: Tells the user something.
        panels: Says that a panel of this plugin has something new to show.
    """

    plugin_id: str
    plugin_dir: str
    config: dict[str, Any]
    logger: logging.Logger
    session_manager: SessionManager
    tmux_manager: TmuxManager
    event_bus: EventBus
    data_dir: str = ""
    plugin_manager: PluginManager = field(default_factory=partial(PluginManager, NoHost()))
    providers: Providers = field(default_factory=partial(Providers, NoHost()))
    notifications: Notifications = field(default_factory=partial(Notifications, NoHost()))
    panels: Panels = field(default_factory=partial(Panels, NoHost()))
