"""What the bus asks of the plugins: who listens, and that they hear it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.host.manager import PluginManager


class Listening:
    """The plugins as listeners (:class:`yesman.host.bus.Listeners`).

    Args:
        manager: Starts them.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    def hooked(self, event: str) -> Iterable[str]:
        """Return the enabled plugins whose recorded hooks match ``event``."""
        return self._manager.registry.hooked(event)

    def sees_session(self, plugin: str, session: str) -> bool:
        """Tell whether ``plugin`` may read ``session``."""
        return covers_session(self._manager.registry.granted(plugin), "session.read", session)

    async def deliver(self, plugin: str, event: dict[str, Any]) -> None:
        """Hand one event to ``plugin``, starting it if need be."""
        recorder = self._manager.recorder
        with self._manager.explained(plugin), recorder.call(plugin, "event", str(event["name"])):
            live = await self._manager.activate(plugin)
            await live.event(event)

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        self._manager.log_of(plugin).write(level, message)
