"""Read-only environments of dependencies, one per lock, shared by the plugins that have it.

An environment is ``<root>/<digest>/`` with ``lock.txt`` and ``site/``. It is made in a
staging folder, sealed (no write bit anywhere, everything durable) and renamed into
place, so a process killed at any moment leaves a whole environment or none. Once there
it is never changed, only removed as a whole by :meth:`Environments.collect`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path  # noqa: TC003 - msgspec reads the annotations of Environment
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from yesman.model.errors import AuthorError, NotFoundError, PlatformError, YesmanError
from yesman.model.plain_text import shown
from yesman.package.lock import check_covers, environment_digest, packages_of
from yesman.package.staging import discard, publish, staging, sweep
from yesman.package.trees import remove_tree
from yesman.package.uv import Uv

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from yesman.package.uv import Wheel

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_T = TypeVar("_T")


class Environment(msgspec.Struct, frozen=True):
    """Dependencies ready to be used.

    Attributes:
        digest: Its name: 64 hexadecimal digits over lock, Python and platform.
        path: The folder for ``site.addsitedir``; read-only.
        packages: ``name==version`` of all that is in it.
        lock: The lock's text; given back to :meth:`Environments.ensure`, it makes the same
            environment again, without asking an index while the wheels are cached.
    """

    digest: str
    path: Path
    packages: tuple[str, ...]
    lock: str


class Environments:
    """All environments below one folder.

    Args:
        root: The folder they live in, made when needed.
        cache: uv's cache; best on the same file system, so that files can be linked.
        python: The interpreter they are for: the host's base.
        environ: Where the user's index, proxy and certificate settings are read; ``None`` is ours.
        compile: Writes bytecode into a folder of packages, given a scratch folder, in a sandbox.
    """

    def __init__(
        self,
        root: Path,
        cache: Path,
        python: Path,
        *,
        environ: Mapping[str, str] | None = None,
        compile: Callable[[Path, Path], Awaitable[None]] | None = None,  # noqa: A002 - what it does
    ) -> None:
        self._root = root
        self._compile = compile
        self._uv = Uv(cache, python, os.environ if environ is None else environ)
        self._platform = ""

    async def ensure(
        self,
        requirements: Sequence[str],
        *,
        report: Callable[[str], None],
        lock: str | None = None,
        wheels: Path | None = None,
    ) -> Environment | None:
        """Return the environment for ``requirements``, making it if it is not there.

        Args:
            requirements: As :func:`yesman.package.requirements.requirements_of` returns them.
            report: Called with short lines about what is going on.
            lock: The lock recorded at an earlier install: nothing is resolved anew then.
            wheels: A folder that has all wheels of ``lock``: no index is asked then.

        Returns:
            ``None`` when there are no requirements.

        Raises:
            AuthorError: The requirements cannot be satisfied, or only from source.
            RemoteError: The package index cannot be asked.
            VerificationError: A file is not what was locked, or ``lock`` does not fit.
            UsageError: The user's pip.conf or uv.toml is malformed.
            PlatformError: This machine is at fault (disk, permissions, uv).
        """
        if not requirements:
            return None
        if lock is not None:
            check_covers(lock, requirements)
        with _explained(self._root):
            self._platform = self._platform or await self._uv.platform()
            return await self._ensure(requirements, lock, report, wheels)

    async def wheels(self, lock: str) -> tuple[Wheel, ...]:
        """Return the wheels that ``lock`` leads to on this machine, which the index is asked for.

        Raises:
            YesmanError: As :meth:`yesman.package.uv.Uv.wheels`.
        """
        with _explained(self._root), staging(self._root) as work:
            return await self._uv.wheels(work, lock)

    async def _ensure(
        self,
        requirements: Sequence[str],
        recorded: str | None,
        report: Callable[[str], None],
        wheels: Path | None,
    ) -> Environment:
        if recorded is not None and (there := self._found(recorded)):
            return there
        with staging(self._root) as stage:
            work = stage / "work"
            work.mkdir()
            lock = recorded
            if lock is None:
                report(f"resolving {_counted(len(requirements), 'requirement')}")
                lock = await self._uv.lock(work, requirements)
            made = self._described(lock)
            if not made.path.is_dir():
                report(f"installing {_counted(len(made.packages), 'package')}")
                await self._fill(stage, lock, wheels, cached=recorded is not None)
                await self._compile_in(stage, report)
                await _to_the_end(lambda: _finish(stage, lock, made.path.parent))
            return made

    async def _fill(self, stage: Path, lock: str, wheels: Path | None, *, cached: bool) -> None:
        """Install; a recorded lock first from the cache alone, so that no network is needed."""
        target = stage / "site"
        target.mkdir()
        if cached:
            try:
                await self._uv.install(stage / "work", lock, target, offline=True)
            except YesmanError:  # whatever is wrong, asking the index either mends it or says it better
                remove_tree(target)
                target.mkdir()
            else:
                return
        try:
            await self._uv.install(stage / "work", lock, target, wheels=wheels)
        except AuthorError as error:
            if wheels is None:
                raise
            raise NotFoundError(
                f"{wheels} lacks something that the plugin requires on this machine: {error.message}",
                "Make the mirror on a machine with the same processor and the same Python as this one",
            ) from error

    async def _compile_in(self, stage: Path, report: Callable[[str], None]) -> None:
        if self._compile is None:
            return
        report("compiling them")
        scratch = stage / "scratch"
        scratch.mkdir()
        with suppress(YesmanError):  # imports are slower without bytecode, not wrong
            await self._compile(stage / "site", scratch)
        remove_tree(scratch)

    def collect(self, used: Iterable[str]) -> list[str]:
        """Remove every environment whose digest is not in ``used``, and what killed processes left.

        The caller sees to it that no environment is being handed out meanwhile: one that
        :meth:`ensure` returned counts as used from then on.

        Returns:
            The digests removed.

        Raises:
            PlatformError: Something cannot be removed.
        """
        kept = frozenset(used)
        with _explained(self._root):
            sweep(self._root)
            found = {path.name for path in self._root.iterdir()} if self._root.is_dir() else set()
            removed = sorted(name for name in found - kept if _DIGEST.fullmatch(name))
            for name in removed:
                discard(self._root / name)
        return removed

    def _found(self, lock: str) -> Environment | None:
        described = self._described(lock)
        return described if described.path.is_dir() else None

    def _described(self, lock: str) -> Environment:
        digest = environment_digest(lock, self._platform)
        return Environment(digest, self._root / digest / "site", packages_of(lock), lock)


def _finish(stage: Path, lock: str, target: Path) -> None:
    remove_tree(stage / "work")
    (stage / "lock.txt").write_text(lock)
    publish(stage, target)


async def _to_the_end(work: Callable[[], _T]) -> _T:
    """Run blocking ``work`` in a thread; when cancelled, still wait for its end.

    Otherwise the staging folder would be taken away under the thread that publishes it.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = shown(str(error.filename or root), 200)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise PlatformError(
                "The disk is full; nothing was installed", "Free some space and try again"
            ) from error
        raise PlatformError(
            f"{where} cannot be changed: {error.strerror}",
            "Correct the owner and permissions of yesman's folder",
        ) from error
