"""A tmux server of the test's own, and a program in it that is called claude and shows a recorded screen."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from yesman.agents.service import Agents
from yesman.server.answering import Answering
from yesman.server.main import _accept
from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from yesman.server.connection import Connection, Request

SCREENS = Path(__file__).parents[2] / "screens" / "claude" / "80x24"
# Shows each screen it is told the name of, the cursor where it was.
SHOW = """
show() {{ read -r at < "$1"; printf '\\033[2J\\033[H'; tail -n +2 "$1"
  printf '\\033[%d;%dH' $((${{at#* }} + 1)) $((${{at% *}} + 1)); }}
stty -echo
show {screens}/{first}.txt
while read -r name; do
  case $name in end) exit ;; hook) {hook} ;; *) show {screens}/$name.txt ;; esac
done
"""


class Scene:
    """A tmux server, what yesman knows of its agents, and what it published."""

    safe_mode = False

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "s"
        path = os.environ["PATH"]
        self.environment = {"PATH": path, "HOME": str(folder), "SHELL": "/bin/sh", "TERM": "xterm-256color"}
        self.environment |= {"YESMAN_HOME": str(folder), "LANG": "C.UTF-8"}
        self.tmux = TmuxServer(self.socket, env=self.environment)
        self.sessions = Sessions(self.tmux)
        self.agents = Agents(self.tmux, self.sessions, self.publish)
        self.published: list[tuple[str, dict[str, Any], str | None]] = []

    def publish(self, name: str, payload: dict[str, Any], *, source: str, session: str | None = None) -> None:
        assert source == "host"
        self.published.append((name, payload, session))

    async def start(self, first: str, *, hook: str = ":", name: str = "work") -> None:
        """Start the program; a copy of the shell under the agent's name, which is what makes it one."""
        program = self.folder / "claude"
        shutil.copy("/bin/sh", program)
        script = self.folder / "show"
        script.write_text(SHOW.format(screens=SCREENS, first=first, hook=hook))
        await self.sessions.create(name, self.folder, [str(program), str(script)])

    async def type(self, text: str, name: str = "work") -> None:
        await self.sessions.send(name, text)

    async def until(self, name: str, **wanted: object) -> dict[str, Any]:
        """Look until such an event was published; forget it and what came before."""
        deadline = asyncio.get_running_loop().time() + 30
        while asyncio.get_running_loop().time() < deadline:
            for index, (found, payload, _) in enumerate(self.published):
                if found == name and all(payload.get(key) == value for key, value in wanted.items()):
                    del self.published[: index + 1]
                    return payload
            await self.agents.look()
            await asyncio.sleep(0.02)
        raise AssertionError(f"no {name} with {wanted} in {self.published}")

    async def answer(self, request: Request) -> tuple[Any, bytes]:
        shape, method = Answering(self.agents, self.tmux).methods[request.method]
        return await method(msgspec.convert(request.params, shape), request), b""


@pytest.fixture
def scene() -> Iterator[Scene]:
    # A socket's path is limited to 107 bytes, which pytest's own folders may exceed.
    folder = Path(tempfile.mkdtemp(prefix="ym", dir="/tmp"))
    made = Scene(folder)
    yield made
    subprocess.run(["tmux", "-S", str(made.socket), "kill-server"], check=False, capture_output=True)
    shutil.rmtree(folder)


@pytest.fixture
async def listening(scene: Scene) -> AsyncIterator[Scene]:
    """The scene, with what comes in on the server's socket accepted as the server does."""
    connections: set[Connection] = set()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.setblocking(False)
    listener.bind(str(scene.folder / "server.sock"))
    listener.listen()
    accepting = asyncio.ensure_future(_accept(listener, scene, connections))
    yield scene
    accepting.cancel()
    listener.close()
    async with asyncio.timeout(10):
        while connections:
            for connection in tuple(connections):
                connection.close()
            await asyncio.sleep(0)
