"""Environments for tests: what requirements led to is kept, and used again without asking an index.

What always holds: an environment that somebody uses is never taken away under them; nothing here is ever
collected. The folder is a cache: whoever deletes it loses time.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman.model.errors import VerificationError
from yesman.package.environments import Environments
from yesman.package.lock import check_covers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from yesman.package.environments import Environment


ENVIRONMENTS: Final = "envs"
"""The folder below the root that they lie in."""


class KeptEnvironments(Environments):
    """See the module; arguments as :class:`Environments` has them, all folders below ``root``."""

    def __init__(
        self,
        root: Path,
        python: Path,
        *,
        environ: Mapping[str, str] | None = None,
        compile: Callable[[Path, Path], Awaitable[None]] | None = None,  # noqa: A002 - what it does
    ) -> None:
        super().__init__(root / ENVIRONMENTS, root / "cache", python, environ=environ, compile=compile)
        self._locks = root / "locks"

    async def ensure(
        self,
        requirements: Sequence[str],
        *,
        report: Callable[[str], None],
        lock: str | None = None,
        wheels: Path | None = None,
    ) -> Environment | None:
        """Return the environment for ``requirements``, that of the last time if there was one."""
        file = self._locks / f"{_key(requirements)}.txt"
        known = lock or _read(file, requirements)
        made = await super().ensure(requirements, report=report, lock=known, wheels=wheels)
        if made is not None and lock is None:
            _keep(file, made.lock)
        return made

    def forget(self, requirements: Sequence[str]) -> None:
        """Let the next :meth:`ensure` ask the index what there is now."""
        (self._locks / f"{_key(requirements)}.txt").unlink(missing_ok=True)

    def collect(self, used: Iterable[str]) -> list[str]:  # noqa: ARG002 - nothing is
        """Remove nothing: other tests may be using it."""
        return []


def _key(requirements: Sequence[str]) -> str:
    about = "\n".join((sys.version, *requirements))
    return hashlib.sha256(about.encode()).hexdigest()[:32]


def _read(file: Path, requirements: Sequence[str]) -> str | None:
    with suppress(OSError, UnicodeError, VerificationError):
        lock = file.read_text("utf-8")
        check_covers(lock, requirements)
        return lock
    return None


def _keep(file: Path, lock: str) -> None:
    with suppress(OSError):  # then it is resolved again next time
        if file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        number, name = tempfile.mkstemp(dir=file.parent)
        with os.fdopen(number, "w", encoding="utf-8") as written:
            written.write(lock)
        Path(name).replace(file)
