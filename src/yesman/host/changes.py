"""A change to what is installed: one at a time, made at one instant, undone if it does not take over.

What always holds: whoever is killed before the registry is replaced leaves the old state, after it the
new; what follows from the registry is mended, and what is left over collected, by the next change.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.derived import Derived
from yesman.host.held_settings import HeldSettings
from yesman.model.errors import YesmanError
from yesman.model.narrowing import common

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.model.home import Home
    from yesman.package.environments import Environments


class Changes:
    """What every change needs.

    Args:
        home: Where state lives.
        manager: The plugins.
        environments: The environments of dependencies.
        user_home: The user's home folder, by which permissions are compared.

    Attributes:
        one_at_a_time: Held by whoever makes a change.
        held: What plugins are set to.
        derived: What follows from the registry.
    """

    def __init__(
        self, home: Home, manager: PluginManager, environments: Environments, user_home: str
    ) -> None:
        self.one_at_a_time = asyncio.Lock()
        self.held = HeldSettings(manager.registry, manager.settings)
        self.derived = Derived(home, manager, environments)
        self._manager = manager
        self._user_home = user_home
        self._later: set[asyncio.Future[None]] = set()

    def commit(self, name: str, record: Record, settings: dict[str, Any]) -> None:
        """Make record and settings the current ones, at one instant: when the registry is replaced."""
        try:
            known, held = name in self._manager.registry.all(), self.held.of(name)
            key = self._manager.settings.add(name, settings)
            self._manager.registry.put(name, msgspec.structs.replace(record, settings=key))
        finally:
            self.held.keep()
        self.derived.publish()
        changed = {key for key in held | settings if held.get(key) != settings.get(key)}
        if known and changed:
            self._manager.recorder.configured(name, changed)

    async def take_over(self, name: str, new: Record, old: Record | None, held: dict[str, Any]) -> None:
        """Let ``new`` take over from a process of the ``old`` version; if it is not fit, undo the update.

        Args:
            name: The plugin, of which ``new`` has just been committed.
            new: What it is now.
            old: What it was, if it was installed.
            held: What ``old`` was set to.

        Raises:
            YesmanError: It is not, and the old one, with its settings, goes on or is used next.
        """
        if old is None or self._manager.pid(name) is None or not new.activated:
            await self._manager.stop(name)
            return
        try:
            await self._manager.reload(name)
            self.soon(name, self._collect_when_retired(name))
        except YesmanError:
            left = self._manager.registry.granted(name)
            if left != new.granted():  # some were revoked this very moment
                old = old.granting(common(old.granted(), left, self._user_home))
            self.commit(name, old, held)
            await self.collect()
            raise

    async def collect(self) -> None:
        """Remove what no record refers to any more."""
        await self.held.tidy()
        await self.derived.collect()

    def soon(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Do ``work``, which nobody waits for; what keeps it from being done is in the plugin's log."""
        task = asyncio.ensure_future(self._logged(name, work))
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _logged(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except YesmanError as error:
            self._manager.log_of(name).write(logging.ERROR, str(error))

    async def _collect_when_retired(self, name: str) -> None:
        await self._manager.serving.retired(name)
        async with self.one_at_a_time:
            await self.collect()
