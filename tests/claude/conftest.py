"""The real program and the stand-in for its model API, for the tests that `make test-claude` runs."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from driving import Agent
from standin import StandIn, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def remove(folder: Path) -> None:
    """Remove a folder into which programs that are just ending may still write."""
    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} is still written to"
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def binary() -> Path:
    """The program; its absence is a failure, never a skip."""
    path = Path(os.environ.get("CLAUDE_BINARY", ""))
    if not path.is_file():
        pytest.fail("the claude binary is not there: run make test-claude, which gets it")
    return path


@pytest.fixture(scope="module")
def api() -> Iterator[StandIn]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def new_agent(binary: Path, api: StandIn) -> Callable[..., object]:
    """Makes agents that end with the block, in folders short enough for a socket's path."""

    @contextmanager
    def make(size: tuple[int, int]) -> Iterator[Agent]:
        folder = Path(tempfile.mkdtemp(prefix="ym", dir="/tmp"))
        agent = Agent(binary, folder, api.url, size)
        try:
            yield agent
        finally:
            agent.stop()
            remove(folder)

    return make
