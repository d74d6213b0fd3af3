"""Loading ``examples/github-integration``: PyGithub, GitPython and its own code, imports and all."""

from __future__ import annotations

import shutil
import time
from functools import partial
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.hosting import Host, hosted, run
from benchmarks.lab import BARE_PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.stats import Samples
from benchmarks.timing import in_turns, run_time
from yesman.runtime.compiling import compile_packages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.lab import Lab
    from yesman.runtime.plugin import Origin
    from yesman.sandbox.policy import Policy

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "github-integration"
NEEDS = ("pygithub", "gitpython")
CONFIG = {"github_token": "nobody's", "default_branch": "main"}


def needed(names: Iterable[str]) -> set[str]:
    """Return the names of distributions that ``names`` bring along, themselves included, as they are here."""
    found = set[str]()
    border: list[str] = [canonicalize_name(name) for name in names]
    while border:
        name = border.pop()
        if name in found:
            continue
        found.add(name)
        wanted = map(Requirement, distribution(name).requires or ())
        border += [
            canonicalize_name(r.name) for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})
        ]
    return found


async def packages(lab: Lab, host: Host) -> Path:
    """Copy what the example needs, compiled as installed environments are."""
    folder = lab.folder("github packages").resolve()
    if any(folder.iterdir()):  # made for an earlier try
        return folder
    _copy(folder)
    await compile_packages(host.zygote, folder, lab.folder("github scratch"))
    return folder


def _copy(folder: Path) -> None:
    for name in needed(NEEDS):
        made = distribution(name)
        for file in made.files or ():
            source, target = Path(str(made.locate_file(file))), folder / str(file)
            if ".." not in file.parts and source.suffix != ".pyc" and source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)


def _whole(lab: Lab) -> tuple[Samples, Samples]:
    """Return how long it takes until the example is initialized, in a new process each time.

    Returns:
        Without a template, and from one.
    """

    async def measure() -> tuple[Samples, Samples]:
        async with hosted(lab.folder("github")) as host:
            site = await packages(lab, host)
            base = lab.folder("github") / "github-integration"
            shutil.copytree(EXAMPLE / "src", base / "code" / "src", dirs_exist_ok=True)
            for name in ("data", "tmp"):
                (base / name).mkdir(exist_ok=True)
            policy = host.policy("github-integration", packages=site)
            first = await host.load(policy, CONFIG)
            modules = first.contributed.modules
            await first.stop()
            template = await host.template(policy, modules)
            times = range(lab.times(20, 5))
            cold = [await _load_once(host, policy, None) for _ in times]
            warm = [await _load_once(host, policy, template) for _ in times]
            return Samples.of(cold), Samples.of(warm)

    found: tuple[Samples, Samples] = run(measure())
    return found


async def _load_once(host: Host, policy: Policy, origin: Origin | None) -> float:
    start = time.perf_counter()
    live = await host.load(policy, CONFIG, origin=origin)
    seconds = time.perf_counter() - start
    await live.stop()
    return seconds


def warm(lab: Lab) -> Measured:
    """Measure loading it from its template: what it imports is there."""
    found = lab.once("load github-integration", _whole)
    return Measured(found[1], (Beside("cold: without a template", found[0]),))


def cold(lab: Lab) -> Measured:
    """Measure loading it without a template: everything is imported anew."""
    samples, _ = lab.once("load github-integration", _whole)
    path = str(lab.root / "github packages")
    env = {**lab.environment(), "PYTHONPATH": path, "GIT_PYTHON_REFRESH": "quiet"}
    program = [BARE_PYTHON, "-S", "-c", "import github, git"]
    beside = in_turns({"cold": partial(run_time, program, env)}, lab.times(5))["cold"]
    return Measured(samples, (Beside("cold interpreter that imports both packages", beside),))


ROWS = (
    Row(
        "load.github-warm",
        "load of github-integration, warm",
        Unit.MILLISECONDS,
        "plan: loading performance",
        warm,
        plan=500,
    ),
    Row(
        "load.github-cold",
        "load of github-integration, cold",
        Unit.MILLISECONDS,
        "plan: loading performance",
        cold,
        plan=500,
    ),
)
