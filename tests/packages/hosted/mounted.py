"""A server whose home is a file system of its own, so that it can be full or read-only."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosted.server import Server
from yesman.model.home import Home

if TYPE_CHECKING:
    from collections.abc import Iterator


class Mounted(Server):
    """A server that sees a file system of its own where its home is; nobody else does."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        super().__init__(home, environ)
        self.inside = home

    def start(self, options: str = "size=8m", *, script: str = "") -> dict[str, Any] | None:  # type: ignore[override]
        """Start with a tmpfs mounted with ``options``; ``script`` runs before the server, $0 is the home."""
        lines = f'mount -t tmpfs -o mode=700,{options} none "$0"; {script}\nexec "$@"'
        # A plain user may mount only as the root of a user namespace of its own.
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        failure = super().start("unshare", *user, "--mount", "sh", "-ec", lines, str(self.inside))
        self.home = Home(Path(f"/proc/{self.pid}/root{self.inside}"))
        return failure

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Mount the home over itself, without the right to write."""
        self._mount("mount --bind $0 $0 && mount -o remount,bind,ro $0")
        try:
            yield
        finally:
            self._mount("umount $0")

    def _mount(self, script: str) -> None:
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        enter = ["nsenter", "--target", str(self.pid), "--mount", *user]
        subprocess.run([*enter, "sh", "-ec", script, str(self.inside)], check=True)

    @contextmanager
    def nearly_full(self, room: int) -> Iterator[None]:
        """Leave so many bytes free."""
        filler = self.home.root / "filler"
        free = os.statvfs(self.home.root)
        filler.write_bytes(bytes(max(0, free.f_bavail * free.f_bsize - room)))
        try:
            yield
        finally:
            filler.unlink()
