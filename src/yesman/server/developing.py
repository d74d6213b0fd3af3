"""Answers what authors of plugins ask: to have one reloaded, once or at every change of its folder."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.model.errors import PlatformError, UsageError, YesmanError
from yesman.model.plain_text import shown
from yesman.package.folder import digest_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from yesman.host.activity import Feed
    from yesman.host.installer import Installer
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.server.connection import Request

STEP_MS: Final = 5
"""Without another change for so long, a change is complete: editors write, rename and touch in one go."""
LONGEST_MS: Final = 100
MENDED_SECONDS: Final = 0.5
"""Between two looks whether a folder that cannot be watched has become one that can."""
INSTALLED: Final = frozenset({"plugin.yaml", "requirements.txt", "requirements.lock"})
"""Files whose changes are more than code: the user may have to agree, packages to be fetched."""


class Name(msgspec.Struct):
    """One plugin."""

    name: str


class Develop(msgspec.Struct):
    """A plugin to work on; ``asked`` are permissions that the user was asked about already."""

    name: str
    ask: bool = False
    asked: tuple[str, ...] = ()


class Developing:
    """Answers it.

    Args:
        manager: The plugins.
        installer: Keeps the index of what a plugin contributes in line with its code.
    """

    def __init__(self, manager: PluginManager, installer: Installer) -> None:
        self._manager = manager
        self._installer = installer
        self.methods: dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]] = {
            "plugin.reload": (Name, self._reload),
            "plugin.develop": (Develop, self._develop),
        }

    async def _reload(self, params: Name, _request: Request) -> dict[str, Any]:
        reloaded = (await self._manager.reload(params.name))._asdict()
        await self._installer.refresh(params.name)
        return reloaded

    async def _develop(self, params: Develop, request: Request) -> dict[str, Any]:
        """Reload a linked plugin at every change of its folder, and tell what it does, as JSON lines.

        Returns:
            What the user has to decide before this goes on: ``{"needs": "install"}`` when more than code has
            changed, ``{"needs": "grant", "permission": …}`` when it was refused something it asks for.
        """
        record = self._manager.registry.get(params.name)
        if not record.linked:
            raise UsageError(
                f"plugin '{params.name}' is not linked to a folder, so there is nothing to watch",
                "Give the folder: yesman plugin dev DIR",
            )
        with self._worked_on(params.name), self._manager.recorder.activity.follow(params.name) as feed:
            needs: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
            tasks = (
                asyncio.ensure_future(self._tell(feed, params, record, request, needs)),
                asyncio.ensure_future(self._watch(feed, params.name, record, needs)),
            )
            try:
                waited: set[asyncio.Future[Any]] = {needs, *tasks}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
            failed = [error for error in ended if isinstance(error, Exception)]
            if failed and not needs.done():
                raise failed[0]
            return await needs

    @contextmanager
    def _worked_on(self, name: str) -> Iterator[None]:
        eager = self._manager.serving.templates.eager
        eager.add(name)
        try:
            yield
        finally:
            eager.discard(name)

    async def _tell(
        self,
        feed: Feed,
        params: Develop,
        record: Record,
        request: Request,
        needs: asyncio.Future[dict[str, Any]],
    ) -> None:
        # What a plugin was refused is its own word: only what its manifest asks for is put to the user.
        left = {*map(str, record.parsed_manifest().permissions)} - {*params.asked} if params.ask else set()
        while True:
            for note in await feed.take():
                if note["kind"] == "denial":
                    note["grant"] = self._manager.grant_for(params.name, note["what"])
                request.output("out", msgspec.json.encode(note) + b"\n")
                if note.get("grant") in left and not needs.done():
                    needs.set_result({"needs": "grant", "permission": note["grant"]})
            await request.drained()

    async def _watch(
        self, feed: Feed, name: str, record: Record, needs: asyncio.Future[dict[str, Any]]
    ) -> None:
        from watchfiles import awatch  # noqa: PLC0415 - brings anyio, and few people ever need it

        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it logs each change
        if not await asyncio.to_thread(_can_be_watched, Path(record.source)):
            await self._renew(feed, name)  # tells why
            while not await asyncio.to_thread(_can_be_watched, Path(record.source)):  # noqa: ASYNC110 - it is not watched yet
                await asyncio.sleep(MENDED_SECONDS)
        await self._renew(feed, name)
        try:
            async for changes in awatch(record.source, step=STEP_MS, debounce=LONGEST_MS):
                if any(path.rpartition("/")[2] in INSTALLED for _, path in changes):
                    if not needs.done():
                        needs.set_result({"needs": "install"})
                    return
                await self._renew(feed, name)
        except (OSError, RuntimeError) as error:  # it was moved away, or there are too many folders in it
            raise PlatformError(
                f"{record.source} cannot be watched: {shown(str(error), 200)}",
                "See 'sysctl fs.inotify'; it must still be there",
            ) from error

    async def _renew(self, feed: Feed, name: str) -> None:
        """Reload the plugin if its files are others than those that it runs on, and tell what came of it."""
        try:
            if await self._manager.serving.is_current(name):
                return
            reloaded = await self._manager.reload(name)
            await self._installer.refresh(name)
        except YesmanError as error:
            feed.put(
                "failed", error.message, next_step=error.next_step, traceback=getattr(error, "traceback", "")
            )
        else:
            feed.put("reloaded", name, **reloaded._asdict())


def _can_be_watched(folder: Path) -> bool:
    """Tell whether a folder is as a plugin's must be: watching follows links, wherever they lead."""
    try:
        digest_folder(folder)
    except YesmanError:
        return False
    return True
