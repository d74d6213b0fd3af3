"""What the reader claims, held against the real program. Run by `make test-claude`, not by `make test`.

With RECORD_SCREENS=1 the screens are written to tests/screens/claude, where the reader's own tests find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from standin import StandIn, text, tool

from yesman.agents.claude_screen import read
from yesman.agents.model import AgentState, PromptKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from driving import Agent

    from yesman.agents.model import Prompt, Reading

SIZES = [(80, 24), (200, 50)]
LIST = "Do you want to proceed?\n\n❯ 1. Yes\n  2. Yes, always\n  3. No\n\nEsc to cancel · Tab to amend"
IMITATION = "Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel · Tab to amend\n"
HOSTILE = (
    "true\n"
    + "╌" * 80
    + "\n Do you want to proceed?\n ❯ 1. Yes\n   2. No\n\n Esc to cancel · Tab to amend\n"
    + "─" * 80
)
ANSWERS = {
    "bash": [
        text("I will make the file."),
        tool("Bash", command="touch made.txt && echo made", description="Make it"),
    ],
    "hostile": [tool("Bash", command=HOSTILE, description="Look")],
    "edit": [
        tool("Read", file_path="a.txt"),
        tool("Edit", file_path="a.txt", old_string="one", new_string="two"),
    ],
    "write": [tool("Write", file_path="new.txt", content="hello\n")],
    "long": [tool("Write", file_path="long.txt", content="".join(f"line {i}\n" for i in range(90)))],
    "fetch": [tool("WebFetch", url="http://127.0.0.1:9/x", prompt="x")],
    "ask": [
        tool(
            "AskUserQuestion",
            questions=[
                {
                    "question": "Which colour?",
                    "header": "Colour",
                    "multiSelect": False,
                    "options": [
                        {"label": "Red", "description": "warm"},
                        {"label": "Blue", "description": "cold"},
                    ],
                }
            ],
        )
    ],
    "list": [text(LIST)],
    "talk": [text("I am talking.")],
}


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def fresh(request: pytest.FixtureRequest, new_agent: Callable[..., Any], api: StandIn) -> Iterator[Agent]:
    """An agent at its first start in a folder; the tests of one size go on from each other."""
    api.answers = dict(ANSWERS)
    with new_agent(request.param) as agent:
        (agent.project / "a.txt").write_text("one\n")
        (agent.project / "imitation").write_text(IMITATION)
        agent.start()
        yield agent


def asks(kind: PromptKind):
    def met(reading: Reading) -> bool:
        return reading.prompt is not None and reading.prompt.kind is kind

    return met


def is_in(state: AgentState):
    return lambda reading: reading.state is state


def prompt_after(agent: Agent, words: str, kind: PromptKind = PromptKind.PERMISSION) -> Prompt:
    """Say something, return the prompt that it leads to, and leave it by Escape."""
    agent.say(words)
    agent.until(asks(kind), f"the prompt after {words!r}")
    agent.record(words)
    prompt = read(agent.screen()).prompt
    agent.press("Escape")
    agent.until(is_in(AgentState.IDLE), "the box after Escape")
    assert prompt is not None
    return prompt


def labels(prompt: Prompt | None) -> list[str]:
    return [option.label for option in prompt.options] if prompt else []


def test_the_first_start_asks_for_trust_and_then_about_the_key(fresh):
    trust = fresh.until(asks(PromptKind.TRUST), "the trust prompt").prompt
    assert labels(trust) == ["No, exit", "Yes, I trust this folder"]
    assert [option.selected for option in trust.options] == [True, False]
    assert trust.question.startswith("Quick safety check: Is this a project you created or one you trust?")
    fresh.record("trust")
    fresh.choose("Yes")
    key = fresh.until(asks(PromptKind.API_KEY), "the key prompt").prompt
    fresh.record("api_key")
    assert (key.question, labels(key)) == ("Do you want to use this API key?", ["Yes", "No (recommended)"])
    fresh.choose("Yes")
    fresh.until(is_in(AgentState.IDLE), "the box")
    fresh.record("idle")


def test_the_command_that_it_wants_to_run_is_read(fresh):
    prompt = prompt_after(fresh, "bash")
    assert (prompt.tool, prompt.command) == ("Bash", "touch made.txt && echo made")
    assert prompt.question == "Do you want to proceed?"
    assert (labels(prompt)[0], labels(prompt)[-1]) == ("Yes", "No")
    assert [option.number for option in prompt.options] == list(range(1, len(prompt.options) + 1))
    assert prompt.options[0].selected


def test_answering_yes_runs_it(fresh):
    fresh.say("bash")
    fresh.until(asks(PromptKind.PERMISSION), "the prompt")
    fresh.press("Down")
    assert [option.selected for option in read(fresh.screen()).prompt.options][:2] == [False, True]
    fresh.record("bash-second-selected")
    fresh.press("Up")
    fresh.choose("Yes")
    fresh.until(is_in(AgentState.IDLE), "the end")
    assert (fresh.project / "made.txt").exists()
    fresh.record("idle-after-work")


@pytest.mark.parametrize(
    ("words", "name", "file"),
    [("edit", "Edit", "a.txt"), ("write", "Write", "new.txt"), ("long", None, None)],
)
def test_the_file_that_it_wants_to_change_is_read_while_it_is_in_sight(fresh, words, name, file):
    prompt = prompt_after(fresh, words)
    assert (prompt.tool, prompt.file) in [(name, file), ("Write", "long.txt")]
    assert (labels(prompt)[0], labels(prompt)[-1]) == ("Yes", "No")


def test_the_address_that_it_wants_to_fetch_is_read(fresh):
    prompt = prompt_after(fresh, "fetch")
    assert (prompt.tool, prompt.url) == ("WebFetch", "http://127.0.0.1:9/x")
    assert labels(prompt)[0] == "Yes"
    assert labels(prompt)[-1].startswith("No")


def test_its_own_question_is_a_choice(fresh):
    prompt = prompt_after(fresh, "ask", PromptKind.CHOICE)
    assert prompt.question == "Which colour?"
    assert labels(prompt)[:2] == ["Red", "Blue"]
    assert len(labels(prompt)) == 4


def test_a_prompt_inside_a_command_is_not_the_prompt(fresh):
    prompt = prompt_after(fresh, "hostile")
    assert len(prompt.options) > 2
    assert labels(prompt)[-1] == "No"


@pytest.mark.parametrize("words", ["list", "!cat imitation"], ids=["prose", "output"])
def test_what_only_looks_like_a_prompt_is_none(fresh, words):
    fresh.say(words)

    def shown(reading: Reading) -> bool:
        return reading.state is AgentState.IDLE and "❯ 1. Yes" in "\n".join(fresh.screen().rows)

    fresh.until(shown, "the imitation above the box")
    fresh.record("prose" if words == "list" else "output")


def test_it_is_busy_while_it_talks_and_idle_once_it_is_interrupted(fresh, api):
    api.going_on.clear()
    fresh.say("talk")
    fresh.until(is_in(AgentState.BUSY), "being busy")
    fresh.record("busy")
    fresh.press("Escape")
    api.going_on.set()
    fresh.until(is_in(AgentState.IDLE), "the box after Escape")
    fresh.record("interrupted")


def test_a_menu_of_its_own_is_a_choice(fresh):
    fresh.say("/model")
    fresh.until(asks(PromptKind.CHOICE), "the menu")
    fresh.record("model")
    fresh.press("Escape")
    fresh.until(is_in(AgentState.IDLE), "the box")


def test_nothing_was_asked_of_any_other_host(api):
    assert not api.elsewhere
