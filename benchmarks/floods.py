"""What a plugin's caller notices while another plugin floods the host with all it has.

The host as the server wires it, ledger and logs included, in this process. Each flood runs in a
process of its own, warms up for as long as its allowances last, and goes on while calls to a plugin
that does nothing are timed one by one. A flood that has ended by itself has not been measured.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.bus import manager_of
from benchmarks.folders import NOTHING, command_of
from benchmarks.homes import home_for
from benchmarks.hosting import TERMINAL, Silent, run
from benchmarks.network import LISTENER, serving
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import settled
from yesman.host.ledger import Ledger
from yesman.host.recorder import Recorder
from yesman.model.errors import NotFoundError, YesmanError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.lab import Lab
    from yesman.host.manager import PluginManager
    from yesman.sessions.model import Session
    from yesman.sessions.service import Sessions

FLOODER, VICTIM = "flooder", "victim"
CODE = (Path(__file__).parent / "programs/flooder.py").read_text("utf-8")
WARM_UP_SECONDS = 0.1
SECONDS = 3.0
THREADS = 8


class Flood(NamedTuple):
    """One way to flood: what the plugin's command is told to do, in how many threads."""

    what: str
    threads: int = 1
    allowed: bool = False

    def __str__(self) -> str:
        name = self.what.replace("_", " ") + (" allowed" if self.allowed else "")
        return f"{name}, {self.threads} threads" if self.threads > 1 else name


NONE = Flood("nothing")
FLOODS = {
    "denied": (
        Flood("denied"),
        Flood("denied", THREADS),
        Flood("denied_natively"),
        Flood("denied_natively", THREADS),
    ),
    "logs": (
        Flood("printed_lines"),
        Flood("logged_lines"),
        Flood("log_frames"),
        Flood("long_logs"),
        Flood("escaped_logs"),
    ),
    "frames": (
        Flood("service_calls"),
        Flood("service_calls", THREADS),
        Flood("session_calls", THREADS),
        Flood("call_frames"),
        Flood("refused_frames"),
        Flood("started_frames"),
        Flood("output_frames"),
        Flood("large_frames"),
        Flood("nested_calls"),
        Flood("printed"),
    ),
    "connects": (
        Flood("connects", allowed=True),
        Flood("connects", THREADS, allowed=True),
        Flood("connects"),
        Flood("connects", THREADS),
        Flood("connects_natively", THREADS),
    ),
    "modes": (
        Flood("modes"),
        Flood("modes", THREADS),
        Flood("modes_outside", THREADS),
    ),
}


class Nobody(Silent):
    """A caller without input and session."""

    async def read(self, size: int) -> bytes:  # noqa: ARG002 - interface
        """Return that there is none."""
        return b""

    async def confirm(self, question: dict[str, str]) -> str:  # noqa: ARG002 - interface
        """Return that there is nobody to ask."""
        return "nobody"

    async def current(self, sessions: Sessions) -> Session:  # noqa: ARG002 - interface
        """Refuse."""
        raise NotFoundError("there is no session while measuring")


@asynccontextmanager
async def _host(lab: Lab, port: int) -> AsyncIterator[PluginManager]:
    granted = (f"network.internal:127.0.0.1:{port}", "session.read")
    home = home_for(lab, f"floods-{port}", {VICTIM: (NOTHING, ()), FLOODER: (CODE, granted)})
    ledger = Ledger(home.ledger)
    try:
        async with manager_of(home, Recorder(ledger)) as manager:
            yield manager
    finally:
        ledger.close()


async def _call(manager: PluginManager, plugin: str, **options: Any) -> None:
    await manager.run_command(plugin, command_of(plugin), options, TERMINAL, Nobody())


async def _calls(manager: PluginManager, seconds: float) -> list[float]:
    """Return how long calls to the victim take, one after the other."""
    taken, end = [], time.perf_counter() + seconds
    with settled():
        while (start := time.perf_counter()) < end:
            await _call(manager, VICTIM)
            taken.append(time.perf_counter() - start)
    return taken


async def _under(manager: PluginManager, flood: Flood, port: int, seconds: float) -> Samples:
    """Return the victim's calls during one flood."""
    live = await manager.activate(FLOODER)
    flooding = asyncio.ensure_future(
        _call(manager, FLOODER, what=flood.what, threads=flood.threads, port=port if flood.allowed else 9)
    )
    try:
        await _calls(manager, WARM_UP_SECONDS)
        taken = await _calls(manager, seconds)
        if flooding.done():
            raise RuntimeError(f"the flood '{flood}' has ended: {flooding.exception()}")
        return Samples.of(taken)
    finally:
        await live.kill("it has been measured", wanted=True)
        with suppress(YesmanError):
            await flooding


def _measure(lab: Lab, family: str) -> dict[Flood, Samples]:
    """Return the victim's calls without a flood and under each of a family."""

    async def measure(port: int) -> dict[Flood, Samples]:
        async with _host(lab, port) as manager:
            await _calls(manager, WARM_UP_SECONDS)
            found = {NONE: Samples.of(await _calls(manager, SECONDS))}
            for flood in FLOODS[family]:
                found[flood] = await _under(manager, flood, port, SECONDS if not lab.quick else SECONDS / 3)
            return found

    with serving(LISTENER) as port:
        found: dict[Flood, Samples] = run(measure(port))
        return found


def under(lab: Lab, family: str) -> Measured:
    """Measure calls under the flood of ``family`` that hurts most, by its 99th percentile."""
    found = lab.once(f"floods {family}", partial(_measure, family=family))
    worst = max((found[flood] for flood in FLOODS[family]), key=lambda samples: samples.at(99))
    note = "p99: " + " · ".join(f"{flood} {samples.at(99) * 1e3:.2f}" for flood, samples in found.items())
    return Measured(worst, (Beside("nobody floods", found[NONE], floor=True),), note)


def _row(family: str, what: str) -> Row:
    return Row(
        f"flood.{family}",
        f"call while another floods: {what}",
        Unit.MILLISECONDS,
        "a call's p99 under any flood",
        partial(under, family=family),
        budget={99: 20},
        tail=True,
    )


ROWS = (
    _row("denied", "denied calls"),
    _row("logs", "log lines"),
    _row("frames", "frames"),
    _row("connects", "connects"),
    _row("modes", "chmod"),
)
