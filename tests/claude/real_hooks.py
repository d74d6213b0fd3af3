"""Hooks, screen and server together, with the real program: from the settings to what is published."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from standin import StandIn, text, tool

from yesman.agents.claude_settings import PATH, hook_command, with_hooks
from yesman.agents.service import Agents
from yesman.server.main import _accept
from yesman.sessions import Sessions, TmuxServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from driving import Agent

    from yesman.server.connection import Connection, Request

COMMAND = "touch made.txt && echo a-rather-long-command-that-is-wrapped-on-a-screen-of-eighty-columns && true"
ANSWERS = {
    "bash": [text("Now."), tool("Bash", command=COMMAND, description="Make it")],
    "talk": [text("Yes.")],
}
PATIENCE = 60.0


class Host:
    """The part of the server that agents need, and what it published."""

    safe_mode = False

    def __init__(self, agent: Agent) -> None:
        tmux = TmuxServer(agent.socket, env=agent.environment())
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.agents = Agents(tmux, Sessions(tmux), self.publish)
        self.deaf = False

    def publish(self, name: str, payload: dict[str, Any], **_: object) -> None:
        self.published.append((name, payload))

    async def answer(self, request: Request) -> tuple[Any, bytes]:
        shape, method = self.agents.methods[request.method]
        params = msgspec.convert(request.params, shape)
        return (None if self.deaf else await method(params, request)), b""

    async def until(self, name: str, **wanted: object) -> dict[str, Any]:
        """Look until an event of that name was published, forget it and all before it, and return it."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.agents.look()
                for index, (found, payload) in enumerate(self.published):
                    if found == name and all(payload.get(key) == value for key, value in wanted.items()):
                        del self.published[: index + 1]
                        return payload
                await asyncio.sleep(0.05)


@asynccontextmanager
async def hosting(agent: Agent) -> AsyncIterator[Host]:
    host = Host(agent)
    (agent.home / "y").mkdir()

    connections: set[Connection] = set()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.setblocking(False)
        listener.bind(str(agent.home / "y" / "server.sock"))
        listener.listen()
        accepting = asyncio.ensure_future(_accept(listener, host, connections))
        yield host
        accepting.cancel()
    for connection in tuple(connections):
        connection.close()


@pytest.fixture
def hooked(new_agent: Callable[..., Any], api: StandIn):
    api.answers = dict(ANSWERS)
    with new_agent((80, 24)) as agent:
        path = agent.project.joinpath(*PATH)
        path.parent.mkdir()
        path.write_text(with_hooks('{"permissions": {"allow": []}}', hook_command(sys.executable)))
        yield agent


async def through_the_first_prompts(host: Host, agent: Agent) -> None:
    trust = await host.until("prompt.detected")
    assert trust["prompt"]["kind"] == "trust"
    await asyncio.to_thread(agent.choose, "Yes")
    key = await host.until("prompt.detected")
    assert key["prompt"]["kind"] == "api_key"
    await asyncio.to_thread(agent.choose, "Yes")
    await host.until("agent.state_changed", state="idle")


async def test_a_command_is_known_to_the_letter_and_each_prompt_is_told_once(hooked):
    async with hosting(hooked) as host:
        hooked.start()
        await host.until("agent.started", agent="claude")
        await through_the_first_prompts(host, hooked)
        await asyncio.to_thread(hooked.say, "bash")
        await host.until("agent.state_changed", state="busy")
        prompt = (await host.until("prompt.detected"))["prompt"]
        assert (prompt["command"], prompt["exact"], prompt["source"]) == (COMMAND, True, "hook")
        assert prompt["options"][0]["label"] == "Yes"
        for _ in range(10):
            await host.agents.look()
        assert [name for name, _ in host.published] == []
        await asyncio.to_thread(hooked.choose, "Yes")
        await host.until("agent.state_changed", state="idle")
        await asyncio.to_thread(hooked.say, "/exit")
        await host.until("agent.exited")
        assert host.agents.status() == []


async def test_the_screen_tells_what_no_hook_tells(hooked):
    async with hosting(hooked) as host:
        hooked.start()
        await through_the_first_prompts(host, hooked)
        await asyncio.to_thread(hooked.say, "bash")
        await host.until("prompt.detected")
        await asyncio.to_thread(hooked.press, "Escape")
        assert (await host.until("agent.state_changed", state="idle"))["before"] == "waiting"


async def test_without_hooks_the_screen_is_enough_but_never_exact(hooked):
    async with hosting(hooked) as host:
        host.deaf = True
        hooked.start()
        await through_the_first_prompts(host, hooked)
        await asyncio.to_thread(hooked.say, "bash")
        prompt = (await host.until("prompt.detected"))["prompt"]
        assert (prompt["tool"], prompt["exact"], prompt["source"]) == ("Bash", False, "screen")
        assert prompt["command"].startswith("touch made.txt && echo a-rather")
