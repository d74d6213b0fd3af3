"""Asking tmux over the control connection, beside a tmux process for each question."""

from __future__ import annotations

import asyncio
import subprocess
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.hosting import run
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.timing import repeated_async
from yesman.sessions.listing import QUESTION
from yesman.sessions.tmux import TmuxServer
from yesman.sessions.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.lab import Lab
    from benchmarks.stats import Samples

SESSIONS = 20
WARM_UP = 20


def _asked(lab: Lab) -> dict[str, Samples]:
    """Return how long questions take, each way."""

    async def body() -> dict[str, Samples]:
        socket = lab.folder("tmux") / "s"
        kill = ["tmux", "-S", str(socket), "kill-server"]
        lab.finally_do(partial(subprocess.run, kill, capture_output=True, check=False))
        server = TmuxServer(socket, env=lab.environment())
        for number in range(SESSIONS):
            await server.run(("new-session", "-d", "-s", f"s{number}", "cat"))
        watch = Watch(server, lambda _: None, lambda: False)
        watching = asyncio.ensure_future(watch.run())
        if not await watch.current(10):
            raise RuntimeError("there is no control connection")
        found = await _times(lab, server)
        watching.cancel()
        await asyncio.wait([watching])
        return found

    found: dict[str, Samples] = run(body())
    return found


async def _times(lab: Lab, server: TmuxServer) -> dict[str, Samples]:
    short: Sequence[Sequence[str]] = [("display-message", "-p", "-t", "=s0:", "#{session_id}")]
    found = {}
    for name, question, times in (("short", short, 1000), ("all", QUESTION, 300)):
        found[name] = await repeated_async(partial(server.ask, *question), lab.times(times), WARM_UP)
        by_process = partial(server.run, *question)
        found[f"{name}, process"] = await repeated_async(by_process, lab.times(times // 5), WARM_UP)
    return found


def short(lab: Lab) -> Measured:
    """Measure the shortest question."""
    found = lab.once("tmux", _asked)
    return Measured(found["short"], (Beside("a tmux process", found["short, process"]),))


def everything(lab: Lab) -> Measured:
    """Measure what a list of sessions asks."""
    found = lab.once("tmux", _asked)
    return Measured(
        found["all"], (Beside("a tmux process", found["all, process"]),), f"{SESSIONS} sessions, not parsed"
    )


ROWS = (
    Row("tmux.query", "question to tmux, control mode", Unit.MILLISECONDS, "design 8", short, tail=True),
    Row("tmux.list", "… all sessions, windows and panes", Unit.MILLISECONDS, "design 8", everything),
)
