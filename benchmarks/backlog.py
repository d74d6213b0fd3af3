"""Whether connections that take for ever hold up those of another plugin.

One plugin waits, in many threads, for a listener that accepts nobody and whose backlog is full; another
connects to a listener that answers. The same connections are timed before and meanwhile, in turns.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.hosting import hosted, run
from benchmarks.network import LISTENER, confined, connecting, serving
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Added, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.lab import Lab

STUCK = 100
ROUNDS = 8
CONNECTS = 150


@contextmanager
def _full() -> Iterator[int]:
    """Return the port of a listener with a full backlog."""
    server = socket.create_server(("127.0.0.1", 0), backlog=0)
    with server, socket.create_connection(server.getsockname()):  # one fits, as the kernel counts
        yield server.getsockname()[1]


def _measure(lab: Lab) -> dict[str, Samples]:
    async def measure(port: int, full: int) -> dict[str, Samples]:
        taken: dict[str, list[float]] = {"alone": [], "meanwhile": []}
        async with hosted(lab.folder("backlog")) as host:
            honest = await connecting(host, port, "honest")
            for _ in range(lab.times(ROUNDS)):
                taken["alone"] += await confined(honest, _asked("connect", port, CONNECTS))
                stuck = await connecting(host, full, "stuck")
                await confined(stuck, _asked("connect_for_ever", full, STUCK))
                taken["meanwhile"] += await confined(honest, _asked("connect", port, CONNECTS))
                await stuck.kill("it has been measured", wanted=True)
            await honest.stop()
        return {name: Samples.of(values) for name, values in taken.items()}

    with serving(LISTENER) as port, _full() as full:
        found: dict[str, Samples] = run(measure(port, full))
        return found


def _asked(what: str, port: int, times: int) -> dict[str, Any]:
    return {"what": what, "port": port, "proxy": 0, "times": times, "file": ""}


def held_up(lab: Lab) -> Measured:
    """Measure what another plugin's endless connections add to a connection."""
    found = lab.once("backlog", _measure)
    alone, meanwhile = found["alone"], found["meanwhile"]
    beside = (Beside("alone", alone, floor=True), Beside("meanwhile", meanwhile))
    slowest = f"the slowest of {len(meanwhile)} took {meanwhile.at(100) * 1e3:.2f} ms"
    note = f"{STUCK} connections wait for ever; {slowest}"
    return Measured(Added(meanwhile, alone), beside, note)


ROWS = (
    Row(
        "network.backlog",
        "added by another's full backlog",
        Unit.MILLISECONDS,
        "at most 5 ms",
        held_up,
        budget={50: 5, 99: 5},
        tail=True,
    ),
)
