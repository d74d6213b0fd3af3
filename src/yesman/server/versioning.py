"""What a command line may ask about versions of plugins: go back, stay, have those of another machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.syncing import read_lock, steps
from yesman.host.versions import Versions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.installer import Installer
    from yesman.host.manager import PluginManager
    from yesman.server.connection import Request


class RollBack(msgspec.Struct):
    """A plugin."""

    name: str


class Pin(msgspec.Struct):
    """Whether updates leave a plugin alone."""

    name: str
    pinned: bool = True


class Sync(msgspec.Struct):
    """A lock file."""

    file: str


class Versioning:
    """Answers these requests.

    Args:
        manager: The plugins.
        installer: Whose changes these are among.
    """

    def __init__(self, manager: PluginManager, installer: Installer) -> None:
        self._manager = manager
        self._versions = Versions(manager, installer.changes, installer.machine)

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            "plugin.rollback": (RollBack, self._roll_back),
            "plugin.pin": (Pin, self._pin),
            "plugin.differences": (Sync, self._differences),
        }

    async def _roll_back(self, params: RollBack, _request: Request) -> dict[str, Any]:
        done = await self._versions.roll_back(params.name)
        state, reason = self._manager.state(params.name)
        return {"name": params.name, **done, "state": state, "reason": reason}

    async def _differences(self, params: Sync, _request: Request) -> Any:
        wanted = await asyncio.to_thread(read_lock, Path(params.file))
        return msgspec.to_builtins(steps(wanted, self._manager.registry.all()))

    async def _pin(self, params: Pin, _request: Request) -> dict[str, Any]:
        return {"name": params.name, **await self._versions.pin(params.name, pinned=params.pinned)}
