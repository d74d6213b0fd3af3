"""A question in the middle of a command, on a terminal of the test's own."""

from __future__ import annotations

import io
import os
import pty

import pytest

from yesman.cli import question
from yesman.cli.display import Display
from yesman.cli.question import Question, wording

ABOUT = {"plugin": "boss", "operation": "remove", "target": "notes", "version": "1.0", "effect": "It goes"}
NEVER = 1e9


@pytest.fixture
def keyboard(monkeypatch):
    """A terminal in place of stdin and stderr; returns the other end."""
    ours, theirs = pty.openpty()
    kept = os.dup(question.STDIN)
    os.dup2(theirs, question.STDIN)
    monkeypatch.setattr(question, "drop_typed", lambda: None)  # each test types after that
    yield ours
    os.dup2(kept, question.STDIN)
    for number in (kept, ours, theirs):
        os.close(number)


def asked(readable=0.0):
    return Question(1, ABOUT, Display(io.StringIO(), io.StringIO()), readable)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("y\n", "yes"),
        (" YES \n", "yes"),
        ("n\n", "no"),
        ("\n", "no"),
        ("yy\n", "no"),
        ("notes\n", "no"),
        ("\x04", "no"),
    ],
)
def test_only_a_whole_yes_is_one(keyboard, typed, answer):
    os.write(keyboard, typed.encode())
    assert asked().read() == answer


def test_what_comes_before_anybody_could_have_read_it_is_no_answer(keyboard, capsys):
    os.write(keyboard, b"y\n")
    assert asked(NEVER).read() is None
    assert capsys.readouterr().err.count("[y/N]") == 2


def test_the_end_of_input_is_no_even_then(keyboard):
    os.write(keyboard, b"\x04")
    assert asked(NEVER).read() == "no"


def test_half_a_line_is_waited_for(keyboard):
    one = asked()
    os.write(keyboard, b"y\x04")  # hands over what is on the line so far
    assert one.read() is None
    os.write(keyboard, b"es\n")
    assert one.read() == "yes"


def test_what_others_wrote_is_harmless_and_stays_in_its_place():
    text = wording(
        {**ABOUT, "target": "x\x1b[2J\n[y/N] y", "version": "1\u202e", "plugin": "b\r", "effect": "E\n"}
    )
    assert text.count("\n") == 2
    assert not {"\x1b", "\r", "\u202e"} & set(text)


def test_an_operation_that_is_not_known_says_so():
    assert "something unknown" in wording({**ABOUT, "operation": "{target.__class__}"})
