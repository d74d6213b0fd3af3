"""Plugins answer an agent's prompt by a vote; whatever is not as it should be leaves it to a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[4] / "examples" / "auto-answer"
YES = "return Allow('Yes')"
COMMAND = "touch made.txt && echo a-rather-long-one"


def test_an_agreed_answer_is_typed_told_and_on_record(scene):
    scene.watcher()
    scene.voter(YES)
    scene.start()
    scene.until(scene.answers, 60)
    assert scene.answers() == [f"{COMMAND}: Yes"]
    assert scene.heard() == [COMMAND]
    (answered,) = scene.until(lambda: scene.told("prompt.answered"))
    assert (answered["option"], answered["by"]) == ("Yes", "plugin:voter")
    assert answered["prompt"]["command"] == COMMAND
    (record,) = scene.until(lambda: scene.records("answered"))
    assert (record["plugin"], record["what"]) == ("voter", "work")
    assert (record["detail"]["command"], record["detail"]["option"]) == (COMMAND, "Yes")
    (typed,) = scene.until(lambda: scene.records("keystrokes"))
    assert typed["detail"] == {"characters": 1, "enter": True}


def test_the_answer_agreed_on_is_selected_with_the_arrow_keys(scene):
    scene.voter("return Allow('No')")
    scene.voter("return Allow('No')", "second")
    scene.start("one", "two")
    scene.until(lambda: len(scene.answers()) == 2, 60)
    assert scene.answers() == ["one: No", "two: No"]
    assert scene.heard() == ["one", "two"]
    by = {record["plugin"] for record in scene.until(lambda: scene.records("answered"))}
    assert by == {"voter", "second"}
    assert {record["detail"]["by"] for record in scene.records("answered")} == {"plugin:second, plugin:voter"}


def test_without_a_vote_nothing_is_typed_and_a_persons_answer_is_told(scene):
    scene.watcher()
    scene.voter("return None")
    scene.start()
    scene.asks()
    scene.until(scene.heard)
    assert scene.answers() == []
    scene.type("Enter")
    (answered,) = scene.until(lambda: scene.told("prompt.answered"))
    assert (answered["option"], answered["by"]) == ("", "user")
    (record,) = scene.until(lambda: scene.records("answered"))
    assert (record["plugin"], record["detail"]["by"]) == ("", "user")
    assert scene.records("keystrokes") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return Deny('no')", "spoiler: no"),
        ("os._exit(1)", "spoiler could not vote"),
        ("raise ValueError", "spoiler could not vote"),
        ("os.kill(os.getpid(), 11)", "spoiler could not vote"),
        ("return {'allow': 'Yes', 'deny': ''}", "spoiler could not vote"),
        ("return 'Yes'", "spoiler could not vote"),
        ("return Allow('No')", "the plugins do not agree on an answer"),
    ],
)
def test_one_who_does_not_agree_leaves_the_prompt_to_a_person(scene, body, why):
    """The voter alone would have it answered: test_an_agreed_answer_is_typed_told_and_on_record."""
    scene.voter(YES)
    scene.voter(body, "spoiler")
    scene.start()
    assert scene.left("spoiler") == why
    assert scene.asks()["command"] == COMMAND
    assert (scene.answers(), scene.records("keystrokes")) == ([], [])


@pytest.mark.parametrize("body", ["os._exit(1)", "return Allow('yes')", "return Allow('')"])
def test_a_lone_voter_that_says_nothing_useful_leaves_it_too(scene, body):
    scene.voter(body)
    scene.start()
    scene.left()
    assert (scene.answers(), scene.records("keystrokes")) == ([], [])


def test_a_voter_that_does_not_answer_in_time_leaves_it(scene):
    scene.voter(YES)
    scene.voter("await asyncio.sleep(600)", "spoiler")
    scene.start()
    assert scene.left("spoiler") == "spoiler could not vote"
    assert scene.answers() == []


def test_a_vote_counts_in_the_sessions_that_it_may_type_into(scene):
    scene.voter(YES, permission="session.type:other-*")
    scene.start()
    scene.asks()
    scene.voter("return None", "second")
    scene.type("Down", "Down", "Enter")
    scene.until(scene.answers)
    assert (scene.heard(), scene.answers()) == ([], [f"{COMMAND}: No"])
    scene.start("second", name="other-1")
    scene.until(lambda: len(scene.answers()) == 2, 60)
    assert (scene.heard(), scene.answers()[1]) == (["second"], "second: Yes")


def test_the_same_command_asked_about_twice_is_voted_on_and_answered_twice(scene):
    scene.voter(YES)
    scene.start("same", "same")
    scene.until(lambda: len(scene.answers()) == 2, 60)
    assert (scene.heard(), scene.answers()) == (["same", "same"], ["same: Yes", "same: Yes"])
    scene.until(lambda: len(scene.records("answered")) == 2)


def test_the_example_answers_what_a_rule_allows_and_nothing_without_one(scene):
    scene.server.install(EXAMPLE)
    scene.start("make test")
    scene.asks()
    scene.type("Down", "Down", "Enter")  # without a rule it is a person's to answer
    scene.until(scene.answers)
    rules = json.dumps(["allow Bash make test"])
    scene.server.call("plugin.config", name="auto-answer", set={"rules": rules})
    scene.start("make test", "make install", name="other")
    scene.until(lambda: len(scene.answers()) == 2, 60)
    assert scene.answers() == ["make test: No", "make test: Yes"]
    scene.until(lambda: len(scene.records("answered")) == 2)
    assert "make install" in scene.tmux("capture-pane", "-p", "-t", "other:")
    by = [record["detail"]["by"] for record in scene.records("answered")]
    assert by == ["user", "plugin:auto-answer"]
    assert len(scene.answers()) == 2


def test_a_plugin_may_say_what_a_program_is_and_nothing_is_typed_for_that(scene):
    """Its own hook tells the prompt to the letter, but that it is an agent is hearsay."""
    (scene.folder / "name").write_text("wrapped")
    said = "return 'claude' if event.payload['command'] == 'wrapped' else None"
    hooks = {"agent.detecting": f"self.note(event.payload['command'])\n{said}"}
    scene.server.install(scene.plugins.make("knows", hooks=hooks, permissions=["session.read"]))
    scene.voter(YES)
    scene.server.session("plain", scene.folder)
    scene.start("one", "two")
    scene.until(lambda: (scene.agent() or {}).get("prompt"))  # its hook came before it was known
    scene.type("Enter")
    assert scene.asks()["command"] == "two"
    scene.type("Down", "Enter")
    scene.until(lambda: len(scene.records("answered")) == 2)
    (scene.folder / "name").unlink()
    scene.start("control", name="other")
    scene.until(lambda: "control: Yes" in scene.answers(), 60)
    assert (scene.heard(), len(scene.answers())) == (["control"], 3)
    heard = scene.heard("knows")
    assert {"sleep", "wrapped"} <= set(heard)
    assert (heard.count("sleep"), heard.count("wrapped")) == (1, 1)


def test_no_agent_is_made_up(scene):
    (scene.folder / "name").write_text("wrapped")
    hooks = {"agent.detecting": "return 'codex' if event.payload['command'] == 'wrapped' else None"}
    scene.server.install(scene.plugins.make("knows", hooks=hooks, permissions=["session.read"]))
    scene.start()
    log = lambda: scene.server.yesman("plugin", "logs", "knows").stdout  # noqa: E731
    scene.until(lambda: "yesman knows no such agent" in log())
    assert scene.agent() is None
