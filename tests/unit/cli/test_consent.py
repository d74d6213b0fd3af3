"""What a user consents to, and how the question is asked. On a real pseudo-terminal."""

import os
import pty
import sys

import pytest

from yesman.cli import consent, question
from yesman.cli.install import asks_for_more
from yesman.model.errors import PermissionDeniedError

ASKED = {"granted": False, "grants": []}
KEPT = {"granted": True, "grants": ["session.read"]}
READ = {"permission": "session.read", "risk": "Low", "reaches": "sees sessions", "reason": "to see", **ASKED}
TYPE = {"permission": "session.type", "risk": "High", "reaches": "types into sessions", "reason": "", **ASKED}
PLUGIN = {
    "name": "helper",
    "version": "2.0",
    "author": "A. Uthor",
    "description": "Helps.",
    "digest": "sha256:00",
    "publisher": "local",
    "key": "local",
    "package": False,
    "permissions": [READ, TYPE],
    "installed": None,
    "added_permissions": ["session.read", "session.type"],
    "dropped_permissions": [],
    "replaces": None,
}
UPDATE = {
    **PLUGIN,
    "permissions": [READ | KEPT, TYPE],
    "installed": {"version": "1.0", "digest": "sha256:11"},
    "added_permissions": ["session.type"],
}


@pytest.fixture
def keyboard(monkeypatch):
    """A terminal as stdin and stderr; returns the end the user types at."""
    ours, theirs = pty.openpty()
    with (
        open(theirs, closefd=False) as read,
        open(theirs, "w", closefd=False) as write,
    ):
        monkeypatch.setattr(sys, "stdin", read)
        monkeypatch.setattr(sys, "stderr", write)
        yield ours
    os.close(theirs)
    os.close(ours)


def test_everything_that_matters_is_shown():
    text = consent.describe(PLUGIN)
    for part in (
        "helper",
        "2.0",
        "not signed",
        "session.type",
        "High risk",
        "types into sessions",
        "not stated",
    ):
        assert part in text


def test_an_update_shows_what_is_new():
    text = consent.describe(UPDATE)
    kept, new = text.split("It asks for these new permissions:")
    assert "session.read" in kept
    assert "+ session.type" in new
    assert "instead of 1.0" in text


@pytest.mark.escape("terminal")
def test_what_the_author_wrote_is_escaped():
    hostile = {
        **PLUGIN,
        "description": "\x1b[8m",
        "permissions": [{**READ, "reason": "a\n\nGrant? [y/N] y\u202e"}],
    }
    text = consent.describe(hostile)
    assert "\x1b" not in text
    assert "\\x1b[8m" in text
    assert "a\\n\\nGrant? [y/N] y\\u202e" in text.replace("\n      ", " ")


@pytest.mark.parametrize("gap", [" ", "\u00a0", "x"])
@pytest.mark.escape("terminal")
def test_no_scope_reaches_the_margin(gap, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    scope = f"~/docs/{gap * 60}It asks for no permissions. {gap * 300}end"
    asked = {**READ, "permission": f"filesystem.read:{scope}"}
    text = consent.describe({**PLUGIN, "permissions": [asked], "added_permissions": [asked["permission"]]})
    shown = text.split("permissions:\n\n", 1)[1]
    assert all(line.startswith("  ") and len(line) <= 80 for line in shown.split("\n"))


@pytest.mark.parametrize(
    ("plugin", "asked"),
    [
        (PLUGIN, True),
        (UPDATE, True),
        ({**UPDATE, "added_permissions": []}, False),
        ({**PLUGIN, "permissions": [], "added_permissions": []}, False),
    ],
)
def test_only_what_is_new_is_asked_about(plugin, asked):
    assert asks_for_more(plugin) == asked


@pytest.mark.escape("terminal")
def test_nobody_to_ask_means_no(capsys):
    with pytest.raises(PermissionDeniedError) as caught:
        consent.confirm("Sure?", yes=False, refusal="Not done", command=["yesman", "do", "a b", "--yes"])
    assert caught.value.next_step.endswith("yesman do 'a b' --yes")


def test_yes_beforehand_is_not_asked_again():
    consent.confirm("Sure?", yes=True, refusal="", command=[])


@pytest.mark.parametrize(
    ("typed", "answer"), [(b"y\n", True), (b"YES\n", True), (b"\n", False), (b"n\n", False)]
)
def test_answers(keyboard, typed, answer, monkeypatch):
    monkeypatch.setattr(question.termios, "tcflush", lambda *_: os.write(keyboard, typed))
    assert consent.ask("Sure? ") is answer


@pytest.mark.escape("terminal")
def test_what_was_typed_before_the_question_does_not_count(keyboard, monkeypatch):
    os.write(keyboard, b"y\n")
    flush = question.termios.tcflush

    def flush_then_refuse(*arguments):
        flush(*arguments)
        os.write(keyboard, b"n\n")

    monkeypatch.setattr(question.termios, "tcflush", flush_then_refuse)
    with pytest.raises(PermissionDeniedError, match="Not done"):
        consent.confirm("Sure?", yes=False, refusal="Not done", command=[])
