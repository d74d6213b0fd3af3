"""A tmux server of the test's own, and a git that reads nobody's settings."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import termios
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.sessions import Sessions, TmuxServer
from yesman.sessions.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractContextManager

    from yesman.sessions.known import Change


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
        return done.stdout.strip("\n")

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


@pytest.fixture
def hand(server: TmuxServer, environment: dict[str, str]) -> Callable[..., str]:
    """What a person does beside us: bare tmux, in the user's environment."""

    def run(*args: str, cwd: Path | None = None) -> str:
        command = ["tmux", "-u", "-S", str(server.socket), *args]
        return subprocess.run(
            command, check=True, cwd=cwd, capture_output=True, text=True, env=environment
        ).stdout.strip("\n")

    return run


@contextmanager
def in_a_terminal(
    argv: list[str], environment: dict[str, str], size: tuple[int, int] = (24, 80)
) -> Iterator[None]:
    """Run a command in a terminal of its own, until the end of the block."""
    outer, inner = os.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    client = subprocess.Popen(argv, env=environment, stdin=inner, stdout=inner, stderr=inner)
    os.close(inner)
    try:
        yield
    finally:
        client.kill()
        client.wait()
        os.close(outer)


@pytest.fixture
def terminal(environment: dict[str, str]) -> Callable[[list[str]], AbstractContextManager[None]]:
    return lambda argv: in_a_terminal(argv, environment)


class Watched:
    """A watch that runs, what it told, and the hand that does things."""

    def __init__(self, server: TmuxServer, tmux: Callable[..., str], environment: dict[str, str]) -> None:
        self.server = server
        self.tmux = tmux
        self.told: list[Change] = []
        self.listening = False  # to what panes print
        self._environment = environment
        self._watch = Watch(server, self.told.append, lambda: self.listening)
        self._task = asyncio.ensure_future(self._watch.run())

    async def begun(self) -> None:
        assert await self._watch.ready(20)

    async def settled(self) -> None:
        """Wait until whatever was still on its way must have arrived."""
        assert await self._watch.current(20)
        await asyncio.sleep(0.4)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    def terminal(self, *args: str, size: tuple[int, int] = (24, 80)) -> AbstractContextManager[None]:
        """Run a tmux command in a terminal of its own, until the end of the block."""
        return in_a_terminal(["tmux", "-S", str(self.server.socket), *args], self._environment, size)


@pytest.fixture
async def watched(
    server: TmuxServer, hand: Callable[..., str], environment: dict[str, str]
) -> AsyncIterator[Watched]:
    watched = Watched(server, hand, environment)
    await watched.begun()
    yield watched
    await watched.stop()
