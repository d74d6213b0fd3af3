"""A keyring backend for tests, installed by keyring's own means: it keeps all in a file of its user's home.

Each time it also notes how the process around it was started, as whoever lists processes sees it. What
the file ``keyring.mode`` says it does instead: ``locked``, ``hangs``, ``forgets``, or ``talks``.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class Keyring(KeyringBackend):
    """Passwords by ``SERVICE|NAME``."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._file = Path.home() / "keyring.json"
        mode = Path.home() / "keyring.mode"
        self._mode = mode.read_text() if mode.exists() else ""
        seen = b"".join(Path(f"/proc/self/{name}").read_bytes() for name in ("cmdline", "environ"))
        with (Path.home() / "keyring.seen").open("ab") as log:
            log.write(seen)

    def get_password(self, service: str, username: str) -> str | None:
        self._misbehave()
        return self._all().get(f"{service}|{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._misbehave(password)
        if self._mode != "forgets":
            self._write({**self._all(), f"{service}|{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._misbehave()
        self._write({k: v for k, v in self._all().items() if k != f"{service}|{username}"})

    def _misbehave(self, password: str = "") -> None:
        if self._mode == "locked":
            raise KeyringLocked(f"I will not keep {password}")
        if self._mode == "hangs":
            threading.Event().wait()
        if self._mode == "talks":
            sys.stdout.write(f"{password}\n")
            sys.stderr.write(f"{password}\n")

    def _all(self) -> dict[str, str]:
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def _write(self, kept: dict[str, str]) -> None:
        self._file.write_text(json.dumps(kept))
