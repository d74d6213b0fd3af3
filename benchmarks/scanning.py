"""Scanning: a small plugin and one of 300 kB, each in a process of its own; and the patterns alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.folders import write_large_plugin, write_plugin
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.timing import in_turns, repeated, timed
from yesman.scan import patterns
from yesman.scan.confined import Scans
from yesman.scan.model import Outcome
from yesman.scan.reading import File

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.lab import Lab

BUDGET = 1_000.0


def _scanning(lab: Lab, folder: Path) -> Callable[[], float]:
    """Return an action that scans ``folder`` anew each time, with compiled rules kept."""
    kept = lab.root / "kept"

    def once() -> float:
        for before in kept.glob("*.json"):
            before.unlink()

        def scan() -> None:
            found = asyncio.run(Scans(kept).scan(folder))
            if found.outcome("rules") is Outcome.FAILED:
                raise RuntimeError(found.scanners[0].why)

        return timed(scan)

    return once


def whole(lab: Lab) -> Measured:
    """Measure a scan from start to end: process, imports, confinement, all scanners."""
    small = write_plugin(lab.root / "small", "small")
    actions = {
        "large": _scanning(lab, write_large_plugin(lab.root / "large", "large")),
        "small": _scanning(lab, small),
    }
    found = in_turns(actions, lab.times(20, 3))
    return Measured(found["large"], (Beside("a small plugin", found["small"], floor=True),))


def alone(lab: Lab) -> Measured:
    """Measure holding the patterns against 300 kB, in this process."""
    files = [
        File(str(path), path.read_bytes())
        for path in sorted(write_large_plugin(lab.root / "held", "held").rglob("*.py"))
    ]
    for file in files:
        _ = file.made
    held = patterns.Patterns(patterns.compiled())
    return Measured(repeated(lambda: [list(held.look(file)) for file in files], lab.times(50, 5), 2))


ROWS = (
    Row(
        "scan.whole",
        "scan, 300 kB, in its own process",
        Unit.MILLISECONDS,
        "design: scanning",
        whole,
        budget={95: BUDGET},
    ),
    Row(
        "scan.patterns", "… its patterns alone", Unit.MILLISECONDS, "design: scanning", alone, budget={50: 8}
    ),
)
