"""What the story needs around it: a repository, a key, a listener and a victim, all real."""

from __future__ import annotations

import importlib.util
import random
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
COMMITS = 1_500
_DAY = 86_400
_PEOPLE = (b"Core Team <core@example.org>", b"core <Core@Example.org>", b"Docs Team <docs@example.org>")
_MAILMAP = (
    b"Core Team <core@example.org> <core@example.org>\nRelease Bot <bot@example.org> <ci@example.org>\n"
)
_VICTIM = """
import ctypes, sys
# Where Yama is on, only a process that this one names may trace it.
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1 & 0xFFFFFFFFFFFFFFFF), 0, 0, 0)
print("ready", flush=True)
sys.stdin.read()
"""


def oracle() -> Any:
    """Return the module that asks ``git log`` the same questions (from git-insight's tests)."""
    path = ROOT / "examples" / "git-insight" / "tests" / "history.py"
    spec = importlib.util.spec_from_file_location("git_insight_history", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_repository(folder: Path, git: Any) -> None:
    """Make a Git repository with :data:`COMMITS` commits, merges among them, over ten weeks."""
    git(folder.parent, "init", "--quiet", "--initial-branch=main", str(folder))
    git(folder, "fast-import", "--quiet", "--date-format=raw", stdin=b"".join(_commits()))
    git(folder, "remote", "add", "origin", "https://git.example.org/yesman/demo.git")
    git(folder, "reset", "--quiet", "--hard", "main")


def write_key(home: Path) -> Path:
    """Put a file where a private key would lie."""
    key = home / ".ssh" / "id_ed25519"
    key.parent.mkdir(mode=0o700)
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nnot a real one\n", encoding="ascii")
    key.chmod(0o600)
    return key


class Listener:
    """A TCP listener on this machine that greets and counts who connects."""

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.visits = 0
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return  # closed: the demo is over
            self.visits += 1
            with visitor:
                visitor.sendall(b"hello from the listener\n")


class Victim:
    """A process that lets everybody with its user's rights look into it."""

    def __enter__(self) -> Self:
        argv = [sys.executable, "-I", "-c", _VICTIM]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, start_new_session=True)
        self.pid = self._process.pid
        if self._process.stdout:
            self._process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def _commits() -> Iterator[bytes]:
    rng = random.Random(11)  # noqa: S311  # the same repository every time
    yield b"blob\nmark :1\ndata %d\n%s\n" % (len(_MAILMAP), _MAILMAP)
    seconds = 1_700_000_000
    for number in range(COMMITS):
        mark = 10 + number
        # Some weeks are busier than others; ten of them in all.
        seconds += rng.randrange(140 * _DAY // COMMITS) * (1 + number // 200 % 3) // 2
        author = rng.choices((*_PEOPLE, b"Automation <ci@example.org>"), (8, 3, 2, 4))[0]
        zone = rng.choice((b"+0000", b"+0530", b"-0330", b"-0800"))
        yield b"commit refs/heads/main\nmark :%d\nauthor %s %d %s\n" % (mark, author, seconds, zone)
        yield b"committer Core Team <core@example.org> %d +0000\ndata 6\nchange\n" % seconds
        if number % 7 == 6:  # a side branch of one commit, merged
            yield b"from :%d\nmerge :%d\n" % (mark - 2, mark - 1)
        yield b"M 100644 :1 .mailmap\n\n"
