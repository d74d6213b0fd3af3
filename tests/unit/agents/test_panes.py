"""What tmux says of a pane is a view, or nothing; what an agent says fits into an event."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.agents.answering import choices
from yesman.agents.model import MAX_BYTES, Option, Prompt, PromptKind, fits, fitting
from yesman.agents.panes import parse

FACTS = "2 7 4711 0 0 0 0 1795407697"
ANSWERS = (Option("Yes", 1, selected=True), Option("No", 2))
CERTAIN = Prompt(PromptKind.PERMISSION, "Proceed?", ANSWERS, "Bash", "make", exact=True, source="hook")


def test_a_view_has_the_screen_as_it_is():
    view = parse(f"{FACTS}\n%end 1 2 3\n\n  two\n\n")
    assert (view.screen.rows, view.screen.column, view.screen.row) == (("%end 1 2 3", "", "  two"), 2, 7)
    assert (view.first, view.free, view.typed_at, view.facts) == (4711, True, 1795407697, FACTS)


@pytest.mark.parametrize("place", [3, 4, 5, 6])
def test_a_pane_in_which_keys_go_elsewhere_is_not_free(place):
    facts = FACTS.split()
    facts[place] = "1"
    assert parse(" ".join(facts) + "\n").free is False


def test_of_several_sessions_whoever_typed_last_counts():
    assert parse(f"{FACTS} 9999999999 5 \n").typed_at == 9999999999


@given(st.text(max_size=60))
def test_nothing_but_numbers_becomes_part_of_a_tmux_command(text):
    view = parse(text)
    assert view is None or set(view.facts) <= set("0123456789 ")


@pytest.mark.parametrize(
    "changes",
    [
        {"exact": False},
        {"source": "screen"},
        {"kind": PromptKind.CHOICE},
        {"options": ()},
        {"options": (ANSWERS[0], ANSWERS[0])},
        {"options": (Option("Yes", 1), Option("No", 2))},
    ],
)
def test_only_what_is_certain_has_answers_to_type(changes):
    assert choices(CERTAIN) == ("Yes", "No")
    assert choices(msgspec.structs.replace(CERTAIN, **changes)) == ()


def test_what_is_too_long_for_an_event_is_cut_and_not_exact():
    assert fitting(CERTAIN) is CERTAIN
    long = msgspec.structs.replace(CERTAIN, command="\0" * MAX_BYTES, options=ANSWERS * 15)
    assert fits(fitting(long))
    assert not fitting(long).exact
