"""A tmux server of the test's own, and a git that reads nobody's settings."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "SHELL": "/bin/sh", "TERM": "xterm-256color"}


@pytest.fixture
def socket() -> Iterator[Path]:
    # A socket's path is limited to 107 bytes, which pytest's own folders may exceed.
    folder = Path(tempfile.mkdtemp(prefix="ym", dir="/tmp"))
    yield folder / "s"
    subprocess.run(["tmux", "-S", str(folder / "s"), "kill-server"], check=False, capture_output=True)
    shutil.rmtree(folder)


@pytest.fixture
def server(socket: Path, environment: dict[str, str]) -> TmuxServer:
    return TmuxServer(socket, env=environment)


@pytest.fixture
def sessions(server: TmuxServer) -> Sessions:
    return Sessions(server)


@pytest.fixture
def git(environment: dict[str, str]) -> Callable[..., str]:
    settings = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org"}
    settings |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org"}

    def run(cwd: Path, *args: str, check: bool = True) -> str:
        command = ["git", "-C", str(cwd), *args]
        done = subprocess.run(
            command, check=check, capture_output=True, text=True, env=environment | settings
        )
        return done.stdout.strip()

    return run


@pytest.fixture
def until() -> Callable[..., object]:
    async def poll(attempt: Callable[[], object], seconds: float = 20.0) -> object:
        """Return the first true answer; asynchronous attempts are awaited."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            answer = attempt()
            answer = await answer if asyncio.iscoroutine(answer) else answer
            if answer:
                return answer
            assert asyncio.get_running_loop().time() < deadline, "nothing happened in time"
            await asyncio.sleep(0.02)

    return poll
