"""The program as its user runs it, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.package import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent.parent
PLUGIN = HERE / "plugins" / "notes-report"


class User:
    """Somebody with a home, who types."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._environ = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE / "src"),
            "PIP_NO_INDEX": "1",
        }

    def notes(self, *words: str, typed: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the program, which must end with ``code``."""
        return self._run("notes", *words, typed=typed, code=code)

    def _run(self, program: str, *words: str, typed: str, code: int) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, "-m", program, *words],
            env=self._environ,
            cwd="/",
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == code, ran
        return ran

    def leave(self) -> None:
        """End the server, if one was started."""
        self._environ["YESMAN_HOME"] = str(self.home / ".notes")
        self._run("yesman", "server", "stop", typed="", code=0)


@pytest.fixture(scope="session")
def user() -> Iterator[User]:
    """Somebody who has the program and one plugin for it."""
    home = Path(tempfile.mkdtemp(prefix="yen", dir="/tmp")).resolve()  # short, because sockets must be
    someone = User(home)
    try:
        (home / "notes").mkdir()
        someone.notes("plugin", "install", str(PLUGIN), "--yes")
        yield someone
    finally:
        someone.leave()
        remove_tree(home)
