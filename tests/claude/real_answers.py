"""The real program, a real server and real plugins: a rule's answer is typed, and without one nothing is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from standin import StandIn, text, tool

from yesman.agents.claude_screen import read
from yesman.agents.claude_settings import PATH, hook_command, with_hooks
from yesman.agents.model import AgentState, PromptKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driving import Agent

EXAMPLE = Path(__file__).parents[2] / "examples" / "auto-answer"
COMMAND = "touch made.txt && echo made-by-a-rule"
OTHER = "touch other.txt"
ANSWERS = {
    "bash": [text("Now."), tool("Bash", command=COMMAND, description="Make it")],
    "other": [tool("Bash", command=OTHER, description="Make another")],
    "fetch": [
        tool("WebFetch", url="http://127.0.0.1:9/x", prompt="x"),
        tool("WebFetch", url="http://127.0.0.2:9/y", prompt="y"),
    ],
}
PATIENCE = 60.0
CRASHING = """
import os
from yesman.plugins import HookPlugin

class Crashing(HookPlugin):
    def get_hooks(self):
        return {"prompt.answering": lambda event: os._exit(1)}
"""


class Host:
    """A server beside the agent, and what one asks it on the command line."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.environment = agent.environment() | {"YESMAN_HOME": str(agent.home / "y")}

    def yesman(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "yesman", *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd="/", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def install(self, folder: Path, *more: str) -> None:
        self.yesman("plugin", "install", str(folder), "--yes", *more)

    def records(self, kind: str) -> list[dict[str, Any]]:
        said = self.yesman("plugin", "audit", "--kind", kind, "--json")
        return [json.loads(line) for line in said.splitlines()]

    def answered(self) -> list[dict[str, Any]]:
        """Return the records about the use of tools; there are also those of the first prompts."""
        return [record for record in self.records("answered") if "tool" in record["detail"]]

    def until(self, met: Callable[[], Any], what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := met()):
            shown = "\n".join(self.agent.screen().rows)
            assert time.monotonic() < deadline, f"{what} did not come about:\n{shown}"
            time.sleep(0.1)  # not to synchronise: the distance of two attempts
        return found

    def left(self, plugin: str) -> str:
        """Wait until a prompt was left to a person, and return why."""

        def why() -> str:
            said = self.yesman("plugin", "logs", plugin)
            return said.rpartition("left to a person, because ")[2].strip() if "left to" in said else ""

        return self.until(why, "leaving it")

    def asks_for(self, command: str) -> bool:
        prompt = read(self.agent.screen()).prompt
        return prompt is not None and prompt.command == command


@contextmanager
def serving(agent: Agent) -> Iterator[Host]:
    host = Host(agent)
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "yesman.server", "--ready-fd", str(writing)]
    command += ["--tmux-socket", str(agent.socket)]
    server = subprocess.Popen(command, env=host.environment, pass_fds=[writing], cwd="/")
    os.close(writing)
    with os.fdopen(reading) as ready:
        assert ready.readline() == "ready\n"
    try:
        yield host
    finally:
        server.terminate()
        server.wait(PATIENCE)


@pytest.fixture(params=[(80, 24), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
def host(request: pytest.FixtureRequest, new_agent: Callable[..., Any], api: StandIn) -> Iterator[Host]:
    """An agent at its box, with our hooks in its settings and a server that sees it."""
    api.answers = dict(ANSWERS)
    with new_agent(request.param) as agent:
        path = agent.project.joinpath(*PATH)
        path.parent.mkdir()
        path.write_text(with_hooks("{}", hook_command(sys.executable)))
        with serving(agent) as made:
            agent.start()
            for kind in (PromptKind.TRUST, PromptKind.API_KEY):
                agent.until(lambda seen, kind=kind: bool(seen.prompt and seen.prompt.kind is kind), kind)
                agent.choose("Yes")
            agent.until(lambda seen: seen.state is AgentState.IDLE, "the box")
            yield made


def rules(*texts: str) -> tuple[str, str]:
    return "--config", f"rules={json.dumps(texts)}"


def test_a_rule_answers_and_the_command_is_really_run(host):
    host.install(EXAMPLE, *rules(f"allow Bash {COMMAND}"))
    host.agent.say("bash")
    host.until((host.agent.project / "made.txt").exists, "running it")
    host.agent.until(lambda seen: seen.state is AgentState.IDLE, "the box")
    (record,) = host.until(host.answered, "the record")
    assert (record["plugin"], record["what"], record["detail"]["command"]) == ("auto-answer", "a", COMMAND)
    assert (record["detail"]["option"], record["detail"]["by"]) == ("Yes", "plugin:auto-answer")
    host.agent.say("other")
    host.until(lambda: host.asks_for(OTHER), "the prompt without a rule")
    host.agent.choose("No")
    host.until(lambda: len(host.answered()) == 2, "the second record")
    assert host.answered()[1]["detail"]["by"] == "user"
    assert len(host.records("keystrokes")) == 1
    assert not (host.agent.project / "other.txt").exists()


def test_a_crashed_voter_leaves_the_prompt_to_a_person(host, tmp_path):
    host.install(EXAMPLE, *rules(f"allow Bash {COMMAND}"))
    crashing = tmp_path / "crashing"
    (crashing / "src").mkdir(parents=True)
    (crashing / "src" / "__init__.py").touch()
    (crashing / "src" / "main.py").write_text(CRASHING)
    manifest = {"name": "crashing", "version": "1.0.0", "description": "dies", "type": "hook"}
    manifest |= {"provides": [{"hooks": [{"name": "prompt.answering"}]}], "permissions": ["session.type"]}
    (crashing / "plugin.yaml").write_text(json.dumps(manifest))
    host.install(crashing)
    host.agent.say("bash")
    assert host.left("crashing") == "crashing could not vote"
    assert host.asks_for(COMMAND)
    assert (host.records("keystrokes"), (host.agent.project / "made.txt").exists()) == ([], False)


def test_of_two_tools_at_once_each_prompt_is_answered_by_its_own_rule(host):
    host.install(EXAMPLE, *rules("allow WebFetch http://127.0.0.1:9/*"))
    host.agent.say("fetch")
    (record,) = host.until(host.answered, "the first answer")
    assert record["detail"]["url"] == "http://127.0.0.1:9/x"

    def second() -> bool:
        prompt = read(host.agent.screen()).prompt
        return prompt is not None and prompt.url == "http://127.0.0.2:9/y"

    host.until(second, "the second prompt")
    host.agent.choose("No")
    host.until(lambda: len(host.answered()) == 2, "the second record")
    assert [record["detail"]["by"] for record in host.answered()] == ["plugin:auto-answer", "user"]
    assert len(host.records("keystrokes")) == 1
