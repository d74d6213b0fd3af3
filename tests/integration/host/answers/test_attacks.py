"""What would have an answer typed into something else than what was voted on: nothing is typed then.

The control of all is test_an_agreed_answer_is_typed_told_and_on_record, which is the same without the attack.
"""

from __future__ import annotations

import os
import signal

import pytest

YES = "return Allow('Yes')"
COMMAND = "git status"
EVIL = "rm -rf everything"


def nothing_typed(scene):
    assert (scene.answers(), scene.records("keystrokes")) == ([], [])


def test_a_forged_prompt_of_another_program_is_not_even_asked_about(scene):
    """It paints what an agent paints, and sends what an agent's hook sends."""
    (scene.folder / "name").write_text("painter")
    scene.voter(YES)
    scene.start(COMMAND)
    scene.until(lambda: "proceed" in scene.shown())
    (scene.folder / "name").unlink()
    scene.start("control", name="other")
    scene.until(scene.answers, 60)
    assert (scene.heard(), scene.answers()) == (["control"], ["control: Yes"])


def test_what_only_a_screen_tells_is_not_asked_about(scene):
    (scene.folder / "silent").touch()
    scene.watcher()
    scene.voter(YES)
    scene.start(COMMAND)
    (told,) = scene.until(lambda: scene.told("prompt.detected"))
    assert (told["prompt"]["source"], told["prompt"]["command"]) == ("screen", COMMAND)
    scene.type("Down", "Down", "Enter")
    scene.until(lambda: scene.told("prompt.answered"))
    assert (scene.heard(), scene.answers(), scene.records("keystrokes")) == ([], [f"{COMMAND}: No"], [])


def test_a_prompt_that_is_swapped_during_the_vote_is_left(scene):
    held, go_on = scene.hold()
    scene.voter(held + YES)
    agent = scene.start(COMMAND)
    scene.until(scene.heard)
    (scene.folder / "now").write_text(EVIL)
    os.kill(agent, signal.SIGUSR1)
    scene.until(lambda: EVIL in scene.shown())
    go_on()
    assert scene.left() in {
        "the prompt has gone",
        "the screen does not show all of the prompt, or shows another",
    }
    nothing_typed(scene)
    assert EVIL in scene.shown()


def test_a_prompt_that_is_swapped_at_the_first_key_gets_no_second_one(scene):
    (scene.folder / "swap").write_text(EVIL)
    scene.voter("return Allow('No')")
    scene.start(COMMAND)
    scene.left()
    assert scene.answers() == []
    (typed,) = scene.until(lambda: scene.records("keystrokes"))
    assert typed["detail"] == {"characters": 1, "enter": False}
    assert EVIL in scene.shown()


@pytest.mark.parametrize("keys", [["Down"], ["Enter"]], ids=["chooses", "answers"])
def test_a_person_who_is_faster_wins(scene, keys):
    held, go_on = scene.hold()
    scene.voter(held + YES)
    scene.start(COMMAND)
    scene.until(scene.heard)
    scene.type(*keys)
    scene.until(lambda: scene.answers() if keys == ["Enter"] else "❯ 2" in scene.shown())
    go_on()
    assert scene.left() in {"somebody has chosen another answer", "the prompt has gone"}
    assert scene.records("keystrokes") == []
    assert [record["detail"]["by"] for record in scene.records("answered")] == (
        ["user"] if keys == ["Enter"] else []
    )


@pytest.mark.parametrize("mode", ["history", "together"])
def test_a_pane_in_which_keys_go_elsewhere_gets_none(scene, mode):
    held, go_on = scene.hold()
    scene.voter(held + YES)
    scene.start(COMMAND)
    scene.until(scene.heard)
    if mode == "history":
        scene.tmux("copy-mode", "-t", "work:")
    else:
        scene.tmux("set-option", "-w", "-t", "work:", "synchronize-panes", "on")
    go_on()
    assert "history" in scene.left()
    nothing_typed(scene)


def test_one_who_votes_and_dies_is_not_counted(scene):
    """Its answer has arrived; what it would have said a moment later nobody knows."""
    dying = "import threading; threading.Timer(0.05, os._exit, (1,)).start()\n"
    scene.voter(dying + YES)
    scene.start(COMMAND)
    assert scene.left() == "a plugin that decided it has ended, or may not type there any more"
    nothing_typed(scene)


def test_whoever_loses_the_permission_has_nothing_typed(scene):
    held, go_on = scene.hold()
    scene.voter(held + YES)
    scene.start(COMMAND)
    scene.until(scene.heard)
    scene.server.call("plugin.revoke", name="voter", permissions=["session.type"])
    go_on()
    assert scene.left() == "a plugin that decided it has ended, or may not type there any more"
    nothing_typed(scene)


def test_an_answer_that_is_not_taken_is_not_typed_again(scene):
    (scene.folder / "stuck").touch()
    scene.voter(YES)
    scene.start(COMMAND)
    assert scene.left() == "the prompt did not take the answer"
    (typed,) = scene.until(lambda: scene.records("keystrokes"))
    assert typed["detail"] == {"characters": 1, "enter": True}
    assert scene.records("answered") == []
