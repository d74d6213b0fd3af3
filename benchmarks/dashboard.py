"""The dashboard in the browser under load (:mod:`benchmarks.programs.dashboard`)."""

from __future__ import annotations

import json
import os
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.lab import PYTHON
from benchmarks.rows import Measured, Row, Unit
from benchmarks.stats import Samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.lab import Lab

PROGRAM: Final = Path(__file__).with_name("programs") / "dashboard.py"
HELPERS: Final = Path(__file__).parents[1] / "tests" / "packages"
PATIENCE: Final = 300


def _run(lab: Lab) -> dict[str, Any]:
    command = [PYTHON, str(PROGRAM), "--pages", str(lab.times(20)), "--seconds", str(lab.times(15))]
    environment = os.environ | {"PYTHONPATH": str(HELPERS)}
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def _found(lab: Lab, of: Callable[[dict[str, Any]], tuple[list[float], str]]) -> Measured:
    values, note = of(lab.once("dashboard", _run))
    return Measured(Samples.of(values), (), note)


ROWS = (
    Row(
        "dashboard.page",
        "dashboard: first page drawn, 50 sessions",
        Unit.MILLISECONDS,
        "issue 7: first page",
        partial(_found, of=lambda found: (found["page"], "an empty cache, until the sessions are there")),
        budget={50: 300},
    ),
    Row(
        "dashboard.bytes",
        "dashboard: first page transferred",
        Unit.KILOBYTES,
        "issue 7: first page",
        partial(_found, of=lambda found: ([found["bytes"]], "the page, style sheets and scripts")),
        budget={50: 150},
    ),
    Row(
        "dashboard.input",
        "dashboard: a key under load",
        Unit.MILLISECONDS,
        "issue 7: responsive",
        partial(
            _found,
            of=lambda found: (found["delays"], f"{found['events']:.0f} events a second"),
        ),
        budget={95: 100},
    ),
    Row(
        "dashboard.cpu",
        "dashboard: processor time a second",
        Unit.MILLISECONDS,
        "issue 7: half a core",
        partial(_found, of=lambda found: (found["cpu"], "processor time of both processes together")),
        budget={50: 500},
    ),
)
