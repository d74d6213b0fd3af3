"""What watching twenty plugins costs the server: one look at all of them, ten times a second."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.hosting import call, hosted, run
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from yesman.model.limits import Limits
from yesman.runtime.accounts import cpu_seconds, memory_bytes
from yesman.runtime.disk import REST, measure
from yesman.runtime.watch import LOOK_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.lab import Lab

MANY = 20
FILES = 20_000


def _timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _looks(lab: Lab) -> dict[str, Samples]:
    """Return looks at twenty plugins, when none has done anything since the last and when all have."""

    async def measure_all() -> dict[str, Samples]:
        async with hosted(lab.folder("watching")) as host:
            alive = [await host.load(host.policy(f"plugin-{number}")) for number in range(MANY)]
            pids, watch = [live.pid for live in alive], host.zygote.watch
            idle, active = [], []
            for _ in range(lab.times(300)):
                await asyncio.gather(*map(call, alive))
                active.append(_timed(watch.look))
                idle.append(_timed(watch.look))
            clocks = [_timed(lambda: [cpu_seconds(pid) for pid in pids]) for _ in range(lab.times(300))]
            files = [_timed(lambda: [memory_bytes(pid) for pid in pids]) for _ in range(lab.times(300))]
            await asyncio.gather(*(live.stop() for live in alive))
            found = {"idle": idle, "active": active, "clocks": clocks, "files": files}
            return {name: Samples.of(times) for name, times in found.items()}

    found: dict[str, Samples] = run(measure_all())
    return found


def look(lab: Lab, which: str, floor: str, what: str) -> Measured:
    """Measure one look at twenty plugins."""
    found = lab.once("looks", _looks)
    share = 100 * found[which].median / LOOK_SECONDS
    note = f"{1 / LOOK_SECONDS:.0f} times a second: {share:.2f} % of one processor"
    return Measured(found[which], (Beside(what, found[floor], floor=True),), note)


def disk(lab: Lab) -> Measured:
    """Measure counting a folder of many files, without the rests."""
    folder = lab.folder("many")
    if not any(folder.iterdir()):
        for number in range(FILES):
            (folder / str(number)).touch()
    times = [_timed(partial(measure, [str(folder)], Limits(), hurry=True)) for _ in range(lab.times(10))]
    note = f"{FILES} empty files; done again after {REST} times as long at the earliest"
    return Measured(Samples.of(times), (), note)


ROWS = (
    Row(
        "watch.idle",
        "one look at 20 idle plugins",
        Unit.MILLISECONDS,
        "sandbox: resources",
        partial(look, which="idle", floor="clocks", what="reading 20 clocks"),
    ),
    Row(
        "watch.active",
        "one look at 20 plugins at work",
        Unit.MILLISECONDS,
        "sandbox: resources",
        partial(look, which="active", floor="files", what="opening and reading 20 status files"),
        budget={50: 1},
    ),
    Row(
        "watch.disk",
        "measuring a folder of 20 000 files",
        Unit.MILLISECONDS,
        "no limit is set",
        disk,
    ),
)
