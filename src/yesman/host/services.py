"""What plugins may ask of the host: one table of methods, each with its permission.

Every call is decoded into its own type, checked against the grants of the plugin whose
socket it came from, and only then carried out. A plugin names sessions, never itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from yesman.host import service_events as events
from yesman.host import service_network as network
from yesman.host import service_notifications as notifications
from yesman.host import service_panels as panels
from yesman.host import service_plugins as plugins
from yesman.host import service_providers as providers
from yesman.host import service_sessions as sessions
from yesman.host.confirmation import UnconfirmedError
from yesman.host.service_context import Answer, Caller, Name, Nothing, ServiceContext
from yesman.model.errors import NotFoundError, PermissionDeniedError, UsageError
from yesman.model.plain_text import shown
from yesman.sessions.service import NAME_ONE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Method(NamedTuple):
    """One row of the table: parameter type, permission it needs ("" for none), what does it."""

    shape: type[Any]
    permission: str
    run: Callable[[ServiceContext, Any, Caller], Awaitable[Answer]]


class PluginServices(ServiceContext):
    """The services of one plugin."""

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> Answer:
        """Answer one call (:class:`yesman.runtime.peer.Services`).

        Raises:
            UsageError: No such method, or parameters that do not fit.
            PermissionDeniedError: A grant is missing; the message names it.
            NotFoundError: The session or pane is absent.
        """
        row = METHODS.get(method)
        if row is None:
            raise UsageError(f"the host has no service {shown(method)}")
        try:
            request = msgspec.convert(params, row.shape)
        except msgspec.ValidationError as error:
            raise UsageError(f"'{method}' was called wrongly: {error}") from None
        with self.recorder.call(self.plugin, "service", method):
            try:
                return await row.run(self, request, cause)
            except NotFoundError as error:  # a near miss would name sessions that it may not see
                step = error.next_step if error.next_step == NAME_ONE else ""
                raise NotFoundError(error.message, step) from None
            except UnconfirmedError:  # on record where the user was asked
                raise
            except PermissionDeniedError as error:
                if not method.startswith("net."):  # the network tells of its refusals itself
                    self.recorder.denial(self.plugin, error.permission or method, 1, "host")
                raise


METHODS: dict[str, Method] = {
    "session.current": Method(Nothing, "session.read", sessions.current),
    "session.get": Method(Name, "session.read", sessions.get),
    "session.list": Method(Nothing, "session.read", sessions.list_all),
    "session.create": Method(sessions.Create, "session.modify", sessions.create),
    "session.close": Method(Name, "session.modify", sessions.close),
    "session.rename": Method(sessions.Rename, "session.modify", sessions.rename),
    "session.set_metadata": Method(sessions.Metadata, "session.modify", sessions.set_metadata),
    "tmux.windows": Method(sessions.InSession, "session.read", sessions.windows),
    "tmux.panes": Method(sessions.InSession, "session.read", sessions.panes),
    "tmux.capture": Method(sessions.Capture, "session.read", sessions.capture),
    "tmux.send": Method(sessions.Send, "session.type", sessions.send),
    "bus.publish": Method(events.Publish, "", events.publish),
    "bus.subscribe": Method(events.Pattern, "", events.subscribe),
    "bus.unsubscribe": Method(events.Pattern, "", events.unsubscribe),
    "plugin.list": Method(Nothing, "plugin.manage", plugins.list_all),
    "plugin.get": Method(Name, "plugin.manage", plugins.get),
    "plugin.enable": Method(Name, "plugin.manage", plugins.enable),
    "plugin.disable": Method(Name, "plugin.manage", plugins.disable),
    "plugin.restart": Method(Name, "plugin.manage", plugins.restart),
    "plugin.remove": Method(Name, "plugin.manage", plugins.remove),
    "plugin.revoke": Method(plugins.Revoke, "plugin.manage", plugins.revoke),
    "notification.send": Method(notifications.Send, "session.modify", notifications.send),
    "panel.changed": Method(Name, "", panels.changed),
    "provider.get": Method(providers.Provider, "provider.use", providers.get),
    "provider.call": Method(providers.Use, "provider.use", providers.call),
    "net.resolve": Method(network.Resolve, "", network.resolve),
    "net.port": Method(Name, "", network.port),
    "net.denial": Method(network.Thread, "", network.denial),
    "input.read": Method(events.Read, "", events.read_input),
}
"""Every service. The author API's methods carry the same names and permissions; a test compares them."""
