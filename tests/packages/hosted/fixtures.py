"""The fixtures: import those that a test file or its conftest needs."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hosted import wheels
from hosted.folders import Hook, Plugins
from hosted.mounted import Mounted
from hosted.orphans import orphans as collected
from hosted.scans import share_scans
from hosted.server import PATIENCE, Server
from yesman.package import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def orphans() -> Iterator[Callable[..., dict[int, str]]]:
    """Processes that lost their parent while the test ran; at its end there are none."""
    with collected() as left:
        yield left


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path, because sockets must have one."""
    folder = share_scans(Path(tempfile.mkdtemp(prefix="ymh", dir="/tmp")))
    yield folder
    subprocess.run(["tmux", "-S", str(folder / "tmux.sock"), "kill-server"], check=False, capture_output=True)
    remove_tree(folder)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user whose home is the test's own and whose only packages are those of :func:`wheels`."""
    (tmp_path / "home").mkdir()
    (tmp_path / "wheels").mkdir()
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_CONFIG_FILE": os.devnull,
    }
    return {
        "HOME": str(tmp_path / "home"),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "SHELL": "/bin/sh",
        **offline,
    }


@pytest.fixture
def cold(orphans: Any, home: Path, environ: dict[str, str]) -> Iterator[Server]:
    """A server that has not been started yet."""
    server = Server(home, environ)
    try:
        yield server
    finally:
        server.stop()
        tmux = ["tmux", "-S", str(home / "tmux.sock"), "kill-server"]
        subprocess.run(tmux, check=False, capture_output=True)


@pytest.fixture
def server(cold: Server) -> Server:
    """A running server."""
    assert cold.start() is None
    return cold


@pytest.fixture
def until() -> Callable[..., Any]:
    def poll(attempt: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Return the first true answer."""
        deadline = time.monotonic() + seconds
        while not (answer := attempt()):
            assert time.monotonic() < deadline, "nothing happened in time"
            time.sleep(0.01)
        return answer

    return poll


@pytest.fixture
def hook() -> Callable[..., Hook]:
    """Make a hook that says more of itself than its name."""
    return lambda body, kind="async def", **wishes: Hook(body, kind, wishes)


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    return Plugins(tmp_path / "plugins")


@pytest.fixture
def wheel(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Path]:
    """Make a wheel that the server's uv finds."""
    return partial(wheels.make, tmp_path / "wheels")


@pytest.fixture
def mounted(orphans: Any, home: Path, environ: dict[str, str]) -> Iterator[Mounted]:
    """A server that has not been started yet, and will see a small file system of its own."""
    server = Mounted(home, environ)
    try:
        yield server
    finally:
        server.stop()
