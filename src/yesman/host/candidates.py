"""Processes that are loaded beside the one in service, to take over from it.

What always holds: one that does not take over ends, with whoever wanted it or with the plugin.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from yesman.runtime.plugin import LivePlugin


class Candidates:
    """All of them, at most one a plugin."""

    def __init__(self) -> None:
        self._of: dict[str, asyncio.Task[LivePlugin]] = {}

    def names(self) -> set[str]:
        """Return the plugins that have one."""
        return set(self._of)

    @asynccontextmanager
    async def loading(
        self, name: str, work: Coroutine[Any, Any, LivePlugin]
    ) -> AsyncIterator[asyncio.Task[LivePlugin]]:
        """Load one by ``work`` for plugin ``name``; by the end of the block it has taken over, or ends.

        Raises:
            UsageError: The plugin was stopped meanwhile.
        """
        task = self._of[name] = asyncio.ensure_future(work)
        try:
            yield task
        except asyncio.CancelledError:
            if cast("asyncio.Task[Any]", asyncio.current_task()).cancelling():
                raise
            raise was_changed(name) from None
        finally:
            await self.end(name)

    def took_over(self, name: str) -> None:
        """Take note that the one of plugin ``name`` is in service: it is none any more."""
        self._of.pop(name, None)

    async def end(self, name: str) -> None:
        """End the one of plugin ``name``, loaded or not; return when it is gone."""
        if (task := self._of.pop(name, None)) is None:
            return
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            await task.result().kill("it did not take over", wanted=True)


def was_changed(name: str) -> UsageError:
    """Return that a version is not gone on with, because the plugin is another one by now."""
    return UsageError(f"plugin '{name}' was changed while it was reloaded", "Reload it again")
