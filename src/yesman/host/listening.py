"""The plugins as the bus and the engine of hooks see them: who listens, who may, and that they hear it.

A plugin is made ready first and given the event then, so that failing to start is told from failing
at the event: the former says nothing about the event, and what is durable waits for another start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from yesman.host.audience import Audience
from yesman.model.errors import PluginFailedError
from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from yesman.host.audience import Listener
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.model.permissions import Permission
    from yesman.runtime.plugin import LivePlugin


class Listening:
    """The plugins as listeners (:class:`yesman.host.bus.Listeners`, :class:`yesman.host.hooks.Askable`).

    Args:
        manager: Starts them.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self._audience = Audience(manager.registry)

    def audience(self, event: str) -> tuple[Listener, ...]:
        """Return the enabled plugins with hooks on ``event``, in the order they are asked."""
        return self._audience.of(event)

    def consulted(self, event: str) -> tuple[Listener, ...]:
        """Return those of the audience who are asked: a plugin that is not to run has no say."""
        return tuple(each for each in self.audience(event) if self._manager.suspension.allows(each.plugin))

    def check(self, name: str, record: Record) -> None:
        """Refuse a plugin whose wishes about the order contradict those of the installed ones.

        Raises:
            UsageError: The plugins that form the cycle are named.
        """
        self._audience.check(name, record)

    def granted(self, plugin: str) -> tuple[Permission, ...]:
        """Return what ``plugin`` is granted at this moment."""
        return self._manager.registry.granted(plugin)

    def sees_session(self, plugin: str, session: str) -> bool:
        """Tell whether ``plugin`` may read ``session``."""
        return covers_session(self.granted(plugin), "session.read", session)

    def can_hear(self, plugin: str) -> bool:
        """Tell whether it makes sense to start ``plugin`` now."""
        manager = self._manager
        allowed = manager.registry.enabled(plugin) and manager.suspension.allows(plugin)
        return allowed and not manager.supervisor.hopeless(plugin)

    async def ready(self, plugin: str) -> None:
        """Start ``plugin`` if need be.

        Raises:
            YesmanError: It cannot be started.
        """
        await self._manager.activate(plugin)

    async def deliver(self, plugin: str, event: dict[str, Any], hooks: tuple[str, ...]) -> None:
        """Hand one event to these hooks and the subscriptions of ``plugin``, which is ready.

        Raises:
            PluginFailedError: A handler failed or took too long, or the plugin has ended.
        """
        with self._manager.explained(plugin), self._manager.recorder.call(plugin, "event", event["name"]):
            await self._running(plugin).event(event, hooks)

    async def ask(
        self, plugin: str, method: Literal["ask", "filter"], event: dict[str, Any], hooks: tuple[str, ...]
    ) -> Any:
        """Return what these hooks of ``plugin``, which is ready, answer (:meth:`LivePlugin.ask`).

        Raises:
            PluginFailedError: A handler failed, or the plugin has ended.
        """
        with self._manager.explained(plugin), self._manager.recorder.call(plugin, "hook", event["name"]):
            return await self._running(plugin).ask(method, event, hooks)

    def runs(self, plugin: str) -> bool:
        """Tell whether ``plugin`` has a process that was not ended or died."""
        return self._manager.running(plugin) is not None

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        self._manager.log_of(plugin).write(level, message)

    def _running(self, plugin: str) -> LivePlugin:
        live = self._manager.running(plugin)
        if live is None:
            raise PluginFailedError(f"plugin '{plugin}' has ended", failure="crashed")
        return live
