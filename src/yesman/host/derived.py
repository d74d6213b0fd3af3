"""What follows from the registry and can be made again from it: index, links, and no leftovers.

Nothing here can undo or half-do a change: whatever is missing or left over after a failure is
mended by the next change, or by the next start of the server.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Any

from yesman import durable
from yesman.host.contributions import typed_names
from yesman.host.index import CommandIndex, compile_index
from yesman.model.errors import YesmanError
from yesman.package.staging import discard

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.host.manager import PluginManager
    from yesman.model.home import Home
    from yesman.package.environments import Environments

_log = logging.getLogger(__name__)


class Derived:
    """Keeps the rest of the home in line with the registry.

    Args:
        home: Where state lives.
        manager: Knows the registry and what is in use.
        environments: The environments of dependencies.
    """

    def __init__(self, home: Home, manager: PluginManager, environments: Environments) -> None:
        self._home = home
        self._manager = manager
        self._environments = environments

    def typed(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return what :func:`yesman.host.contributions.typed_names` says of the plugins installed now."""
        return typed_names(self._manager.registry.all())

    def publish(self) -> None:
        """Write what follows from the registry: the command index and the links in ``plugins/``.

        The change itself stands by now, so what cannot be written is only logged: the next change
        and the next start of the server try again.
        """
        try:
            self._write_index()
            self._write_links()
        except YesmanError as error:
            _log.error("%s", error)

    def _write_index(self) -> None:
        try:
            found = self._home.registry.stat()
            stamp = f"{found.st_mtime_ns}-{found.st_ino}"  # two changes may share a tick of the clock
        except FileNotFoundError:
            stamp = "0"
        if CommandIndex.read(self._home.index).stamp != stamp:
            durable.write(self._home.index, compile_index(self.typed(), stamp))

    def _write_links(self) -> None:
        with durable.explained(self._home.plugins):
            self._home.plugins.mkdir(parents=True, exist_ok=True, mode=0o700)
            records = self._manager.registry.all()
            for entry in self._home.plugins.iterdir():
                if entry.is_symlink() and entry.name not in records:
                    entry.unlink()
            for name, record in records.items():
                _point(self._home.plugins / name, self._manager.code_dir(record))

    async def collect(self) -> None:
        """Remove contents and environments that nothing refers to any more; later, if that fails now."""
        try:
            await self._collect()
        except YesmanError as error:
            _log.error("%s", error)

    async def _collect(self) -> None:
        current = self._manager.registry.all().values()
        records = [record for now in current for record in (now, now.previous) if record]
        in_use = {part for path in self._manager.in_use() for part in path.parts[-2:]}
        kept = {record.digest.removeprefix("sha256:") for record in records} | in_use
        if self._home.store.is_dir():
            for entry in self._home.store.iterdir():
                if entry.name not in kept and not entry.name.startswith("."):
                    with durable.explained(entry):
                        await asyncio.to_thread(discard, entry)
        used = {record.environment for record in records if record.environment} | in_use
        await asyncio.to_thread(self._environments.collect, used)


def _point(link: Path, target: Path) -> None:
    """Make ``link`` a symbolic link to ``target``, atomically; a real folder there is left alone."""
    if link.is_symlink() and link.readlink() == target:
        return
    if link.exists() and not link.is_symlink():
        return
    stage = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    stage.symlink_to(target)
    stage.replace(link)
