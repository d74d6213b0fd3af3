"""One plugin as the services see it: its grants, what they work on, and how a refusal reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.caller import CommandCaller
from yesman.model.errors import PermissionDeniedError
from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.bus import Bus
    from yesman.host.guards import Guards
    from yesman.host.management import Management
    from yesman.host.notifications import Notifications
    from yesman.host.panels import Panels
    from yesman.host.providers import Providers
    from yesman.host.recorder import Recorder
    from yesman.host.subscriptions import Subscriber
    from yesman.model.permissions import Permission
    from yesman.runtime.network import PluginNetwork
    from yesman.sessions.service import Sessions

Caller = CommandCaller | None
"""Whose command the call was made for; None outside a command."""
Answer = tuple[Any, bytes]
"""Value and blob."""


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """No parameters."""


class Name(msgspec.Struct, forbid_unknown_fields=True):
    """A session, a plugin or a network service."""

    name: str


@dataclass(frozen=True)
class ServiceContext:
    """What the services of one plugin rest on.

    Attributes:
        plugin: Whose socket the calls come from.
        granted: Returns what the user has consented to at this moment.
        sessions: The session service.
        bus: The event bus.
        roots: Returns the folders a plugin may start sessions in.
        network: Its way to names and connections.
        recorder: Hears of every call, refusal and keystroke.
        management: Looks after other plugins; None where this host lets nobody do that.
        guards: Asks other plugins about sessions; None where there are none.
        providers: Calls what other plugins provide; likewise.
        notifications: Shows messages to the user; None where this host has no way to.
        subscriber: What this process hears of besides its hooks; None where nothing is published.
        panels: Shows its panels; None where nobody looks at any.
    """

    plugin: str
    granted: Callable[[], tuple[Permission, ...]]
    sessions: Sessions
    bus: Bus
    roots: Callable[[], Awaitable[tuple[str, ...]]]
    network: PluginNetwork
    recorder: Recorder
    management: Management | None = None
    guards: Guards | None = None
    providers: Providers | None = None
    notifications: Notifications | None = None
    subscriber: Subscriber | None = None
    panels: Panels | None = None

    def require(self, permission: str, session: str) -> None:
        """Refuse unless ``permission`` was granted for ``session``."""
        if not covers_session(self.granted(), permission, session):
            raise self.lacks(f"{permission}:{session}")

    def require_any(self, permission: str) -> None:
        """Refuse unless ``permission`` was granted in whatever scope."""
        if not any(granted.name == permission for granted in self.granted()):
            raise self.lacks(permission)

    def may_read(self, session: str) -> bool:
        """Tell whether the plugin may see ``session``."""
        return covers_session(self.granted(), "session.read", session)

    def lacks(self, permission: str) -> PermissionDeniedError:
        """Return the refusal; what the user may do about it depends on what the plugin asks for."""
        return PermissionDeniedError(
            f"plugin '{self.plugin}' lacks permission '{permission}'", permission=permission
        )
