"""The demo's own little world: a temporary home, the commands run in it, and its end.

Whatever happens, leaving the stage closes the sessions, stops the server, ends what is left
and removes the folder; :attr:`Stage.left_over` then names what did not end by itself.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import processes
from console import WIDTH, Console, Failed, warn

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 60.0
"""Seconds that one command may take; an installation may have to fetch a package."""
_GONE = 10.0
_ROOT = Path(__file__).resolve().parents[1]
_DROPPED = ("YESMAN_", "TMUX", "GIT_", "PYTHON", "COLUMNS", "LINES")
_PACKAGE_SETTINGS = (".config/pip", ".config/uv", ".pip", ".netrc")


class Ran(NamedTuple):
    """A command that has ended: exit code, what it printed, and seconds."""

    code: int
    out: str
    err: str
    seconds: float

    def data(self) -> Any:
        """Return what it printed, read as JSON."""
        try:
            return json.loads(self.out)
        except ValueError:
            raise Failed(f"standard output is JSON, but it is {self.out[:200]!r}") from None


class Stage:
    """Where the story plays; nothing of the user's own yesman, tmux or git is touched."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.folder = self.home = Path()
        self.env: dict[str, str] = {}
        self.seen: set[processes.Process] = set()
        self.left_over: list[str] = []
        self.sessions: list[str] = []
        self._lasting: list[subprocess.Popen[bytes]] = []

    def enter(self) -> None:
        """Make the folder and the environment."""
        # A short path: the name of a Unix socket has at most 107 bytes.
        short = "/tmp" if len(tempfile.gettempdir()) > 40 else None  # noqa: S108  # mkdtemp makes it safe
        self.folder = Path(tempfile.mkdtemp(prefix="yesman-demo-", dir=short)).resolve()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.env = _environment(self.folder)
        _lend_package_settings(Path.home(), self.home)

    def leave(self) -> None:
        """End everything and remove the folder, undisturbed; doing it twice does no harm."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if self.folder != Path() and self.folder.is_dir():
            self._put_away()

    def _put_away(self) -> None:
        self.note_processes()
        for name in self.sessions:
            self._quietly("session", "close", name)
        self._quietly("server", "stop")
        for lasting in self._lasting:
            lasting.terminate()
            lasting.communicate()
        everything = self.seen | processes.belonging_to(self.folder)
        stubborn = processes.wait_until_gone(everything, _GONE)
        self.left_over = [f"process {each.pid}" for each in sorted(stubborn)]
        for each in stubborn:
            processes.kill(each)
        processes.wait_until_gone(stubborn, _GONE)
        _remove(self.folder)

    def yesman(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> Ran:
        """Run a command of yesman before the audience; ``code`` is the expected exit code (None: not 0).

        Raises:
            Failed: Another exit code, or an escape sequence although nobody looks by a terminal.
        """
        self.console.command(_short(shlex.join(["yesman", *arguments]), self.folder))
        ran = self._run(_yesman(arguments), cwd, lambda line: self.console.output(_short(line, self.folder)))
        if "\x1b" in ran.out + ran.err:
            raise Failed(f"expected no escape sequence from 'yesman {shlex.join(arguments)}' into a pipe")
        return self._expect(arguments, code, ran)

    def ask(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> Ran:
        """Run a command of yesman behind the scenes."""
        return self._expect(arguments, code, self._run(_yesman(arguments), cwd, None))

    def start(self, *arguments: str, until: str) -> str:
        """Run a command of yesman for as long as the story lasts; return what it says, by a pattern's group.

        Raises:
            Failed: It does not say it.
        """
        self.console.command(_short(shlex.join(["yesman", *arguments]), self.folder))
        lasting = subprocess.Popen(
            _yesman(arguments), cwd=_ROOT, env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self._lasting.append(lasting)
        line = lasting.stderr.readline().decode(errors="replace") if lasting.stderr else ""
        self.console.output(_short(line.rstrip(), self.folder))
        found = re.search(until, line)
        if found is None:
            raise Failed(f"expected that 'yesman {shlex.join(arguments)}' says {until}, not {line!r}")
        return found[1]

    def program(self, *argv: str, cwd: Path | None = None) -> Ran:
        """Run any other program behind the scenes, in the same environment."""
        return self._run(list(argv), cwd, None)

    def status(self) -> dict[str, Any]:
        """Return what the server says of itself."""
        found: dict[str, Any] = self.ask("server", "status", "--json").data()
        return found

    def note_processes(self) -> None:
        """Remember every process of ours that runs now: all must be gone in the end."""
        found = processes.belonging_to(self.folder)
        for each in list(found):
            found |= processes.descendants(each.pid)
        self.seen |= found

    def _quietly(self, *arguments: str) -> None:
        try:
            self._run(_yesman(arguments), None, None)
        except (Failed, OSError) as error:
            warn(f"while cleaning up: {error}")

    def _expect(self, arguments: tuple[str, ...], code: int | None, ran: Ran) -> Ran:
        self.note_processes()
        if (ran.code == 0) if code is None else (ran.code != code):
            wanted = "another exit code than 0" if code is None else f"exit code {code}"
            said = (ran.err or ran.out).strip()[-400:]
            raise Failed(f"expected {wanted} of 'yesman {shlex.join(arguments)}', not {ran.code}: {said}")
        return ran

    def _run(self, argv: list[str], cwd: Path | None, shown: Callable[[str], None] | None) -> Ran:
        began = time.monotonic()
        pipe = subprocess.PIPE
        with subprocess.Popen(
            argv, cwd=cwd or _ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
        ) as process:
            try:
                out, err = _follow(process, shown, began + PATIENCE)
            finally:
                if process.poll() is None:
                    process.kill()
        return Ran(process.returncode, out, err, time.monotonic() - began)


def _follow(
    process: subprocess.Popen[bytes], shown: Callable[[str], None] | None, deadline: float
) -> tuple[str, str]:
    """Read both streams until the process has ended, whoever else still holds them open."""
    streams: tuple[IO[bytes] | None, ...] = (process.stdout, process.stderr)
    kept: dict[int, bytearray] = {}
    rest: dict[int, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            if stream is not None:
                kept[stream.fileno()] = bytearray()
                rest[stream.fileno()] = b""
                selector.register(stream.fileno(), selectors.EVENT_READ)
        out, err = kept
        while selector.get_map():
            ended = process.poll() is not None
            ready = selector.select(0 if ended else 0.05)
            for key, _ in ready:
                chunk = os.read(key.fd, 65536)
                kept[key.fd] += chunk
                *lines, rest[key.fd] = (rest[key.fd] + chunk).split(b"\n")
                if not chunk:
                    selector.unregister(key.fd)
                    lines = [rest[key.fd]] if rest[key.fd] else []
                for line in lines:
                    if shown:
                        shown(line.decode(errors="replace"))
            if ended and not ready:
                break
            if time.monotonic() > deadline:
                raise Failed(f"{process.args!r} was still running after {PATIENCE:.0f} s")
    process.wait(PATIENCE)
    return kept[out].decode(errors="replace"), kept[err].decode(errors="replace")


def _short(text: str, folder: Path) -> str:
    """Show the demo's folder as $DEMO, and paths in the checkout as relative ones."""
    return text.replace(str(folder), "$DEMO").replace(f"{_ROOT}/", "")


def _yesman(arguments: tuple[str, ...]) -> list[str]:
    return [str(Path(sys.executable).parent / "yesman"), *arguments]


def _environment(folder: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    own = {"HOME": str(folder / "home"), "YESMAN_HOME": str(folder / "y"), "COLUMNS": str(WIDTH - 4)}
    return {**env, **quiet, **own}


def _lend_package_settings(real: Path, home: Path) -> None:
    """Let the demo's home use the index, proxy and certificates that the user has set for packages."""
    for name in _PACKAGE_SETTINGS:
        if (real / name).exists():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).symlink_to(real / name)


def _remove(folder: Path) -> None:
    # What was installed is read-only, folders too.
    for path, folders, _ in os.walk(folder):
        for name in folders:
            inner = Path(path, name)
            if not inner.is_symlink():
                inner.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)
