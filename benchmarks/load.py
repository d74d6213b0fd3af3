"""Loading: from the wish for a plugin to its ``initialize`` having returned, confined."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.folders import HEAVY
from benchmarks.hosting import Host, call, hosted, run
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import in_turns, run_time, settled
from yesman.runtime.compiling import compile_packages

if TYPE_CHECKING:
    from benchmarks.lab import Lab

PACKAGES = ("dulwich", "urllib3", "typing_extensions")
WARM_UP = 3


def _light(lab: Lab) -> Samples:
    """Return the load times of a plugin that imports nothing but our API."""

    async def measure() -> Samples:
        async with hosted(lab.folder("load")) as host:
            with settled():
                taken = [await _load_once(host) for _ in range(lab.times(150) + WARM_UP)]
            return Samples.of(taken[WARM_UP:])

    found: Samples = run(measure())
    return found


async def _load_once(host: Host) -> float:
    policy = host.policy("light")
    start = time.perf_counter()
    live = await host.load(policy)
    seconds = time.perf_counter() - start
    await live.stop()
    return seconds


def _heavy(lab: Lab) -> tuple[Samples, Samples]:
    """Return whole load times of a plugin with a heavy import, and the same without the import."""

    async def measure() -> tuple[Samples, Samples]:
        async with hosted(lab.folder("heavy")) as host:
            packages = await _packages(lab, host)
            policy = host.policy("heavy", code=HEAVY, packages=packages)
            whole, beyond = [], []
            for _ in range(lab.times(60, 12) + 1):
                start = time.perf_counter()
                live = await host.load(policy)
                seconds = time.perf_counter() - start
                whole.append(seconds)
                beyond.append(seconds - await call(live))
                await live.stop()
            return Samples.of(whole[1:]), Samples.of(beyond[1:])

    found: tuple[Samples, Samples] = run(measure())
    return found


async def _packages(lab: Lab, host: Host) -> Path:
    """Copy dulwich and what it needs, compiled as installed environments are."""
    folder = lab.folder("packages").resolve()
    if any(folder.iterdir()):  # made for an earlier try
        return folder
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        if spec.submodule_search_locations:
            shutil.copytree(origin.parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder)
    await compile_packages(host.zygote, folder, lab.folder("scratch"))
    return folder


def _twenty(lab: Lab) -> Samples:
    """Return how long it takes to load twenty plugins, all asked for at once."""

    async def measure() -> Samples:
        async with hosted(lab.folder("twenty")) as host:
            policies = [host.policy(f"plugin-{number}") for number in range(20)]
            taken = []
            for _ in range(lab.times(8, 3)):
                start = time.perf_counter()
                alive = await asyncio.gather(*(host.load(policy) for policy in policies))
                taken.append(time.perf_counter() - start)
                await asyncio.gather(*(live.stop() for live in alive))
            return Samples.of(taken)

    found: Samples = run(measure())
    return found


def overhead(lab: Lab) -> Measured:
    """Measure loading a plugin without imports of its own."""
    samples = lab.once("load light", _light)
    cold = lab.once("cold starts", peers.cold_starts)
    beside = [
        Beside("fork of a bare process", lab.once("bare fork", peers.bare_fork), floor=True),
        Beside("cold interpreter (python -I -c pass)", cold["interpreter"], wanted=10),
        Beside("cold interpreter that imports the worker", cold["worker"]),
    ]
    if "mcp" in cold:
        beside.append(Beside("MCP stdio server", cold["mcp"], wanted=150))
    note = "" if "mcp" in cold else "MCP: not run, the dependency group 'bench' is not installed"
    return Measured(samples, tuple(beside), note)


def beyond_heavy(lab: Lab) -> Measured:
    """Measure loading a plugin with a heavy import, less that import."""
    _, beyond = lab.once("load heavy", _heavy)
    return Measured(beyond, note="the plugin times its own import of dulwich.porcelain, which is taken off")


def whole(lab: Lab) -> Measured:
    """Measure loading a plugin with a heavy import, import and all."""
    samples, _ = lab.once("load heavy", _heavy)
    env = {**lab.environment(), "PYTHONPATH": str(lab.root / "packages")}
    program = [BARE_PYTHON, "-S", "-c", "import dulwich.porcelain"]
    cold = in_turns({"cold": lambda: run_time(program, env)}, lab.times(10))["cold"]
    return Measured(samples, (Beside("cold interpreter, the same import", cold, floor=True),))


def twenty(lab: Lab) -> Measured:
    """Measure loading twenty plugins at once."""
    cold = lab.once("cold starts", peers.cold_starts)["worker"]
    twenty_times = Samples.of(20 * seconds for seconds in cold.values)
    return Measured(
        lab.once("load twenty", _twenty),
        (Beside("20 x cold interpreter that imports the worker", twenty_times),),
    )


ROWS = (
    Row(
        "load.beyond",
        "load beyond the plugin's imports",
        Unit.MILLISECONDS,
        "plan: success criteria; design 13",
        overhead,
        plan=10,
        budget={50: 8, 95: 12},
    ),
    Row(
        "load.beyond-heavy",
        "the same, plugin imports dulwich",
        Unit.MILLISECONDS,
        "plan: success criteria; design 13",
        beyond_heavy,
        plan=10,
        budget={50: 8, 95: 12},
    ),
    Row(
        "load.whole",
        "whole load, plugin imports dulwich",
        Unit.MILLISECONDS,
        "plan: loading performance",
        whole,
        plan=500,
    ),
    Row(
        "load.twenty",
        "20 plugins loaded at once",
        Unit.MILLISECONDS,
        "plan: total start-up overhead with 20 plugins",
        twenty,
        plan=2000,
    ),
)
