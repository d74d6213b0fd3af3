"""The server's main: takes the lock, wires the parts, listens, and leaves nothing behind.

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
import struct
import sys
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from yesman.agents.service import Agents
from yesman.host import durable
from yesman.host.bus import Bus
from yesman.host.confinement import this_machine
from yesman.host.grants import Grants
from yesman.host.installer import Installer
from yesman.host.ledger import Ledger
from yesman.host.management import Management
from yesman.host.manager import PluginManager
from yesman.host.os_keyring import OsKeyring
from yesman.host.outbox import Outbox
from yesman.host.recorder import Recorder
from yesman.host.registry import Registry
from yesman.host.secret_store import SecretStore
from yesman.host.session_events import SessionEvents
from yesman.host.settings import PluginSettings
from yesman.host.user_config import ConfigFile
from yesman.model.errors import PlatformError, UsageError, YesmanError
from yesman.model.home import Home
from yesman.package.environments import Environments
from yesman.runtime.compiling import compile_packages
from yesman.runtime.zygote import Zygote, end_left_over, home_number
from yesman.sandbox.interpreter import base_python
from yesman.server.api import Api
from yesman.server.connection import Connection
from yesman.server.degradation import Degradation
from yesman.server.oversight import Oversight
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import MAX_SOCKET_PATH, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ALREADY_RUNNING = 75
"""Exit code (EX_TEMPFAIL) when another server holds the lock."""
STOP_SECONDS = 8.0
"""For all plugins to clean up; then they are killed."""
LOG_BYTES = 1024 * 1024
"""Size at which the log becomes ``server.log.1``, replacing the one before, at any time."""
RETRY_SECONDS = 0.1
FOLD_SECONDS = 10.0
"""Between two times that waiting events are brought from the log beside their file into it."""


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
    return parser.parse_args(arguments)


async def _serve(home: Home, options: argparse.Namespace, ready: _Ready) -> None:
    finished = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, finished.set)
    machine = this_machine(home, os.environ)
    socket_path = options.tmux_socket or home.tmux_socket
    tmux = TmuxServer(socket_path, env=_tmux_environment(), owner=str(home.root))
    outbox = Outbox(home.events)
    bus = Bus(outbox)
    events = SessionEvents(bus, tmux)
    sessions = Sessions(tmux, events)
    zygote = Zygote(home_number(home.root), allow_degraded=options.allow_degraded)
    keyring = OsKeyring(f"yesman {home.root}", os.environ, ConfigFile(home.config))
    registry, settings = Registry(home.registry), PluginSettings(home.settings, SecretStore(home, keyring))
    ledger = Ledger(home.ledger)
    recorder = Recorder(ledger, bus)
    manager = PluginManager(home, registry, settings, sessions, bus, zygote, machine, recorder=recorder)
    environments = Environments(
        home.environments, home.cache, base_python(), compile=partial(compile_packages, zygote)
    )
    installer = Installer(home, manager, environments, machine)
    grants = Grants(manager, machine)
    manager.management = Management(manager, installer, grants, machine.home)
    oversight = Oversight(grants, manager, ledger)
    confinement = Degradation(zygote, recorder)
    agents = Agents(tmux, sessions, bus.publish)
    api = Api(
        home, manager, installer, sessions, tmux, bus, zygote, oversight, confinement, agents, finished.set
    )
    connections: set[Connection] = set()
    await installer.recover()
    listener = _bind(home)
    accepting = asyncio.ensure_future(_accept(listener, api, connections))
    gc.freeze()  # what is here stays, so collecting what plugins' messages leave need not look at it
    ready.succeeded()
    going_on = (_warm_up(confinement, manager, installer), _fold(outbox), events.watch.run(), agents.run())
    tasks = [accepting, *map(asyncio.ensure_future, going_on)]
    try:
        await finished.wait()
    finally:
        for task in tasks:
            task.cancel()
        listener.close()
        home.socket.unlink(missing_ok=True)
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
        with contextlib.suppress(TimeoutError):  # whatever a plugin is up to, it ends with the zygote
            async with asyncio.timeout(STOP_SECONDS):
                await bus.close()
                await manager.close()
        zygote.close()
        await asyncio.to_thread(ledger.close)
        outbox.close()
        for connection in list(connections):
            connection.close()


async def _warm_up(confinement: Degradation, manager: PluginManager, installer: Installer) -> None:
    """Start the zygote before it is needed, and the plugins that want to run from the start."""
    await confinement.note()
    await installer.seal_plain()
    manager.bus.resume()
    for name, record in manager.registry.all().items():
        try:
            await installer.complete(name)
            if record.enabled and record.parsed_manifest().activation.on_startup:
                await manager.activate(name)
        except YesmanError as error:
            manager.log_of(name).write(logging.ERROR, str(error))


async def _fold(outbox: Outbox) -> None:
    while True:
        await asyncio.sleep(FOLD_SECONDS)
        await asyncio.to_thread(outbox.fold)


async def _accept(listener: socket.socket, api: Api, connections: set[Connection]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        try:
            client, _ = await loop.sock_accept(listener)
            if _peer_uid(client) == os.getuid():
                await _welcome(client, api, connections)
            else:
                client.close()
        except OSError as error:  # out of descriptors, or the caller has gone again: others must be heard
            logging.getLogger("yesman.server").warning("a connection failed: %s", error)
            await asyncio.sleep(RETRY_SECONDS)


async def _welcome(client: socket.socket, api: Api, connections: set[Connection]) -> None:
    client.setblocking(False)
    connection = Connection(api.answer, connections.discard)
    connections.add(connection)
    await asyncio.get_running_loop().create_connection(lambda: connection.protocol, sock=client)
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


def _peer_uid(client: socket.socket) -> int:
    credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid


@contextlib.contextmanager
def _locked(home: Home) -> Iterator[None]:
    """Hold the server lock of ``home``, which is made if absent."""
    if len(os.fsencode(home.socket)) > MAX_SOCKET_PATH:
        raise PlatformError(
            f"{home.root} is too long a path for a socket", "Set YESMAN_HOME to a shorter one"
        )
    try:
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
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


def _tmux_environment() -> dict[str, str]:
    """Return the user's environment for sessions, without what concerns this server alone."""
    return {key: value for key, value in os.environ.items() if not key.startswith("YESMAN_READY")}


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
