"""Floors and peers: the same machine, the same run, nothing of ours in them."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

import yesman
from benchmarks.lab import BARE_PYTHON, PYTHON
from benchmarks.memory_map import Held
from benchmarks.stats import Samples
from benchmarks.timing import in_turns, repeated, run_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.lab import Lab

PROGRAMS = Path(__file__).resolve().parent / "programs"
SOURCE = Path(yesman.__file__).resolve().parents[1]
MESSAGE = b"x" * 180
"""About as long as a call and its answer with their headers."""
INITIALIZE: dict[str, Any] = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}


def bare_fork(lab: Lab) -> Samples:
    """Return how long a fork of a small interpreter takes until the child says a byte."""
    program = [BARE_PYTHON, "-I", "-S", str(PROGRAMS / "fork_floor.py"), str(lab.times(200))]
    out = subprocess.run(program, capture_output=True, check=True, env=lab.environment(), timeout=60).stdout
    return Samples.of(json.loads(out))


def cold_starts(lab: Lab) -> dict[str, Samples]:
    """Return how long interpreters and an MCP server take from nothing, in turns."""
    env = lab.environment()
    actions = {
        "interpreter": lambda: run_time([BARE_PYTHON, "-I", "-c", "pass"], env),
        "worker": lambda: _until_ready(lab)[0],
    }
    found = in_turns(actions, lab.times(30))
    if mcp_installed():
        found |= in_turns({"mcp": lambda: _mcp_load(lab)}, lab.times(8, 3))
    return found


def cold_worker_memory(lab: Lab) -> list[Held]:
    """Return what processes hold that imported by themselves what a zygote's children share."""
    return [_until_ready(lab)[1] for _ in range(lab.times(5, 3))]


def _until_ready(lab: Lab) -> tuple[float, Held]:
    program = [BARE_PYTHON, "-I", "-S", "-B", str(PROGRAMS / "cold_worker.py"), str(SOURCE)]
    start = time.perf_counter()
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=lab.environment()
    ) as child:
        try:
            if child.stdout is None or child.stdout.readline() != b"ready\n":
                raise RuntimeError("the cold worker did not start")
            return time.perf_counter() - start, Held.of(child.pid)
        finally:
            child.kill()


def echoes(lab: Lab) -> dict[str, Samples]:
    """Return the round trip of a short message to another process, both sides blocking, by placement.

    Left to itself the scheduler chooses one core or two, and the figure is one of two that are
    five times apart; so both processes are pinned.
    """
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:1])
    try:
        found = {"one core": _echo(lab, cores[0])}
        if len(cores) > 1:
            found["two cores"] = _echo(lab, cores[1])
        return found
    finally:
        os.sched_setaffinity(0, cores)


def _echo(lab: Lab, core: int) -> Samples:
    ours, theirs = socket.socketpair()
    program = [BARE_PYTHON, "-I", "-S", str(PROGRAMS / "echo.py"), str(theirs.fileno()), str(core)]
    child = subprocess.Popen(program, pass_fds=(theirs.fileno(),), env=lab.environment())
    theirs.close()

    def once() -> None:
        ours.sendall(MESSAGE)
        ours.recv(65536)

    try:
        return repeated(once, lab.times(5000), warm_up=200)
    finally:
        ours.close()
        child.wait(10)


def mcp_installed() -> bool:
    """Tell whether the dependency group ``bench`` is there."""
    return importlib.util.find_spec("mcp") is not None


class Mcp:
    """A stdio MCP server and the plainest blocking client there is, which is kind to the peer."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self._last = 0

    def request(self, method: str, params: dict[str, Any]) -> bytes:
        """Send a request and return the line that answers it."""
        self._last += 1
        self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        assert self._child.stdout is not None  # noqa: S101 - opened as a pipe
        line = self._child.stdout.readline()
        if b'"result"' not in line:
            raise RuntimeError(f"the MCP server answered {line[:200]!r}")
        return line

    def initialize(self) -> None:
        """Shake hands."""
        self.request("initialize", INITIALIZE)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def noop(self) -> None:
        """Call the tool that does nothing."""
        self.request("tools/call", {"name": "noop", "arguments": {}})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._child.stdin is not None  # noqa: S101 - opened as a pipe
        self._child.stdin.write(json.dumps(message).encode() + b"\n")
        self._child.stdin.flush()


@contextmanager
def _mcp(lab: Lab) -> Iterator[Mcp]:
    program = [PYTHON, str(PROGRAMS / "mcp_server.py")]
    with subprocess.Popen(
        program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=lab.environment(),
    ) as child:
        try:
            yield Mcp(child)
        finally:
            child.kill()


def _mcp_load(lab: Lab) -> float:
    start = time.perf_counter()
    with _mcp(lab) as server:
        server.initialize()
        return time.perf_counter() - start


def mcp_call(lab: Lab) -> Samples:
    """Return the round trip of a tool call that does nothing."""
    with _mcp(lab) as server:
        server.initialize()
        return repeated(server.noop, lab.times(1000), warm_up=50)


def in_process(lab: Lab, listeners: int) -> Samples:
    """Return how long pluggy takes to call a hook of ``listeners`` plugins in its own process."""
    spec, implementation = pluggy.HookspecMarker("bench"), pluggy.HookimplMarker("bench")

    class Spec:
        @spec
        def tick(self, event: object) -> None:
            """Hear of a tick."""

    class Listener:
        @implementation
        def tick(self, event: object) -> None:
            """Ignore it."""

    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Spec)
    for _ in range(listeners):
        manager.register(Listener())
    event = {"name": "config.changed", "payload": {}}
    return repeated(lambda: manager.hook.tick(event=event), lab.times(5000), warm_up=100)
