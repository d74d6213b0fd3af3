"""One server for all faults; what came of each stands in a table at the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hosted.mounted import Mounted
from hosted.server import Server

from storm import clock, table
from storm.host import serving
from storm.outcome import Outcome, summary
from storm.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        for line in summary(outcomes):
            terminalreporter.write_line(line)


@pytest.fixture
def struck(request: pytest.FixtureRequest) -> Callable[..., Outcome]:
    """Let a fault happen; what comes of it is a row of the table."""

    def strike(scene: Scene, fault: object) -> Outcome:
        outcome = scene.strike(fault)
        request.config.stash[OUTCOMES].append(outcome)
        return outcome

    return strike


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A server with three bystanders, for all faults."""
    with serving(Server, tmp_path_factory.mktemp("user")) as (server, plugins):
        (server.home.root / "config.yaml").write_text(table.limits())
        server.program = ("-c", clock.PROGRAM)
        assert server.start() is None
        yield Scene(server, plugins)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Scene]:
    """The same on a file system of its own, with another one for the data of plugins."""
    with serving(Mounted, tmp_path) as (server, plugins):
        script = 'mkdir -m 700 "$0/data" && mount -t tmpfs -o size=8m none "$0/data"'
        assert server.start("size=16m", script=script) is None
        yield Scene(server, plugins)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Scene]:
    """A server with three bystanders that may be ended."""
    with serving(Server, tmp_path) as (server, plugins):
        assert server.start() is None
        yield Scene(server, plugins)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[object, object]]:
    """A running server, and what makes folders of plugins."""
    with serving(Server, tmp_path) as (server, plugins):
        assert server.start() is None
        yield server, plugins
