"""Starts what a plugin needs before the plugin itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.host import needs
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record


class Prerequisites:
    """Starts it.

    Args:
        manager: The plugins.
    """

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    async def start(self, name: str, record: Record, *, asked: bool) -> None:
        """Start what ``record``, plugin ``name`` installed or to be, needs and does not run.

        Args:
            name: Its name.
            record: What it is.
            asked: As in :meth:`yesman.host.manager.PluginManager.activate`.

        Raises:
            YesmanError: One may not run or does not start.
        """
        if not needs.needs_of(record):
            return
        records = {**self._manager.registry.all(), name: record}
        for other in needs.check(name, records, self._manager.check):
            if self._manager.running(other) is None:
                try:
                    await self._manager.activate(other, asked=asked)
                except YesmanError as error:
                    raise needs.because(name, other, error) from error

    def unmet(self, name: str) -> str:
        """Return why what plugin ``name`` needs does not run, or ""."""
        try:
            needs.check(name, self._manager.registry.all(), self._manager.check)
        except YesmanError as error:
            return error.message
        return ""
