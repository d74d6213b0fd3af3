"""The tests elsewhere that attack: found by their marker, run by pytest, listed by their names.

``@pytest.mark.escape("category")`` puts a test into the table; its name, spelt out, is the case,
and every form of it (pytest's parameters) must hold.
This module is also the pytest plugin that does so: ``-p corpus.marked --escapes-into FILE``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

Cases = dict[str, dict[str, str]]
"""``{category: {case: outcome}}``."""

HELD, BROKEN, NOT_TRIED = "held", "BROKEN", ""
CHECKOUT = Path(__file__).resolve().parents[3]
FOLDERS = ("tests/unit", "tests/integration")


def run(*, collect_only: bool = False) -> Cases:
    """Return the outcome of every marked test; with ``collect_only`` nothing is run."""
    with tempfile.TemporaryDirectory(prefix="yesman-escapes-") as folder:
        report = Path(folder, "report")
        mine = ["-m", "escape", "-p", "corpus.marked", f"--escapes-into={report}", f"--basetemp={folder}/t"]
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *mine, *FOLDERS]
        argv += ["--collect-only"] if collect_only else []
        path = [str(Path(__file__).resolve().parents[1]), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        environment: Mapping[str, str] = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
        ended = subprocess.run(
            argv,
            cwd=CHECKOUT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        written = report.read_text("utf-8") if report.exists() else ""
    if ended.returncode not in {0, 1} or not written:
        raise RuntimeError(
            f"the marked tests could not be run:\n{ended.stdout[-4000:]}{ended.stderr[-4000:]}"
        )
    if ended.returncode:
        sys.stderr.write(ended.stdout[-20_000:])
    cases: Cases = json.loads(written)
    return cases


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the report."""
    parser.addoption("--escapes-into", help="write the outcome of the tests marked 'escape' to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Take part where a report is asked for."""
    target = config.getoption("--escapes-into")
    if target:
        config.pluginmanager.register(Outcomes(Path(target)))


class Outcomes:
    """Collects what became of the marked tests."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._places: dict[str, tuple[str, str]] = {}
        self._cases: Cases = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """List the marked tests among those that were chosen."""
        for item in session.items:
            marker = item.get_closest_marker("escape")
            if marker is not None:
                category, case = str(marker.args[0]), spelt_out(item.nodeid)
                self._places[item.nodeid] = category, case
                self._cases.setdefault(category, {})[case] = NOT_TRIED

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure in any phase, and that the test itself passed."""
        category, case = self._places[report.nodeid]
        if not report.passed:
            self._cases[category][case] = BROKEN
        elif report.when == "call" and self._cases[category][case] != BROKEN:
            self._cases[category][case] = HELD

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        self._target.write_text(json.dumps(self._cases), "utf-8")


def spelt_out(nodeid: str) -> str:
    """Return the name of a test as words: ``file.py::test_a_b[c]`` is ``a b``."""
    return nodeid.partition("::test_")[2].partition("[")[0].replace("_", " ")
