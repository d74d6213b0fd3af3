"""The user answers from elsewhere: into the prompt that they were shown, and into no other."""

from __future__ import annotations

import pytest


def asked(scene):
    """Wait until a prompt can be answered; return the agent that asks."""

    def there():
        agent = scene.agent() or {}
        return agent if agent.get("answerable") else None

    return scene.until(there, 60)


def params(agent, answer, **changed):
    return {"session": "work", "pid": agent["pid"], "number": agent["number"], "option": answer} | changed


def test_the_answer_is_typed_and_on_record_as_the_users(scene):
    scene.start("one", "two")
    agent = asked(scene)
    assert agent["answerable"] == ["Yes", "Yes, and don't ask again", "No"]
    scene.server.call("agent.answer", **params(agent, "No"))
    assert scene.answers() == ["one: No"]
    (record,) = scene.until(lambda: scene.records("answered"))
    assert (record["plugin"], record["detail"]["by"], record["detail"]["option"]) == ("", "user", "No")
    assert scene.records("keystrokes") == []


def test_what_only_the_screen_tells_may_be_answered_by_who_sees_it(scene):
    (scene.folder / "silent").touch()
    scene.start()
    agent = asked(scene)
    assert not agent["prompt"]["exact"]
    scene.server.call("agent.answer", **params(agent, "Yes"))
    assert [line.rpartition(": ")[2] for line in scene.answers()] == ["Yes"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"number": 7}, "does not ask that any more"),
        ({"pid": 1}, "does not ask that any more"),
        ({"session": "other"}, "does not ask that any more"),
        ({"option": "Perhaps"}, "is none of the answers"),
        ({"option": "\x1b[31m"}, "is none of the answers"),
    ],
)
def test_what_does_not_fit_the_prompt_is_refused_and_nothing_typed(scene, changed, said):
    scene.start()
    agent = asked(scene)
    refused = scene.server.refusal("agent.answer", **params(agent, "Yes", **changed))
    assert said in refused["message"]
    assert scene.answers() == []


def test_a_prompt_that_is_swapped_meanwhile_gets_no_enter(scene):
    scene.start()
    agent = asked(scene)
    (scene.folder / "swap").write_text("rm -rf everything")
    refused = scene.server.refusal("agent.answer", **params(agent, "No"))
    assert "the answer was not taken" in refused["message"]
    assert scene.answers() == []


def test_a_prompt_that_was_answered_is_not_answered_again(scene):
    scene.start("one", "two")
    agent = asked(scene)
    scene.server.call("agent.answer", **params(agent, "Yes"))
    refused = scene.server.refusal("agent.answer", **params(agent, "Yes"))
    assert "any more" in refused["message"]
    assert scene.answers() == ["one: Yes"]
