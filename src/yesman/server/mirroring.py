"""What a command line may ask about mirrors: to copy a registry, with all that its plugins require.

What always holds: what the mirror says changes at one instant, after everything is there that it then names.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.market import mirrors
from yesman.market.questions import PARTIAL
from yesman.model.errors import UsageError
from yesman.package.index_files import user_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from yesman.market.client import MarketClient
    from yesman.package.environments import Environments
    from yesman.package.uv import Wheel
    from yesman.server.connection import Request

PROGRESS_SECONDS: Final = 0.25
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class MirrorTo(msgspec.Struct):
    """A registry ("" for the only one) to copy to a folder: all of it, or some plugins."""

    to: str
    registry: str = ""
    plugins: tuple[str, ...] = ()
    every: bool = False
    requirements: bool = True


class Mirroring:
    """Answers these requests.

    Args:
        client: Asks registries.
        environments: Knows which wheels a lock leads to.
    """

    def __init__(self, client: MarketClient, environments: Environments) -> None:
        self._client = client
        self._environments = environments

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {"market.mirror": (MirrorTo, self._mirror)}

    async def _mirror(self, params: MirrorTo, request: Request) -> dict[str, Any]:
        registries, to = self._client.registries, Path(params.to)
        if not to.is_absolute():
            raise UsageError(f"the path {params.to!r} is not absolute")
        name = params.registry or registries.only()
        request.progress("asking the registry")
        with TemporaryDirectory(prefix="yesman-mirror-") as locks, _shown(to, request):
            done = await self._client.mirror(name, to, Path(locks), params.plugins, every=params.every)
            files = await self._wheels(Path(locks), request) if params.requirements else ()
            size = await self._fetched(files, to)
            await asyncio.to_thread(mirrors.commit, to, done.timestamp)
        told = {key: value for key, value in msgspec.to_builtins(done).items() if key != "timestamp"}
        about = {"registry": name, "folder": str(to), "fingerprint": registries.get(name).fingerprint}
        return about | told | {"wheels": len(files), "wheel_bytes": size}

    async def _wheels(self, locks: Path, request: Request) -> tuple[Wheel, ...]:
        """Return what the plugins require; of two files with one name only one can be in a folder."""
        found: dict[str, Wheel] = {}
        files = await asyncio.to_thread(lambda: sorted(locks.iterdir()))
        for number, lock in enumerate(files, start=1):
            request.progress(f"looking for what plugins require: {number} of {len(files)}")
            text = await asyncio.to_thread(lock.read_text, "ascii")
            for wheel in await self._environments.wheels(text):
                if found.setdefault(wheel.name, wheel).sha256 != wheel.sha256:
                    raise UsageError(
                        f"two plugins require files called {wheel.name} that are not the same",
                        "Make a mirror for each of them",
                    )
        return tuple(found.values())

    async def _fetched(self, files: tuple[Wheel, ...], to: Path) -> int:
        if not files:
            return 0
        settings = user_settings(os.environ).env
        proxies = {key: settings[key] for key in (*_PROXIES, *map(str.lower, _PROXIES)) if key in settings}
        return await self._client.fetch_wheels(files, to / mirrors.WHEELS, proxies)


@contextlib.contextmanager
def _shown(to: Path, request: Request) -> Iterator[None]:
    """Tell a command line how far copying is, while it goes on."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            if line := await asyncio.to_thread(_progress, to):
                request.progress(line)

    task = asyncio.ensure_future(tell())
    try:
        yield
    finally:
        task.cancel()


def _progress(to: Path) -> str:
    with contextlib.suppress(OSError):  # something was renamed meanwhile
        patterns = ("packages/*", "packages/.*/*", f"{mirrors.WHEELS}/*")
        files = [file for pattern in patterns for file in to.glob(pattern)]
        begun = sum(file.stat().st_size for file in files if file.name.endswith(PARTIAL))
        whole = sum(file.suffix in {".yplug", ".whl"} for file in files)
        return f"copying: {whole} packages are there, {begun / 1_000_000:.1f} MB of the next"
    return ""
