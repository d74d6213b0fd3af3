"""What a plugin may touch now: its record, the user's roots and the sessions become a policy."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman.host.user_config import ConfigFile
from yesman.model.errors import PlatformError
from yesman.model.limit_settings import limits_with
from yesman.runtime.grants_policy import Machine, Places, decide, expand, why_refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.host.registry import Record
    from yesman.model.home import Home
    from yesman.model.limits import Limits
    from yesman.sandbox.policy import Policy
    from yesman.sessions.service import Sessions


NOT_THERE: Final = "-"
"""Stands for a granted folder that is not there; nothing was granted then."""


class Confinement:
    """Decides policies anew each time it is asked, because folders and sessions come and go.

    Args:
        home: Where state lives.
        sessions: Their folders are what bare ``filesystem.*`` means unless the user says otherwise.
        machine: Facts the policy rests on.

    Attributes:
        config: The user's configuration.
    """

    def __init__(self, home: Home, sessions: Sessions, machine: Machine) -> None:
        self._home = home
        root = home.root.resolve()
        self._environments, self._data = str(home.environments.resolve()), str(root / home.data.name)
        self._tmp, self._store = str(root / home.tmp.name), str(root / home.store.name)
        self._sessions = sessions
        self._machine = machine
        self.config = ConfigFile(home.config)

    async def policy(self, name: str, record: Record, *, own: Path | None = None) -> Policy:
        """Return what ``record`` may touch now; with ``own``, a real path, its folders are in there."""
        granted = record.granted()
        bare = any(p.name.startswith("filesystem.") and not p.scope for p in granted)
        places = Places(
            code=self._code(record),
            packages=f"{self._environments}/{record.environment}/site" if record.environment else "",
            data=str(own / "data") if own else f"{self._data}/{name}",
            tmp=str(own / "tmp") if own else f"{self._tmp}/{name}",
        )
        roots = await self.roots() if bare else ()
        return decide(name, places, granted, roots, self._machine, limits=self.limits(name))

    def limits(self, name: str) -> Limits:
        """Return what plugin ``name`` may use: the defaults, with what the user changed.

        Raises:
            UsageError: The user's configuration is malformed.
        """
        return limits_with(self.config.read().limits.get(name, {}))

    def code_dir(self, record: Record) -> Path:
        """Return where the plugin's own files are."""
        return Path(self._code(record))

    def _code(self, record: Record) -> str:
        return record.source if record.linked else f"{self._store}/{record.digest.removeprefix('sha256:')}"

    async def roots(self) -> tuple[str, ...]:
        """Return what bare ``filesystem.*`` means: the user's ``roots``, else the folders of sessions.

        Sessions that plugins made do not count, nor do folders that cannot be granted at all.
        """
        configured = self.config.read().roots
        chosen = await self._sessions.folders() if configured is None else configured
        return await asyncio.to_thread(grantable, chosen, self._machine)


def this_machine(home: Home, environment: Mapping[str, str]) -> Machine:
    """Return the facts about this machine that policies rest on."""
    folders = [os.path.realpath(f) for f in environment.get("PATH", "").split(":") if f.startswith("/")]
    names = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
    return Machine(
        home=os.path.realpath(environment.get("HOME") or "/nonexistent"),
        state=os.path.realpath(home.root),
        search_path=tuple(dict.fromkeys(folders)),
        locale=tuple((name, environment[name]) for name in names if environment.get(name)),
    )


def grantable(folders: Iterable[str], machine: Machine) -> tuple[str, ...]:
    """Return the absolute paths of those of ``folders`` that a plugin may be let into."""
    paths = (expand(folder, machine) for folder in folders)
    return tuple(path for path in paths if not why_refused(path, machine, writes=False))


def make_folders(policy: Policy) -> None:
    """Make the folders that a plugin calls its own.

    Raises:
        PlatformError: One cannot be made.
    """
    try:
        for folder in (Path(policy.data), Path(policy.tmp)):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise PlatformError(
            f"{folder} cannot be made: {error.strerror}", "Mend it, then try again"
        ) from error


def ground(policy: Policy) -> str:
    """Return what identifies the granted folders: the kernel grants the one that was there, not its name."""
    return " ".join(_identity(path) for path in (*policy.read, *policy.write, *policy.execute))


def _identity(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return NOT_THERE
    return f"{found.st_dev}:{found.st_ino}"
