"""Starts plugins that nobody asks for at this moment: they want to run, or events wait for them.

What always holds: a plugin whose process died is started again by itself only if it was to run from
the start or has durable events to hear; every other one waits for its next use.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record


class Reviver:
    """Starts them.

    Args:
        manager: The plugins.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager
        self._tasks: set[asyncio.Task[None]] = set()

    async def start_up(self) -> None:
        """Start the plugins that want to run from the start, and deliver what was kept for the others."""
        self._manager.bus.resume()
        for name, record in self._manager.registry.all().items():
            if self._runs_by_itself(name, record):
                await self._start(name)

    def again(self, name: str) -> None:
        """Bring plugin ``name`` back to what it was about; one that is given up for good is ended."""
        task = asyncio.ensure_future(self._revive(name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Start nothing any more."""
        for task in self._tasks:
            task.cancel()

    async def _revive(self, name: str) -> None:
        manager = self._manager
        record = manager.registry.all().get(name)
        if record is None:
            return
        if manager.supervisor.history(name).quarantined:
            await manager.stop(name)
            return
        if self._runs_by_itself(name, record):
            await self._start(name)
        manager.bus.resume(name)

    def _runs_by_itself(self, name: str, record: Record) -> bool:
        runs = record.enabled and record.activated and self._manager.suspension.allows(name)
        return runs and bool(record.manifest.get("activation", {}).get("on_startup"))

    async def _start(self, name: str) -> None:
        try:
            await self._manager.activate(name)
        except YesmanError as error:
            self._manager.log_of(name).write(logging.ERROR, str(error))
