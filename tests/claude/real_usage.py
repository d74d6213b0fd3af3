"""What the real program writes into its logs, and what `usage-insight` reads there: each answer once."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from standin import USAGE, text, tool

from yesman.plugins.testing import load_plugin

if TYPE_CHECKING:
    from driving import Agent

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "usage-insight"
ASKED = "say two things and run a program"


def ask(agent: Agent) -> None:
    """Ask once, without a terminal."""
    agent.tmux("new-session", "-d", "-s", "keep", "sleep", "3600")  # what ends the agent looks for its server
    line = [str(agent.binary), "-p", ASKED, "--allowedTools", "Bash(echo hi)"]
    how = {"cwd": agent.project, "env": agent.environment(), "stdin": subprocess.DEVNULL}
    subprocess.run(line, check=True, timeout=100, **how)


async def test_an_answer_of_several_blocks_counts_once(new_agent, api, monkeypatch):
    api.answers[ASKED] = [text("One."), text("Two."), tool("Bash", command="echo hi", description="says hi")]
    with new_agent((80, 24)) as agent:
        ask(agent)
        monkeypatch.setenv("HOME", str(agent.home))
        async with load_plugin(EXAMPLE) as plugin:
            (session,) = (await plugin.execute_command("usage-sessions"))["sessions"]
    answers = 2  # the one with blocks, and what the model says to the program's output
    assert (session["answers"], session["folder"]) == (answers, str(agent.project))
    each = USAGE["input_tokens"], USAGE["output_tokens"]
    assert (session["input"], session["output"]) == (answers * each[0], answers * each[1])
