"""Somebody who types: the real command line against a real server, with and without a terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosted.scans import share_scans
from yesman.package import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PATIENCE = 30.0
YESMAN = [sys.executable, "-m", "yesman"]
# Makes a terminal the controlling one, as a login does, and then becomes the command.
LOGIN = "import os, sys; os.login_tty(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"


class Tty:
    """A command on a terminal of its own, as its user sees it."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (24, 80))
        program = [sys.executable, "-c", LOGIN, str(theirs), *command]
        self.process = subprocess.Popen(program, env=environ, cwd="/", pass_fds=[theirs])
        os.close(theirs)
        self.shown = ""

    def read_until(self, text: str) -> str:
        """Return everything shown once it holds ``text``."""
        assert self.read_for(lambda: text in self.shown, PATIENCE), (
            f"{text!r} was not shown in {self.shown!r}"
        )
        return self.shown

    def read_for(self, met: Callable[[], bool], seconds: float) -> bool:
        """Read until ``met()`` is true, nobody writes any more, or the time is over; return ``met()``."""
        deadline = time.monotonic() + seconds
        while not met() and time.monotonic() < deadline:
            if select.select([self._ours], [], [], 0.1)[0] and not self._read():
                break
        return met()

    def _read(self) -> bool:
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the last one on the other side has gone
            return False
        self.shown += data.decode()
        return bool(data)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def type_until(self, answer: str, text: str) -> None:
        """Type ``answer`` until ``text`` is shown: what comes before a question is ready is dropped."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} was not shown in {self.shown!r}"
            with suppress(OSError):
                self.type(answer)
            if select.select([self._ours], [], [], 0.3)[0] and not self._read():
                break
        assert text in self.shown, self.shown

    def interrupt(self) -> int:
        """Press Ctrl-C at a question until the command ends; return its exit code.

        What comes before a question is ready is thrown away, and a Ctrl-C with it.
        """
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"Ctrl-C does not end it: {self.shown!r}"
            with suppress(OSError):
                self.type("\x03")
            self.read_for(lambda: self.process.poll() is not None, PATIENCE / 6)
        return self.end()

    def end(self) -> int:
        """Read to the end; return the exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Take the terminal away, and end what still runs on it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1


class Desk:
    """Somebody's machine: a home, and commands to type, each of which may take ``patience`` seconds.

    Args:
        home: Where the state of yesman lies.
        user: The user's own folder.
        program: What is typed before the arguments.
    """

    patience = PATIENCE

    def __init__(self, home: Path, user: Path, program: Sequence[str] = YESMAN) -> None:
        self.home = home
        self.program = program
        self.environ = {
            "YESMAN_HOME": str(home),
            "HOME": str(user),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "SHELL": "/bin/sh",
            "TERM": "xterm",
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
        }
        self._terminals: list[Tty] = []
        self._servers: list[subprocess.Popen[bytes]] = []

    def yesman(
        self, *arguments: str, typed: str | None = None, code: int | None = 0, **changed: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command without a terminal; ``code`` is the exit code it must have."""
        ran = subprocess.run(
            [*self.program, *arguments],
            env=self.environ | changed,
            cwd="/",
            **({"stdin": subprocess.DEVNULL} if typed is None else {"input": typed}),
            capture_output=True,
            text=True,
            timeout=self.patience,
            check=False,
        )
        assert code is None or ran.returncode == code, ran
        return ran

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[str]:
        """Start a command without a terminal, to talk with."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*self.program, *arguments], env=self.environ, cwd="/", text=True, **(pipes | settings)
        )

    def terminal(self, *arguments: str, **changed: str) -> Tty:
        """Start a command on a terminal."""
        self._terminals.append(Tty([*self.program, *arguments], self.environ | changed))
        return self._terminals[-1]

    def plugin(self, name: str, source: str, manifest: str = "", commands: tuple[str, ...] = ()) -> Path:
        """Make a plugin's folder."""
        folder = Path(self.environ["HOME"]) / name
        (folder / "src").mkdir(parents=True, exist_ok=True)
        listed = "".join(f"      - name: {command}\n        description: x\n" for command in commands)
        provides = f"provides:\n  - commands:\n{listed}" if commands else ""
        (folder / "plugin.yaml").write_text(f"name: {name}\nversion: 1.0.0\n{provides}{manifest}")
        (folder / "src/main.py").write_text(source)
        return folder

    def server_pids(self) -> list[int]:
        """Return the processes that are servers of this home."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (process / "cmdline").read_bytes()
                environ = (process / "environ").read_bytes().split(b"\0")
                if b"yesman.server" in command and f"YESMAN_HOME={self.home}".encode() in environ:
                    found.append(int(process.name))
        return found

    def kill_server(self) -> None:
        """Kill the server, and wait until its process is gone."""
        (pid,) = self.server_pids()
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while pid in self.server_pids():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def start_server_of_version(self, version: str) -> int:
        """Start a real server that says it is of another version; return its pid."""
        program = (
            f"import yesman; yesman.__version__ = {version!r}; import yesman.server.main as m; m.main([])"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program], env=self.environ, cwd="/", start_new_session=True
        )
        self._servers.append(process)
        deadline = time.monotonic() + PATIENCE
        while not (self.home / "server.sock").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return process.pid

    def close(self) -> None:
        """End everything."""
        for terminal in self._terminals:
            terminal.close()
        for pid in self.server_pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while self.server_pids():
            assert time.monotonic() < deadline, "the server does not end"
            time.sleep(0.01)
        for server in self._servers:
            server.wait(PATIENCE)
        kill = ["tmux", "-S", str(self.home / "tmux.sock"), "kill-server"]
        subprocess.run(kill, check=False, capture_output=True)


@contextmanager
def desk_of(user: Path, program: Sequence[str] = YESMAN, home: Path | None = None) -> Iterator[Desk]:
    """Give a machine where nothing was started yet; end what was, and remove its state."""
    home = home or Path(tempfile.mkdtemp(prefix="ymc", dir="/tmp"))  # short, because sockets must be
    share_scans(home)
    desk = Desk(home, user, program)
    try:
        yield desk
    finally:
        desk.close()
        if home.exists():
            remove_tree(home)
