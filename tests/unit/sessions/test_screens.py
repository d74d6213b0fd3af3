"""A screen's colours are read whatever stands there, and nothing but text and style is left of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.sessions.screens import MAX_COLUMNS, MAX_ROWS, Run, parse

FACTS = "80 24 3 1 1"


def line(text):
    return parse(f"{FACTS}\n{text}\n").lines[0]


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("plain", [Run("plain")]),
        ("\x1b[31mred\x1b[0m not", [Run("red", 1), Run(" not")]),
        ("\x1b[97;41mx", [Run("x", 15, 1)]),
        ("\x1b[38;5;208mx\x1b[39my", [Run("x", 208), Run("y")]),
        ("\x1b[48;2;255;0;0mx\x1b[49my", [Run("x", None, 196), Run("y")]),
        ("\x1b[38;2;128;128;128mx", [Run("x", 244)]),
        ("\x1b[1;4;7mx\x1b[22;27my", [Run("x", None, None, ("bold", "reverse", "underline")),
                                       Run("y", None, None, ("underline",))]),
        ("\x1b[58;5;9mx", [Run("x")]),
        ("\x1b[38;5mx", [Run("x", 0)]),
        ("a\x1b]8;;http://evil\x1b\\b\x1b]8;;\x07c", [Run("a"), Run("b"), Run("c")]),
        ("a\x1b[2Jb\x1bcd", [Run("a"), Run("b"), Run("d")]),
        ("a\x1b", [Run("a")]),
        ("a\x07\u202eb", [Run("a  b")]),
    ],
)  # fmt: skip
def test_styles_are_read_and_all_else_is_gone(text, runs):
    assert list(line(text)) == runs


def test_a_style_goes_on_in_the_next_line():
    assert parse(f"{FACTS}\n\x1b[31ma\nb\n").lines == ((Run("a", 1),), (Run("b", 1),))


def test_what_is_empty_at_the_end_is_left_out_unless_it_is_coloured():
    assert len(parse(f"{FACTS}\na\n\n  \n\n").lines) == 1
    assert len(parse(f"{FACTS}\na\n\n\x1b[41m  \x1b[0m\n\n").lines) == 3
    assert parse(f"{FACTS}\n\n\n").lines == ()


def test_the_cursor_is_told_unless_it_is_hidden():
    assert parse(f"{FACTS}\nx").cursor == (3, 1)
    assert parse("80 24 3 1 0\nx").cursor is None


@pytest.mark.parametrize("answer", ["", "x", "80 24 3 1", "80 24 3 1 2\n", "-1 24 3 1 1\n"])
def test_an_answer_that_makes_no_sense_is_none(answer):
    assert parse(answer) is None


def test_it_is_no_larger_than_its_bounds():
    screen = parse(f"{FACTS}\n" + ("\x1b[31mx" * 2000 + "\n") * 1000)
    assert len(screen.lines) == MAX_ROWS
    assert all(sum(len(run.text) for run in each) <= MAX_COLUMNS for each in screen.lines)


ANYTHING = st.text() | st.lists(
    st.sampled_from(
        ["\x1b[", "\x1b]", "m", ";", "38", "5", "2", "0", "x", "\x07", "\x1b\\", "\n", "é", "\x1b"]
    )
).map("".join)


@given(ANYTHING)
def test_whatever_stands_there_only_text_and_style_are_left(text):
    screen = parse(f"{FACTS}\n{text}")
    for each in screen.lines:
        for run in each:
            assert run.text
            assert run.text.isprintable()
            assert all(colour is None or 0 <= colour <= 255 for colour in (run.foreground, run.background))


@given(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=100))
def test_text_without_sequences_is_itself(text):
    shown = "".join(run.text for run in line(text))
    assert shown == re.sub(r"[^\w\W]", "", text)


def test_a_long_line_of_nonsense_is_read_quickly():
    for text in ("\x1b[" * 200_000, "\x1b]" * 200_000, "\x1b[1;" * 100_000, "\x1bP" + "x" * 400_000):
        assert parse(f"{FACTS}\n{text}") is not None
