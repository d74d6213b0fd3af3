"""From the wish for a process until it speaks, confined; and what each layer of that takes."""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.hosting import Host, hosted, run
from benchmarks.lab import PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import settled
from yesman.sandbox import notify
from yesman.sandbox.interpreter import interpreter_paths

if TYPE_CHECKING:
    from benchmarks.lab import Lab

WARM_UP = 3


async def _once(host: Host) -> float:
    """Return the seconds until a child's first frame: it is sent when every layer is in place."""
    policy = host.policy("confined")
    start = time.perf_counter()
    spawned = await host.zygote.spawn(policy)
    for end in (spawned.ends.up, spawned.handover):
        end.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, select.select, [spawned.handover], [], [])
    listener = notify.take_listener(spawned.handover, spawned.pidfd)
    notify.let_go(spawned.handover)
    await loop.sock_recv(spawned.ends.up, 16)
    seconds = time.perf_counter() - start
    spawned.ends.close()
    if listener is not None:
        os.close(listener)
    await spawned.exited
    return seconds


def _ready(lab: Lab) -> Samples:
    async def measure() -> Samples:
        async with hosted(lab.folder("confining")) as host:
            with settled():
                taken = [await _once(host) for _ in range(lab.times(150) + WARM_UP)]
            return Samples.of(taken[WARM_UP:])

    found: Samples = run(measure())
    return found


def _layers(lab: Lab) -> dict[str, Samples]:
    async def policy() -> str:
        async with hosted(lab.folder("layers")) as host:
            return json.dumps(host.policy("layers").as_data())

    program = [PYTHON, str(peers.PROGRAMS / "layers.py"), str(lab.times(150)), run(policy())]
    environment = lab.environment() | {"PYTHONPATH": str(peers.SOURCE)}
    out = subprocess.run(
        [*program, json.dumps(interpreter_paths())],
        capture_output=True,
        check=True,
        env=environment,
        timeout=60,
    ).stdout
    return {name: Samples.of(values) for name, values in json.loads(out).items()}


def ready(lab: Lab) -> Measured:
    """Measure from the wish until the process says hello with all layers in place."""
    layers = lab.once("layers", _layers)
    beside = (
        Beside("bare fork of a small interpreter", lab.once("bare fork", peers.bare_fork), floor=True),
        Beside("fork of what the zygote is", layers["fork"], floor=True),
    )
    parts = " · ".join(f"{name} {samples.median * 1e3:.2f}" for name, samples in layers.items())
    return Measured(lab.once("fork to ready", _ready), beside, f"medians within: {parts}")


ROWS = (
    Row(
        "sandbox.ready",
        "fork to ready with all layers",
        Unit.MILLISECONDS,
        "compared",
        ready,
        tail=True,
    ),
)
