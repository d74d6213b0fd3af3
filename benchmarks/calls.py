"""Calls and events to plugins that run: the runtime alone, and the whole path through the bus."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.bus import bus_round_trips
from benchmarks.hosting import EVENT, call, hosted, run
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.timing import repeated_async

if TYPE_CHECKING:
    from benchmarks.lab import Lab
    from benchmarks.stats import Samples

MANY = 20
WARM_UP = 200
HOOKS = (EVENT["name"],)


def _runtime(lab: Lab) -> dict[str, Samples]:
    """Return round trips of a command, of an event to one and of an event to twenty plugins."""

    async def measure() -> dict[str, Samples]:
        async with hosted(lab.folder("calls")) as host:
            alive = [await host.load(host.policy(f"plugin-{number}")) for number in range(MANY)]

            async def everybody() -> None:
                await asyncio.gather(*(live.event(EVENT, HOOKS) for live in alive))

            found = {
                "command": await repeated_async(lambda: call(alive[0]), lab.times(3000), WARM_UP),
                "one": await repeated_async(lambda: alive[0].event(EVENT, HOOKS), lab.times(3000), WARM_UP),
                "many": await repeated_async(everybody, lab.times(1000), WARM_UP // 4),
            }
            await asyncio.gather(*(live.stop() for live in alive))
            return found

    found: dict[str, Samples] = run(measure())
    return found


def _floor(lab: Lab, wanted: float | None = None) -> tuple[Beside, ...]:
    """Return the echo by placement; the limit is held to two cores, where host and plugin usually run."""
    found = lab.once("echo", peers.echoes)
    held = "two cores" if "two cores" in found else "one core"
    return tuple(
        Beside(
            f"blocking socketpair echo, {where}",
            samples,
            floor=True,
            wanted=wanted if where == held else None,
        )
        for where, samples in found.items()
    )


def _mcp(lab: Lab, wanted: float | None = None) -> tuple[Beside, ...]:
    if not peers.mcp_installed():
        return ()
    return (Beside("MCP tool call", lab.once("mcp call", peers.mcp_call), wanted=wanted),)


def _pluggy(lab: Lab, listeners: int) -> Beside:
    samples = lab.once(f"pluggy {listeners}", lambda lab: peers.in_process(lab, listeners))
    return Beside("pluggy in process (the price of isolation)", samples, floor=True)


def bus_one(lab: Lab) -> Measured:
    """Measure an event published on the bus until the handler of the one listener has returned."""
    runtime = Beside("runtime alone", lab.once("calls", _runtime)["one"], floor=True)
    return Measured(lab.once("bus 1", partial(bus_round_trips, count=1)), (runtime,))


def bus_many(lab: Lab) -> Measured:
    """Measure an event published on the bus until the last of twenty handlers has returned."""
    runtime = Beside("runtime alone", lab.once("calls", _runtime)["many"], floor=True)
    return Measured(lab.once("bus 20", partial(bus_round_trips, count=MANY)), (runtime,))


def command(lab: Lab) -> Measured:
    """Measure a command that does nothing, result and all."""
    return Measured(lab.once("calls", _runtime)["command"], (*_floor(lab), *_mcp(lab)))


def hook_one(lab: Lab) -> Measured:
    """Measure an event to one plugin until its handler has returned."""
    beside = (*_floor(lab, 4), *_mcp(lab, 10), _pluggy(lab, 1))
    return Measured(lab.once("calls", _runtime)["one"], beside)


def hook_many(lab: Lab) -> Measured:
    """Measure an event to twenty plugins until the last handler has returned."""
    return Measured(lab.once("calls", _runtime)["many"], (_pluggy(lab, MANY),))


ROWS = (
    Row(
        "call.command",
        "call round trip, a no-op command",
        Unit.MILLISECONDS,
        "no limit is set",
        command,
        tail=True,
    ),
    Row(
        "hook.one",
        "hook to one plugin, runtime alone",
        Unit.MILLISECONDS,
        "plan: runtime performance; design 13",
        hook_one,
        plan=10,
        budget={50: 0.12, 99: 1},
        tail=True,
    ),
    Row(
        "hook.many",
        "hook to 20 plugins, runtime alone",
        Unit.MILLISECONDS,
        "design 13",
        hook_many,
        budget={50: 1.5, 99: 5},
        tail=True,
    ),
    Row(
        "hook.one-bus",
        "hook to one plugin, bus to handler",
        Unit.MILLISECONDS,
        "plan: runtime performance; design 13",
        bus_one,
        plan=10,
        budget={50: 0.12, 99: 1},
        tail=True,
    ),
    Row(
        "hook.many-bus",
        "hook to 20 plugins, bus to handlers",
        Unit.MILLISECONDS,
        "design 13",
        bus_many,
        budget={50: 1.5, 99: 5},
        tail=True,
    ),
)
