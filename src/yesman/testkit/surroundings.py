"""What is around a plugin, as the fixtures ``events`` and ``sessions`` hand it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from yesman.plugins import Event, Session
    from yesman.testkit.controls import Controls

__tracebackhide__ = True  # as in controls


class Events:
    """All that was published so far, oldest first."""

    def __init__(self, plugin: Controls) -> None:
        self._plugin = plugin

    def __iter__(self) -> Iterator[Event]:
        return iter(self._plugin.events)

    async def emit(self, event: str, /, session: str | None = None, **payload: Any) -> Any:
        """See :meth:`yesman.plugins.testing.PluginTestCase.emit_event`."""
        return await self._plugin.emit_event(event, session, **payload)

    async def wait_for(self, name: str) -> Event:
        """See :meth:`yesman.plugins.testing.PluginTestCase.wait_for_event`."""
        return await self._plugin.wait_for_event(name)


class Sessions:
    """Sessions of a tmux server of the test's own."""

    def __init__(self, plugin: Controls) -> None:
        self._plugin = plugin

    async def create(
        self, name: str, *, repo: str = "", branch: str = "main", command: Sequence[str] | None = None
    ) -> Session:
        """See :meth:`yesman.plugins.testing.PluginTestCase.create_session`."""
        return await self._plugin.create_session(name, repo=repo, branch=branch, command=command)

    async def get(self, name: str) -> Session:
        """See :meth:`yesman.plugins.testing.PluginTestCase.get_session`."""
        return await self._plugin.get_session(name)
