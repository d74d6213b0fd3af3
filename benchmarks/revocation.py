"""From taking a grant back until the download that it allowed is dead, wherever its socket was hidden.

What is timed is what ``yesman plugin revoke`` has the server do, from the first instruction until a
server of ours finds the connection closed: every descriptor of it is gone then, those in flight too.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from benchmarks.bus import manager_of
from benchmarks.floods import Nobody
from benchmarks.folders import command_of
from benchmarks.homes import home_for
from benchmarks.hosting import TERMINAL, run
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Measured, Row, Unit
from benchmarks.stats import Samples
from yesman.host.grants import Grants
from yesman.host.ledger import Ledger
from yesman.host.recorder import Recorder
from yesman.model.errors import YesmanError
from yesman.model.network import Target, parse_sockaddr
from yesman.runtime.grants_policy import Machine
from yesman.runtime.network import Networks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from benchmarks.lab import Lab
    from yesman.host.manager import PluginManager

NAME = "downloads"
ROUNDS = 20
CODE = '''
"""Downloads for ever, and hides the socket."""

import array, os, socket, threading, time

from yesman.plugins import IntegrationPlugin, PluginCommand


class Downloads(IntegrationPlugin):
    def get_commands(self):
        return [PluginCommand("COMMAND", "Downloads.", self.go)]

    def tick(self, event):
        return None

    def go(self, how):
        number = socket.create_connection(("api.example.test", 443)).detach()
        getattr(self, how)(number)

    def plainly(self, number):
        while True:
            os.read(number, 65536)

    def duplicates(self, number):
        copies = [os.dup(number) for _ in range(50)]
        os.close(number)
        self.plainly(copies[-1])

    def threads(self, number):
        for _ in range(8):
            threading.Thread(target=self.plainly, args=(number,)).start()
        self.plainly(number)

    def in_flight(self, number):
        ours, theirs = socket.socketpair()
        while True:
            os.read(number, 65536)
            ours.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [number]))])
            os.close(number)
            time.sleep(0.01)
            number = array.array("i", theirs.recvmsg(1, socket.CMSG_SPACE(4))[1][0][2])[0]
'''
WAYS = ("plainly", "duplicates", "threads", "in_flight")
STREAM = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client = server.accept()[0]
    try:
        for number in range(1_000_000_000):
            client.send(bytes(16384))
            if number == 100:
                print("streaming", flush=True)
    except OSError:
        print(time.monotonic(), flush=True)
"""


class Leads:
    """Leads one public name to the stream."""

    def __init__(self, port: int) -> None:
        there = parse_sockaddr(b"\2\0" + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8))
        if there is None:
            raise ValueError(port)
        self._there = there

    async def resolve(self, host: str, family: int) -> list[str]:  # noqa: ARG002 - interface
        """Return a public address."""
        return ["93.184.216.34"]

    def route(self, target: Target) -> Target:  # noqa: ARG002 - interface
        """Return where the stream is."""
        return self._there


class Stream:
    """A program that sends without end, one connection after the other, and says when each has died."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.port = int(self._line())

    def _line(self) -> bytes:
        assert self._child.stdout is not None  # noqa: S101 - opened as a pipe
        return self._child.stdout.readline()

    async def line(self) -> str:
        """Return the next thing it says."""
        return (await asyncio.to_thread(self._line)).decode().strip()


@contextmanager
def _streaming() -> Iterator[Stream]:
    with subprocess.Popen([BARE_PYTHON, "-I", "-S", "-c", STREAM], stdout=subprocess.PIPE) as child:
        try:
            yield Stream(child)
        finally:
            child.kill()


async def _revocations(
    manager: PluginManager, machine: Machine, stream: Stream, rounds: int
) -> AsyncIterator[float]:
    grants = Grants(manager, machine)
    for number in range(rounds * len(WAYS)):
        how = {"how": WAYS[number % len(WAYS)]}
        running = asyncio.ensure_future(manager.run_command(NAME, command_of(NAME), how, TERMINAL, Nobody()))
        await stream.line()
        start = time.monotonic()
        await grants.revoke(NAME, None, "benchmark")
        yield float(await stream.line()) - start
        with suppress(YesmanError):
            await running
        await grants.grant(NAME, ["network.external:api.example.test:443"], "benchmark")


def _measure(lab: Lab) -> Samples:
    async def measure(stream: Stream) -> Samples:
        home = home_for(lab, NAME, {NAME: (CODE, ("network.external:api.example.test:443",))})
        leads, ledger = Leads(stream.port), Ledger(home.ledger)
        networks = Networks(resolver=leads, dialer=leads)
        machine = Machine(str(lab.folder("home")), str(home.root), tuple(os.environ["PATH"].split(":")))
        try:
            async with manager_of(home, Recorder(ledger), networks) as manager:
                taken = [each async for each in _revocations(manager, machine, stream, lab.times(ROUNDS))]
        finally:
            ledger.close()
        return Samples.of(taken)

    with _streaming() as stream:
        found: Samples = run(measure(stream))
        return found


def revoke(lab: Lab) -> Measured:
    """Measure a revocation until the connection is dead."""
    samples = lab.once("revocation", _measure)
    note = (
        f"{len(samples)} downloads in {len(WAYS)} ways of hiding; the slowest {samples.at(100) * 1e3:.2f} ms"
    )
    return Measured(samples, (), note)


ROWS = (
    Row(
        "revoke.download",
        "revoking until a download is dead",
        Unit.MILLISECONDS,
        "within 250 ms, open sockets included",
        revoke,
        budget={50: 20, 100: 250},
    ),
)
