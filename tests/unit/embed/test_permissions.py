"""Who is asked, what is remembered, and that whatever is unclear is no."""

from __future__ import annotations

import json
import os
import pty
import sys
import termios
from pathlib import Path

import pytest

from yesman.embed import OwnGrants, PermissionManager
from yesman.model.errors import VerificationError
from yesman.model.permissions import NAMES

READ = "session.read"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "below" / "grants.json"


@pytest.fixture
def manager(file):
    return PermissionManager(OwnGrants(file))


@pytest.fixture
def agreeing(manager, monkeypatch):
    """A manager whose dialog is overridden, and the questions it was asked."""
    asked = []
    monkeypatch.setattr(manager, "_show_permission_dialog", lambda *question: asked.append(question) or True)
    manager.asked = asked
    return manager


@pytest.fixture
def keyboard(monkeypatch):
    """Call it for a terminal as stdin and stderr; it returns the end the user sits at."""
    ours, theirs = pty.openpty()
    with open(theirs, closefd=False) as read, open(theirs, "w", closefd=False) as write:

        def sit():  # in the test itself, because pytest sets stderr anew as the test begins
            monkeypatch.setattr(sys, "stdin", read)
            monkeypatch.setattr(sys, "stderr", write)
            return ours

        yield sit
    os.close(theirs)
    os.close(ours)


def test_every_permission_has_a_level():
    assert set(PermissionManager.PERMISSION_LEVELS) == NAMES
    assert PermissionManager.PERMISSION_LEVELS["session.type"] == 3
    assert set(PermissionManager.PERMISSION_LEVELS.values()) == {1, 2, 3}


def test_what_was_agreed_to_is_granted_and_kept(agreeing, file):
    assert agreeing.request_permissions("helper", [READ, "network.external:api.example.org:443"])
    assert agreeing.asked == [("helper", [READ, "network.external:api.example.org:443"])]
    again = PermissionManager(OwnGrants(file))
    assert again.granted_permissions == {"helper": [READ, "network.external:api.example.org:443"]}
    assert again.check_permission("helper", READ)
    assert not again.check_permission("other", READ)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_grant_opens_what_is_within_it_and_no_more(agreeing):
    agreeing.request_permissions("helper", ["session.read", "network.external:api.example.org"])
    assert agreeing.check_permission("helper", "session.read:work-*")
    assert agreeing.check_permission("helper", "network.external:api.example.org:443")
    assert not agreeing.check_permission("helper", "network.external")
    assert not agreeing.check_permission("helper", "session.modify")


def test_agreeing_to_more_takes_nothing_away_and_a_no_changes_nothing(agreeing, monkeypatch):
    agreeing.request_permissions("helper", ["session.read"])
    agreeing.request_permissions("helper", ["session.modify"])
    monkeypatch.setattr(agreeing, "_show_permission_dialog", lambda *_: False)
    assert not agreeing.request_permissions("helper", ["plugin.manage"])
    assert agreeing.granted_permissions == {"helper": ["session.read", "session.modify"]}


@pytest.mark.parametrize(
    "text", ["nonsense", "", "session.read:", "filesystem.read:relative", "plugin.manage:x"]
)
def test_what_is_no_permission_is_a_value_error_before_anybody_is_asked(agreeing, text):
    with pytest.raises(ValueError, match=r"permission|scope|absolute"):
        agreeing.request_permissions("helper", [READ, text])
    assert agreeing.asked == []
    assert agreeing.granted_permissions == {}
    assert not agreeing.check_permission("helper", text)


def test_without_a_terminal_the_answer_is_no(manager, file, monkeypatch):
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert not manager.request_permissions("helper", [READ])
    assert not file.exists()


@pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_the_user_is_asked_on_the_terminal(manager, keyboard, typed, answer, monkeypatch):
    terminal = keyboard()
    monkeypatch.setattr("termios.tcflush", lambda *_: os.write(terminal, typed.encode()))
    assert manager.request_permissions("helper\x1b[2J", [READ, "session.type"]) is answer
    shown = os.read(terminal, 10_000).decode()
    assert "\x1b[2J" not in shown
    assert "helper\\x1b[2J asks for these permissions" in shown
    assert "session.type" in shown
    assert "High risk" in shown
    assert manager.check_permission("helper\x1b[2J", "session.type") is answer


def test_what_was_typed_before_the_question_answers_nothing(manager, keyboard, monkeypatch):
    terminal = keyboard()
    os.write(terminal, b"y\n")
    flush = termios.tcflush
    monkeypatch.setattr(termios, "tcflush", lambda *given: (flush(*given), os.write(terminal, b"n\n")))
    assert not manager.request_permissions("helper", [READ])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"helper": "session.read"}',
        '{"helper": ["everything"]}',
        "\xff",
        '{"a": ' * 9_000,
        '{"helper": [1]}',
    ],
)
def test_grants_that_cannot_be_read_are_no_grants_and_stay_as_they_are(agreeing, file, content):
    agreeing.request_permissions("helper", [READ])
    file.write_text(content, "latin-1")
    for doing in (
        lambda: agreeing.check_permission("helper", READ),
        lambda: agreeing.request_permissions("helper", [READ]),
        lambda: agreeing.granted_permissions,
        lambda: PermissionManager(OwnGrants(file)),
    ):
        with pytest.raises(VerificationError, match="move it away"):
            doing()
    assert file.read_text("latin-1") == content


def test_a_grant_taken_out_of_the_file_is_gone_at_once(agreeing, file):
    agreeing.request_permissions("helper", [READ])
    file.write_text(json.dumps({"helper": []}))
    assert not agreeing.check_permission("helper", READ)


def test_the_copy_that_is_shown_changes_nothing(agreeing):
    agreeing.granted_permissions["helper"] = [READ]
    assert not agreeing.check_permission("helper", READ)


def test_by_default_they_are_kept_below_the_home_of_yesman(tmp_path, monkeypatch):
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    made = PermissionManager()
    monkeypatch.setattr(made, "_show_permission_dialog", lambda *_: True)
    assert made.request_permissions("helper", [READ])
    assert json.loads((tmp_path / "embedded_grants.json").read_text()) == {"helper": [READ]}
