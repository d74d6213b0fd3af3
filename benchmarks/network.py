"""What confinement costs where it is felt: connections, threads, programs, and calls nobody is asked about.

The same loops run in a confined plugin and in a bare interpreter, in turns, against the same
listener. The peer is the other way to decide on connections: an HTTP proxy that the client asks
with CONNECT, written as plainly as can be and serving nobody else, which is kind to it.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.folders import command_of
from benchmarks.hosting import TERMINAL, NoServices, Silent, hosted, run
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Added, Samples
from yesman.model.permissions import parse_permission
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.witness import Witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.hosting import Host
    from benchmarks.lab import Lab

NAME = "connects"
ROUNDS = 5
BATCH = 1000
"""System calls that are timed together: one takes less than reading the clock."""

LOOPS = """
import _socket, os, threading, time

def connect(port, proxy, times, file):
    taken = []
    for _ in range(times):
        own = _socket.socket(2, 1)
        start = time.perf_counter()
        try:
            own.connect(("127.0.0.1", port))
        except PermissionError:
            pass
        taken.append(time.perf_counter() - start)
        own.close()
    return taken

def through_proxy(port, proxy, times, file):
    taken = []
    request = b"CONNECT 127.0.0.1:%d HTTP/1.1\\r\\n\\r\\n" % port
    for _ in range(times):
        own = _socket.socket(2, 1)
        start = time.perf_counter()
        own.connect(("127.0.0.1", proxy))
        own.send(request)
        if not own.recv(1000).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("the proxy refused")
        taken.append(time.perf_counter() - start)
        own.close()
    return taken

def system_calls(port, proxy, times, file):
    return [batch(os.getppid) for _ in range(times)]

def connect_for_ever(port, proxy, times, file):
    import threading
    for _ in range(times):
        threading.Thread(target=connect, args=(port, 0, 1, ""), daemon=True).start()
    time.sleep(0.2)

def opens(port, proxy, times, file):
    return [batch(lambda: os.close(os.open(file, os.O_RDONLY))) for _ in range(times)]

def raw_opens(port, proxy, times, file):
    import ctypes
    libc, name = ctypes.CDLL(None), file.encode()
    return [batch(lambda: libc.close(libc.open(name, 0))) for _ in range(times)]
def threads(port, proxy, times, file):
    taken = []
    for _ in range(times):
        thread = threading.Thread(target=int)
        start = time.perf_counter()
        thread.start()
        taken.append(time.perf_counter() - start)
        thread.join()
    return taken

def programs(port, proxy, times, file):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        os.waitpid(os.posix_spawn("/usr/bin/true", ["true"], {}), 0)
        taken.append(time.perf_counter() - start)
    return taken

def batch(action):
    start = time.perf_counter()
    for _ in range(1000):
        action()
    return time.perf_counter() - start
"""
PLUGIN = (
    '"""Times its own connections."""\n'
    + LOOPS
    + """
from yesman.plugins import CommandPlugin, PluginCommand


class Connects(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("COMMAND", "Times connections.", self.loop)]

    def loop(self, what, **arguments):
        return globals()[what](**arguments)
"""
)
BARE = f"""{LOOPS}
import json, sys
asked = json.loads(sys.argv[1])
print(json.dumps(globals()[asked.pop("what")](**asked)))
"""
LISTENER = """
import socket
server = socket.create_server(("127.0.0.1", 0), backlog=128)
print(server.getsockname()[1], flush=True)
while True:
    server.accept()[0].close()
