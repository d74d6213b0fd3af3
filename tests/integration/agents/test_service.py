"""Agents in a real tmux: found by their processes, read from their screens, heard by their hooks."""

import asyncio
import json
import shlex
import sys
from pathlib import Path

from yesman.agents.events import HookEvent
from yesman.agents.model import AgentState

SCREENS = Path(__file__).parents[2] / "screens" / "claude" / "80x24"
EVENT = {"hook_event_name": "PermissionRequest", "tool_name": "Bash"}
COMMAND = "touch made.txt && echo made"


def hook(scene, command):
    """Return the shell's line that does what the agent does for a hook."""
    payload = scene.folder / "payload"
    payload.write_text(json.dumps(EVENT | {"tool_input": {"command": command}}))
    program = shlex.join([sys.executable, "-I", "-m", "yesman.agents.event"])
    return f"sh -c {shlex.quote(f'{program} < {payload}')} && show {SCREENS}/bash.txt"


async def test_it_appears_works_asks_and_is_gone(scene):
    await scene.start("trust")
    started = await scene.until("agent.started")
    assert (started["agent"], started["state"]) == ("claude", "starting")
    trust = await scene.until("prompt.detected")
    assert trust["prompt"]["kind"] == "trust"
    await scene.type("busy")
    assert (await scene.until("agent.state_changed", state="busy"))["before"] == "waiting"
    await scene.type("bash")
    prompt = (await scene.until("prompt.detected"))["prompt"]
    assert (prompt["command"], prompt["exact"]) == (COMMAND, False)
    (seen,) = scene.agents.status()
    assert (seen.session, seen.state, seen.prompt.command) == ("work", AgentState.WAITING, COMMAND)
    await scene.type("end")
    await scene.until("agent.exited", before="waiting")
    assert scene.agents.status() == []


async def test_an_event_of_its_hook_makes_the_command_exact(listening):
    scene = listening
    await scene.start("idle", hook=hook(scene, COMMAND))
    await scene.until("agent.state_changed", state="idle")
    await scene.type("hook")
    prompt = (await scene.until("prompt.detected"))["prompt"]
    assert (prompt["command"], prompt["exact"], prompt["source"]) == (COMMAND, True, "hook")
    assert prompt["options"][0]["label"] == "Yes"


async def test_a_program_of_another_name_is_no_agent(scene):
    script = f"tail -n +2 {SCREENS}/bash.txt; read -r _"
    await scene.sessions.create("work", scene.folder, ["/bin/sh", "-c", script])
    async with asyncio.timeout(30):
        while "proceed" not in await scene.sessions.capture("work"):  # noqa: ASYNC110 - a screen tells nobody
            await asyncio.sleep(0.02)
    await scene.agents.look()
    assert (scene.published, scene.agents.status()) == ([], [])


async def test_an_event_from_outside_any_pane_changes_nothing(scene):
    await scene.start("idle")
    await scene.until("agent.state_changed", state="idle")
    await scene.agents.event(HookEvent("UserPromptSubmit", (1,)))
    (seen,) = scene.agents.status()
    assert seen.state is AgentState.IDLE
    await scene.agents.event(HookEvent("UserPromptSubmit", (seen.pid,)))
    assert scene.agents.status()[0].state is AgentState.BUSY


async def test_without_tmux_there_are_no_agents(scene):
    await scene.agents.look()
    assert scene.agents.status() == []
