"""A reader at a terminal: a folder, a home of their own, and bash.

What always holds: the folder and the home lie below one new folder in ``/tmp``; the real home is never
touched, and whatever was started is ended by ``close``.
"""

from __future__ import annotations

import codecs
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from yesman.package import remove_tree

PATIENCE = 60.0
AGAIN_SECONDS = 0.3
# What an activated environment has on its path.
PROGRAMS = {"yesman": "-m yesman", "python": ""}
# Makes a terminal the controlling one, as a login does, and then becomes the shell.
LOGIN = "import os, sys; os.login_tty(int(sys.argv[1])); os.execv('/bin/bash', ['bash', '-c', sys.argv[2]])"
# Lines that were written over, as progress is, are not there to be read.
OVERWRITTEN = re.compile(r"[^\n]*\r\x1b\[K")
KEPT = "PATH", "LANG", "LC_ALL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"


class Shell:
    """Runs one command after the other, each where the one before it has left off."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="ym", dir="/tmp")).resolve()
        self.folder = self._root / "work"
        for name in ("work", "home", "bin", "tmp"):
            (self._root / name).mkdir()
        for name, arguments in PROGRAMS.items():
            program = self._root / "bin" / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
            program.chmod(0o755)
        self._left = self._root / "left"
        self._left.write_text(self._surroundings())

    def _surroundings(self) -> str:
        """Return how the first command finds its surroundings, in the form of what it leaves for the next."""
        environ = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            "PATH": f"{self._root}/bin:{os.environ['PATH']}",
            "HOME": str(self._root / "home"),
            "TMPDIR": str(self._root / "tmp"),
            "TERM": "xterm",
            "NO_COLOR": "1",
        }
        exports = [f"export {name}={shlex.quote(value)}\n" for name, value in environ.items()]
        return f"cd {shlex.quote(str(self.folder))}\n{''.join(exports)}"

    def run(self, typed: str, answers: list[tuple[str, str]]) -> str:
        """Type a command on a terminal; return what it showed, with the answers where they were given."""
        left = shlex.quote(str(self._left))
        script = f"source {left}\n{typed}\n{{ printf 'cd %q\\n' \"$PWD\"; export -p; }} >{left}"
        ours, theirs = pty.openpty()
        login = [sys.executable, "-c", LOGIN, str(_plain(theirs)), script]
        process = subprocess.Popen(login, env={}, pass_fds=[theirs])
        os.close(theirs)
        try:
            return _converse(ours, answers)
        finally:
            os.close(ours)  # whoever goes on is told so, as by a terminal that is closed
            process.wait(PATIENCE)

    def close(self) -> None:
        """End every server and session of every home, and remove all."""
        for socket in self._root.rglob("server.sock"):
            environ = {**os.environ, "YESMAN_HOME": str(socket.parent)}
            stop = [self._root / "bin/yesman", "server", "stop"]
            subprocess.run(stop, env=environ, check=True, capture_output=True)
        for socket in self._root.rglob("tmux.sock"):
            subprocess.run(["tmux", "-S", str(socket), "kill-server"], check=False, capture_output=True)
        remove_tree(self._root)


def _plain(terminal: int) -> int:
    """Give the terminal a size, and keep it from repeating what is typed: an answer is shown once."""
    termios.tcsetwinsize(terminal, (24, 80))
    mode = termios.tcgetattr(terminal)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
    return terminal


def _converse(terminal: int, answers: list[tuple[str, str]]) -> str:
    """Read until nobody writes any more, answering questions as they come."""
    shown, seen, waiting = "", 0, list(answers)
    decode = codecs.getincrementaldecoder("utf-8")().decode
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        asked = waiting and shown[seen:].rstrip().endswith(waiting[0][0])
        if asked:  # again and again: what comes before a question is ready is dropped
            os.write(terminal, f"{waiting[0][1]}\n".encode())
        if not select.select([terminal], [], [], AGAIN_SECONDS)[0]:
            continue
        data = _read(terminal)
        if not data:
            return OVERWRITTEN.sub("", shown.replace("\r\n", "\n"))
        if asked:
            shown += f"{waiting.pop(0)[1]}\r\n"
            seen = len(shown)
        shown += decode(data)
    raise AssertionError(f"it goes on, and has shown so far:\n{shown}")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the last one on the other side has gone
        return b""