"""
PROXY = """
import socket
server = socket.create_server(("127.0.0.1", 0), backlog=128)
print(server.getsockname()[1], flush=True)
while True:
    client = server.accept()[0]
    host, port = client.recv(1000).split()[1].decode().split(":")
    there = socket.create_connection((host, int(port)))
    client.send(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    client.recv(1)
    there.close()
    client.close()
"""


@contextmanager
def serving(program: str) -> Iterator[int]:
    """Run a server and return its port."""
    with subprocess.Popen([BARE_PYTHON, "-I", "-S", "-c", program], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None  # noqa: S101 - opened as a pipe
            yield int(child.stdout.readline())
        finally:
            child.kill()


def _bare(lab: Lab, asked: dict[str, Any]) -> list[float]:
    program = [BARE_PYTHON, "-I", "-S", "-c", BARE, json.dumps(asked)]
    done = subprocess.run(program, capture_output=True, check=True, env=lab.environment(), timeout=60)
    found: list[float] = json.loads(done.stdout)
    return found


async def connecting(host: Host, port: int, name: str = NAME) -> LivePlugin:
    """Start a plugin that may connect to ``port``."""
    policy = host.policy(name, code=PLUGIN)
    granted = (parse_permission(f"network.internal:127.0.0.1:{port}"),)
    policy = dataclasses.replace(policy, execute=("/usr/bin/true",))
    return await LivePlugin.start(
        host.zygote,
        policy,
        config={},
        declared={},
        services=NoServices(),
        network=Networks().of(name, granted, policy.limits),
        witness=Witness(lambda _level, _text: None),
    )


async def confined(live: LivePlugin, asked: dict[str, Any]) -> list[float]:
    """Run one of the loops in the plugin and return what it took."""
    found: list[float] = json.loads(
        await live.command(command_of(live.policy.plugin), asked, TERMINAL, Silent())
    )
    return found


def _measure(lab: Lab) -> dict[str, Samples]:
    """Return every loop's times, confined and bare, taken in turns."""

    async def measure(port: int, proxy: int) -> dict[str, Samples]:
        taken: dict[str, list[float]] = {}
        async with hosted(lab.folder("network")) as host:
            live = await connecting(host, port)
            file = f"{live.policy.code}/plugin.yaml"
            for number in range(ROUNDS + 1):
                for kind, what, to, times in _loops(lab, port, refused=proxy):
                    asked = {"what": what, "port": to, "proxy": proxy, "times": times, "file": file}
                    found = await confined(live, asked) if kind == "confined" else _bare(lab, asked)
                    if number:  # the first round warms up
                        taken.setdefault(f"{kind} {what}{' refused' * (to == proxy)}", []).extend(found)
            await live.stop()
        return {name: Samples.of(values) for name, values in taken.items()}

    with serving(LISTENER) as port, serving(PROXY) as proxy:
        found: dict[str, Samples] = run(measure(port, proxy))
        return found


def _loops(lab: Lab, port: int, *, refused: int) -> list[tuple[str, str, int, int]]:
    connects, batches = lab.times(200), lab.times(40)
    return [
        ("bare", "connect", port, connects),
        ("confined", "connect", port, connects),
        ("bare", "through_proxy", port, connects),
        ("confined", "connect", refused, 20),  # more would wait: refusals are rationed
        ("bare", "system_calls", port, batches),
        ("confined", "system_calls", port, batches),
        ("bare", "opens", port, batches),
        ("confined", "opens", port, batches),
        ("bare", "raw_opens", port, batches),
        ("confined", "raw_opens", port, batches),
        ("bare", "threads", port, connects),
        ("confined", "threads", port, connects),
        ("bare", "programs", port, batches),
        ("confined", "programs", port, batches),
    ]


def connect(lab: Lab) -> Measured:
    """Measure what the broker adds to a connection, beside what a proxy adds."""
    found = lab.once("network", _measure)
    direct, brokered = found["bare connect"], found["confined connect"]
    beside = (
        Beside("direct, the whole of it", direct, floor=True),
        Beside("brokered, the whole of it", brokered),
    )
    return Measured(Added(brokered, direct), beside)


def whole_connect(lab: Lab) -> Measured:
    """Measure a brokered connection."""
    found = lab.once("network", _measure)
    beside = (
        Beside("direct", found["bare connect"], floor=True),
        Beside("CONNECT proxy in Python", found["bare through_proxy"]),
        Beside("refused by the broker", found["confined connect refused"]),
    )
    return Measured(found["confined connect"], beside)


def _added(lab: Lab, what: str) -> Measured:
    found = lab.once("network", _measure)
    bare = found[f"bare {what}"]
    return Measured(
        Added(found[f"confined {what}"], bare), (Beside("bare, the whole of it", bare, floor=True),)
    )


def system_call(lab: Lab) -> Measured:
    """Measure what the filter adds to system calls that nobody is asked about."""
    return _added(lab, "system_calls")


def opening(lab: Lab) -> Measured:
    """Measure what Landlock, the filter and the hook that explains refusals add to opening a file."""
    return _added(lab, "opens")


def raw_opening(lab: Lab) -> Measured:
    """Measure the same without the hook: native code opens the file."""
    return _added(lab, "raw_opens")


def thread(lab: Lab) -> Measured:
    """Measure what asking the host adds to starting a thread."""
    return _added(lab, "threads")


def running(lab: Lab) -> Measured:
    """Measure what being counted and recorded adds to running a program to its end."""
    return _added(lab, "programs")


ROWS = (
    Row(
        "network.connect",
        "a connection through the broker",
        Unit.MILLISECONDS,
        "compared",
        whole_connect,
        tail=True,
    ),
    Row(
        "network.connect-added",
        "what the broker adds to a connection",
        Unit.MILLISECONDS,
        "design 13",
        connect,
        budget={50: 0.25},
    ),
    Row(
        "network.system-calls",
        f"{BATCH} system calls, added",
        Unit.MILLISECONDS,
        "no limit is set",
        system_call,
    ),
    Row(
        "network.opens",
        f"{BATCH} times open and close, added",
        Unit.MILLISECONDS,
        "no limit is set",
        opening,
    ),
    Row(
        "network.raw-opens",
        f"{BATCH} times the same in native code, added",
        Unit.MILLISECONDS,
        "no limit is set",
        raw_opening,
    ),
    Row("process.thread", "starting a thread, added", Unit.MILLISECONDS, "no limit is set", thread),
    Row("process.program", "running /usr/bin/true, added", Unit.MILLISECONDS, "no limit is set", running),
)
