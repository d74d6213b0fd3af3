"""The server's main: takes the lock, makes the parts, listens, and leaves nothing behind.

The lock is held for life and freed by the kernel, so a killed server never blocks the next
one; the socket is made anew under the lock, so a stale one is never trusted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import stat
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from yesman import durable
from yesman.model.errors import PlatformError, UsageError, YesmanError
from yesman.model.home import Home
from yesman.model.readied import make_ready
from yesman.runtime.zygote import end_left_over, home_number
from yesman.server.connection import Connection
from yesman.server.parts import STOP_SECONDS, Parts
from yesman.sessions.tmux import MAX_SOCKET_PATH
from yesman.transports import give
from yesman.wire.credentials import peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.server.api import Api

ALREADY_RUNNING = 75
"""Exit code (EX_TEMPFAIL) when another server holds the lock."""
LOG_BYTES = 1024 * 1024
"""Size at which the log becomes ``server.log.1``, replacing the one before, at any time."""
RETRY_SECONDS = 0.1


class AlreadyRunningError(UsageError):
    """Another server holds the lock of this home."""

    kind = "already-running"


def main(arguments: list[str] | None = None) -> int:
    """Run the server until it is told to stop; return its exit code."""
    options = _options(arguments)
    ready = _Ready(options.ready_fd)
    try:
        home = _home()
        with _locked(home):
            _log_to(home)
            _end_left_over(home)
            make_ready()
            uvloop.run(_serve(home, options, ready))
    except AlreadyRunningError as error:
        ready.failed(error)
        return ALREADY_RUNNING
    except YesmanError as error:
        ready.failed(error)
        return error.exit_code
    return 0


def _end_left_over(home: Home) -> None:
    left = end_left_over(home_number(home.root))
    if left:
        logging.getLogger("yesman.server").error("%d processes of a killed server do not end", left)


def _home() -> Home:
    try:
        return Home.of(os.environ)
    except RuntimeError as error:
        raise UsageError(f"YESMAN_HOME cannot be used: {error}", "Set it to an absolute path") from error


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m yesman.server")
    parser.add_argument("--ready-fd", type=int, default=None)
    parser.add_argument("--tmux-socket", type=Path, default=None)
    parser.add_argument("--allow-degraded", action="store_true")
    parser.add_argument("--safe-mode", action="store_true")
    return parser.parse_args(arguments)


async def _serve(home: Home, options: argparse.Namespace, ready: _Ready) -> None:
    finished = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, finished.set)
    parts = Parts(
        home,
        options.tmux_socket or home.tmux_socket,
        finished.set,
        allow_degraded=options.allow_degraded,
        safe_mode=options.safe_mode,
    )
    connections: set[Connection] = set()
    await parts.recover()
    listener = _bind(home)
    accepting = _accept(listener, parts.api, connections)
    gc.freeze()  # what is here stays, so collecting what plugins' messages leave need not look at it
    ready.succeeded()
    tasks = [asyncio.ensure_future(work) for work in (accepting, *parts.going_on())]
    try:
        await finished.wait()
    finally:
        for task in tasks:
            task.cancel()
        listener.close()
        home.socket.unlink(missing_ok=True)
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
        await parts.close()
        for connection in list(connections):
            connection.close()


async def _accept(listener: socket.socket, api: Api, connections: set[Connection]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            client, _ = await loop.sock_accept(listener)
            if peer(client).uid == os.getuid():
                await _welcome(client, api, connections)
            else:
                client.close()
        except OSError as error:  # out of descriptors, or the caller has gone again: others must be heard
            logging.getLogger("yesman.server").warning("a connection failed: %s", error)
            await asyncio.sleep(RETRY_SECONDS)


async def _welcome(client: socket.socket, api: Api, connections: set[Connection]) -> None:
    client.setblocking(False)
    connection = Connection(api.answer, connections.discard, safe_mode=api.safe_mode)
    connections.add(connection)
    await give(client, connection.protocol)
    connection.greet()


def _bind(home: Home) -> socket.socket:
    """Return the listening socket; a file left by a killed server goes first, under the lock."""
    path = str(home.socket)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        home.socket.unlink(missing_ok=True)
        previous = os.umask(0o177)
        try:
            listener.bind(path)
        finally:
            os.umask(previous)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PlatformError(
            f"{path} cannot be made: {error.strerror or error}", "Check the folder"
        ) from error
    listener.setblocking(False)
    return listener


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Hold the server lock of ``home``, which is made if absent."""
    if len(os.fsencode(home.socket)) > MAX_SOCKET_PATH:
        raise PlatformError(
            f"{home.root} is too long a path for a socket", "Set YESMAN_HOME to a shorter one"
        )
    try:
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        _check_owner(home.root)
        descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise PlatformError(
            f"{home.root} cannot be written: {error.strerror}",
            "Mend its permissions, or set YESMAN_HOME to a folder of yours",
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AlreadyRunningError(f"a server already runs for {home.root}") from None
    try:
        yield
    finally:
        os.close(descriptor)


def _check_owner(root: Path) -> None:
    """Refuse a home that somebody else could change under our hands.

    Raises:
        PlatformError: It belongs to, or may be written by, another user.
    """
    found = root.stat()
    if found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise PlatformError(
            f"{root} belongs to, or may be written by, others than you",
            "Take that right from them (chmod go-w), or set YESMAN_HOME to a folder of yours",
        )


class _Ready:
    """Tells whoever started the server, once, whether it stands."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def succeeded(self) -> None:
        """Say that the socket listens."""
        self._tell("ready\n")

    def failed(self, error: YesmanError) -> None:
        """Say why it does not."""
        if self._descriptor is None:
            sys.stderr.write(f"{error}\n")
        self._tell(json.dumps(error.as_data()) + "\n")

    def _tell(self, text: str) -> None:
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        with contextlib.suppress(OSError):  # nobody waits any more
            os.write(descriptor, text.encode())
        os.close(descriptor)


def _log_to(home: Home) -> None:
    form = "%(asctime)s %(levelname)s %(name)s %(message)s"
    logging.basicConfig(handlers=[log_handler(home)], level=logging.INFO, format=form)


def log_handler(home: Home) -> logging.Handler:
    """Return what writes ``server.log`` of ``home``.

    Raises:
        PlatformError: It cannot be written.
    """
    path = home.logs / "server.log"
    with durable.explained(path):
        home.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        return RotatingFileHandler(
            path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
