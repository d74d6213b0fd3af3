"""What a plugin may touch now: its record, the user's roots and the sessions become a policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from yesman.host.settings import read_roots
from yesman.runtime.grants_policy import Places, decide, expand

if TYPE_CHECKING:
    from yesman.host.registry import Record
    from yesman.model.home import Home
    from yesman.runtime.grants_policy import Machine
    from yesman.sandbox.policy import Policy
    from yesman.sessions.service import Sessions


class Confinement:
    """Decides policies anew each time it is asked, because folders and sessions come and go.

    Args:
        home: Where state lives.
        sessions: Their folders are what bare ``filesystem.*`` means unless the user says otherwise.
        machine: Facts the policy rests on.
    """

    def __init__(self, home: Home, sessions: Sessions, machine: Machine) -> None:
        self._home = home
        self._sessions = sessions
        self._machine = machine

    async def policy(self, name: str, record: Record, *, own: Path | None = None) -> Policy:
        """Return what ``record`` may touch now; with ``own``, a real path, its folders are in there."""
        granted = record.granted()
        bare = any(p.name.startswith("filesystem.") and not p.scope for p in granted)
        packages = self._home.environments / record.environment / "site" if record.environment else None
        places = Places(
            code=str(self.code_dir(record).resolve()),
            packages=str(packages.resolve()) if packages else "",
            data=str(own / "data" if own else self._real(self._home.data) / name),
            tmp=str(own / "tmp" if own else self._real(self._home.tmp) / name),
        )
        roots = await self.roots() if bare else ()
        return decide(name, places, granted, roots, self._machine)

    def code_dir(self, record: Record) -> Path:
        """Return where the plugin's own files are."""
        if record.linked:
            return Path(record.source)
        return self._home.store / record.digest.removeprefix("sha256:")

    async def roots(self) -> tuple[str, ...]:
        """Return what bare ``filesystem.*`` means: the user's ``roots``, else the folders of sessions."""
        configured = read_roots(self._home.config)
        if configured is not None:
            return tuple(expand(root, self._machine) for root in configured)
        return tuple(session.cwd for session in await self._sessions.list())

    def _real(self, folder: Path) -> Path:
        return self._home.root.resolve() / folder.name


def ground(policy: Policy) -> str:
    """Return what identifies the granted folders: the kernel grants the one that was there, not its name."""
    return " ".join(_identity(path) for path in (*policy.read, *policy.write))


def _identity(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return "-"
    return f"{found.st_dev}:{found.st_ino}"
