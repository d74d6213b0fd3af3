"""Memory of idle plugins, twenty of them, the zygote apart."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from benchmarks import peers
from benchmarks.hosting import call, hosted, run
from benchmarks.memory_map import Held
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples

if TYPE_CHECKING:
    from benchmarks.lab import Lab

MANY = 20


class Idle(NamedTuple):
    """Plugins that have loaded and run one command, and the zygote they come from."""

    plugins: list[Held]
    zygote: Held


def _idle(lab: Lab) -> Idle:
    async def measure() -> Idle:
        async with hosted(lab.folder("memory")) as host:
            alive = [await host.load(host.policy(f"plugin-{number}")) for number in range(MANY)]
            for live in alive:
                await call(live)
            if host.zygote.pid is None:
                raise RuntimeError("the zygote has gone")
            found = Idle([Held.of(live.pid) for live in alive], Held.of(host.zygote.pid))
            await asyncio.gather(*(live.stop() for live in alive))
            return found

    found: Idle = run(measure())
    return found


def per_plugin(lab: Lab, field: str) -> Measured:
    """Measure one field of :class:`Held` for each of twenty plugins."""
    idle = lab.once("idle", _idle)
    cold = lab.once("cold memory", peers.cold_worker_memory)
    zygote = getattr(idle.zygote, field)
    beside = (
        Beside("cold worker process", Samples.of(getattr(held, field) for held in cold)),
        Beside("a twentieth of the zygote", Samples.of([zygote / MANY])),
    )
    note = (
        f"{MANY} plugins that have run one command; the zygote, one for all, holds {zygote / 1e6:.1f} MB more"
    )
    return Measured(Samples.of(getattr(held, field) for held in idle.plugins), beside, note)


ROWS = (
    Row(
        "memory.pss",
        "memory of an idle plugin, PSS",
        Unit.MEGABYTES,
        "plan: runtime performance",
        partial(per_plugin, field="pss"),
        plan=50,
    ),
    Row(
        "memory.private",
        "memory of an idle plugin, private dirty",
        Unit.MEGABYTES,
        "plan: runtime performance; design 13",
        partial(per_plugin, field="private_dirty"),
        plan=50,
        budget={50: 5},
    ),
)
