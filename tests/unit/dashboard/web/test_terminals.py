"""A terminal's screen as spans: nothing is lost, and the cursor is where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.dashboard.web.palette import style_sheet
from yesman.dashboard.web.terminals import spans
from yesman.sessions.screens import Run, Screen

RUNS = st.builds(Run, st.text(min_size=1, max_size=10), st.none() | st.integers(0, 255), st.none())
SCREENS = st.builds(
    Screen,
    st.just(80),
    st.just(24),
    st.none() | st.tuples(st.integers(0, 90), st.integers(0, 5)),
    st.lists(st.lists(RUNS, max_size=4).map(tuple), max_size=5).map(tuple),
)


@given(SCREENS)
def test_no_character_is_lost_or_added_but_spaces_before_the_cursor(screen):
    shown = spans(screen)
    for line, made in zip(screen.lines, shown, strict=False):
        text = "".join(run.text for run in line)
        assert "".join(part for _, part in made).rstrip(" ") == text.rstrip(" ")
    assert not any(part for line in shown[len(screen.lines) :] for _, part in line if part.strip())


@given(SCREENS)
def test_there_is_one_cursor_or_none(screen):
    cursors = [text for line in spans(screen) for kind, text in line if "cursor" in kind.split()]
    assert len(cursors) == (0 if screen.cursor is None else 1)
    assert all(len(text) == 1 for text in cursors)


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        (Run("x"), ""),
        (Run("x", 1, 22), "f1 b22"),
        (Run("x", 1, None, ("bold", "reverse")), "b1 bold reverse"),
    ],
)
def test_a_style_is_classes(run, kind):
    assert spans(Screen(80, 24, None, ((run,),))) == [[(kind, "x")]]


def test_there_is_a_rule_for_each_colour_beyond_our_own():
    rules = style_sheet().decode()
    assert all(f".f{n}{{" in rules and f".b{n}{{" in rules for n in range(16, 256))
    assert ".f15{" not in rules
    assert ".f16{color:#000000}" in rules
    assert ".f255{color:#eeeeee}" in rules
