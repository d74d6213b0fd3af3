"""How many events a second the bus delivers for as long as there are more: to one plugin, to twenty, durably.

Events come in bursts that no queue drops anything of, each as soon as the last is handled; a sample is the
time of a burst by its events, so that smaller is better as in every other row.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.bus import Counting, manager_of
from benchmarks.folders import HOOK, NOTHING
from benchmarks.homes import home_for, plugin_name
from benchmarks.hosting import run
from benchmarks.rows import Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import settled

if TYPE_CHECKING:
    from benchmarks.lab import Lab
    from yesman.host.bus import Bus

BURST = 500
"""Events at once; the queue of a plugin holds a thousand that are not durable."""
MANY = 20


def _per_event(lab: Lab, count: int, *, durable: bool = False) -> Samples:
    """Return the seconds of one event among many to ``count`` plugins."""
    names = tuple(plugin_name(number) for number in range(count))
    key = f"rate{count}{'d' * durable}"
    home = home_for(lab, key, dict.fromkeys(names, (NOTHING, ())), durable=durable)

    async def measure() -> Samples:
        async with manager_of(home) as manager:
            listeners = Counting(manager, names)
            manager.bus.attach(listeners)
            await asyncio.gather(*map(manager.activate, names))
            with settled():
                bursts = lab.times(40 if count == 1 else 8)
                return Samples.of([await _burst(manager.bus, listeners) for _ in range(bursts)])

    found: Samples = run(measure())
    return found


async def _burst(bus: Bus, listeners: Counting) -> float:
    listeners.expect(BURST)
    start = time.perf_counter()
    for number in range(BURST):
        bus.publish(HOOK, {"number": number}, source="host")
    async with asyncio.timeout(60):
        await listeners.delivered.wait()
    return (time.perf_counter() - start) / BURST


def rate(lab: Lab, count: int, *, durable: bool = False) -> Measured:
    """Measure it."""
    found = _per_event(lab, count, durable=durable)
    deliveries = f", {count / found.median:,.0f} deliveries" if count > 1 else ""
    return Measured(found, (), f"sustained: {1 / found.median:,.0f} events a second{deliveries}")


ROWS = (
    Row(
        "event.one",
        "an event among many, to one plugin",
        Unit.MILLISECONDS,
        "no limit is set",
        partial(rate, count=1),
    ),
    Row(
        "event.many",
        "an event among many, to 20 plugins",
        Unit.MILLISECONDS,
        "no limit is set",
        partial(rate, count=MANY),
    ),
    Row(
        "event.durable",
        "a durable event among many, to one plugin",
        Unit.MILLISECONDS,
        "no limit is set",
        partial(rate, count=1, durable=True),
    ),
)
