"""Starts the server on first need.

What always holds: however many command lines start one at the same time, all end up with a
connection to the same server, because the server itself decides by a lock who may run; and a
server that does not come up is explained by one sentence.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.cli.client import Connection, dial
from yesman.cli.failures import ServerFailureError
from yesman.model.errors import PlatformError
from yesman.sandbox.strength import unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.home import Home

READY_SECONDS: Final = 15.0
"""Until a server must listen, and until a command line gives up waiting for somebody else's."""
PATIENCE_SECONDS: Final = 1.0
"""Until the user is told what is being waited for, and until a vanished rival is replaced."""
POLL_SECONDS: Final = 0.02
ALREADY_RUNNING: Final = "already-running"


def server_argv(
    *arguments: str, tmux_socket: Path | None = None, allow_degraded: bool = False, safe_mode: bool = False
) -> list[str]:
    """Return the command that runs a server; ``-P`` keeps the current folder off its import path.

    Raises:
        PlatformError: None can run here.
    """
    alien = unsupported(sys.platform, os.uname().machine)
    if alien:
        raise PlatformError(f"yesman's server cannot run here: {alien}", "Use Linux on such a processor")
    chosen = ["--tmux-socket", str(tmux_socket)] if tmux_socket else []
    chosen += ["--allow-degraded"] * allow_degraded + ["--safe-mode"] * safe_mode
    return [sys.executable, "-P", "-m", "yesman.server", *arguments, *chosen]


def launch(
    home: Home, tmux_socket: Path | None = None, *, allow_degraded: bool = False, safe_mode: bool = False
) -> Connection:
    """Start a server, or find the one that somebody else is just starting; return a connection.

    Raises:
        PlatformError: The state folder cannot be used, or no server came up in time.
        ServerFailureError: The server says why it cannot run.
    """
    patience = _Patience()
    argv = partial(server_argv, tmux_socket=tmux_socket, allow_degraded=allow_degraded, safe_mode=safe_mode)
    while True:
        standing = _start(home, argv, patience)
        connection = _find(home, patience, standing=standing)
        if connection is not None:
            return connection


class _Patience:
    """One deadline for all of a start, and one remark when it takes long."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._told = False

    def left(self) -> float:
        """Return the seconds until the next thing to do: a remark or giving up; 0 is over."""
        waited = time.monotonic() - self._began
        if waited >= PATIENCE_SECONDS and not self._told:
            self._told = True
            if sys.stderr.isatty():
                sys.stderr.write("Starting the yesman server…\n")
        return max(0.0, (READY_SECONDS if self._told else PATIENCE_SECONDS) - waited)


class _Daemon(NamedTuple):
    ready: int  # the reading end of the pipe the server answers on
    log: Path
    before: int  # bytes of the log that are older than this start


def _start(home: Home, argv: Callable[..., list[str]], patience: _Patience) -> bool:
    """Start a server and return whether it is the one that listens now."""
    daemon = _spawn(home, argv)
    with open(daemon.ready, "rb", buffering=0) as pipe:  # noqa: PTH123 - a descriptor
        answer = _answer(pipe.fileno(), patience)
    if answer == b"ready\n":
        return True
    body = _body(answer)
    if body is None:
        raise PlatformError(f"The server ended while it was starting{_why(daemon)}", f"See {daemon.log}")
    if body.get("kind") == ALREADY_RUNNING:
        return False
    raise ServerFailureError(body)


TOKEN: Final = "YESMAN_MARKET_TOKEN"  # noqa: S105 - the name of a variable
"""What an author shows a registry: the command's own affair, not the server's and its sessions'."""


def _spawn(home: Home, argv: Callable[..., list[str]]) -> _Daemon:
    from yesman.process import start_daemon  # noqa: PLC0415 - brings asyncio, and is rarely needed

    log = _make_folders(home)
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    before = os.fstat(descriptor).st_size
    ready, told = os.pipe()
    try:
        start_daemon(
            argv("--ready-fd", str(told)),
            env={key: os.environ[key] for key in os.environ if key != TOKEN}
            | {"YESMAN_HOME": str(home.root)},
            cwd=Path("/"),  # keeps no folder of the user's busy
            log_fd=descriptor,
            pass_fds=[told],
        )
        return _Daemon(ready, log, before)
    except BaseException:
        os.close(ready)
        raise
    finally:
        os.close(told)
        os.close(descriptor)


def _make_folders(home: Home) -> Path:
    """Make what the server's log needs, and return the log's path."""
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.logs.mkdir(mode=0o700, exist_ok=True)
        log = home.logs / "server.log"
        log.touch(mode=0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlatformError(
            f"yesman cannot keep its state in {home.root}: {reason}",
            "Mend its permissions, or set YESMAN_HOME to a folder of your own",
        ) from error
    return log


def _answer(pipe: int, patience: _Patience) -> bytes:
    """Return the line the server answers, or b"" when it ended without one."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    answer = b""
    while not answer.endswith(b"\n"):
        left = patience.left()
        if not left:
            message = f"The server did not come up within {READY_SECONDS:g} seconds"
            raise PlatformError(message, "Try again, or see why: yesman server start --foreground")
        if poll.poll(left * 1000):
            data = os.read(pipe, 1 << 16)
            if not data:
                return b""
            answer += data
    return answer


def _body(answer: bytes) -> dict[str, object] | None:
    try:
        body = json.loads(answer)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _why(daemon: _Daemon) -> str:
    """Return what the server wrote last, as the end of a sentence."""
    try:
        with daemon.log.open("rb") as file:
            file.seek(daemon.before)
            lines = file.read(1 << 20).decode(errors="backslashreplace").split("\n")
    except OSError:
        return ""
    written = [line for line in lines if line.strip()]
    return f": {written[-1].strip()[:300]}" if written else ""


def _find(home: Home, patience: _Patience, *, standing: bool) -> Connection | None:
    """Return a connection to the server that stands or comes up; None when it went away."""
    began = time.monotonic()
    while (connection := dial(home)) is None:
        if not standing and time.monotonic() - began > PATIENCE_SECONDS:
            return None  # whoever held the lock was on its way out
        if not patience.left():
            message = f"The server for {home.root} started, but nothing listens on its socket"
            raise PlatformError(message, "Stop the process that holds it, see logs/server.log there")
        time.sleep(POLL_SECONDS)
    return connection
