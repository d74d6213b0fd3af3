"""One server for all faults; what came of each stands in a table at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from storm import clock, table
from storm.host import Plugins, Server
from storm.outcome import Outcome, table as shown
from storm.scene import Scene
from yesman.package import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTCOMES = pytest.StashKey[list[Outcome]]()


def pytest_configure(config: pytest.Config) -> None:
    """Make room for what came of each fault."""
    config.stash[OUTCOMES] = []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the rows of the table that it is about."""
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", table.faults(), ids=lambda fault: fault.name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    outcomes = config.stash[OUTCOMES]
    if outcomes:
        terminalreporter.section("faults")
        for line in shown(outcomes):
            terminalreporter.write_line(line)
        worst = max(outcome.worst for outcome in outcomes)
        asked = sum(outcome.asked for outcome in outcomes)
        held = sum(not outcome.problems() for outcome in outcomes)
        terminalreporter.write_line(
            f"{held} of {len(outcomes)} faults held; others were asked {asked} times, the latest answer came after {worst:.3f} s"
        )


def environment(user: Path) -> dict[str, str]:
    return {
        "HOME": str(user),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A server with three bystanders, for all faults."""
    home = Path(tempfile.mkdtemp(prefix="ymx", dir="/tmp"))
    (home / "config.yaml").write_text(table.limits())
    user = tmp_path_factory.mktemp("user")
    server = Server(home, environment(user))
    server.program = ("-c", clock.PROGRAM)
    assert server.start() is None
    try:
        yield Scene(server, Plugins(user / "plugins"))
    finally:
        server.stop()
        subprocess.run(
            ["tmux", "-S", str(home / "tmux.sock"), "kill-server"], check=False, capture_output=True
        )
        remove_tree(home)


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> list[Outcome]:
    """What came of each fault so far."""
    return request.config.stash[OUTCOMES]
