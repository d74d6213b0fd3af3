"""Hooks go where there is room, are found again and removed, and what they wrote is read strictly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yesman.sessions import journal
from yesman.sessions.journal import FIRST_INDEX, Entry

NAME = journal.variable("/home/somebody/.yesman")


def test_hooks_leave_those_of_others_alone():
    taken = f"session-created\nsession-created[{FIRST_INDEX}] display-message hi\nsession-closed[0] ls\n"
    places = [command[2] for command in journal.hooks(NAME, taken)]
    assert f"session-created[{FIRST_INDEX + 1}]" in places
    assert f"session-closed[{FIRST_INDEX}]" in places
    assert len(places) == len(set(places)) == 10


def test_what_is_there_is_not_put_there_again_and_goes_in_the_end():
    there = "\n".join(f"{command[2]} {command[3]}" for command in journal.hooks(NAME, "")).replace('"', "")
    assert journal.hooks(NAME, there) == []
    assert len(journal.hooks(journal.variable("/other"), there)) == 10
    unset = [command for command in journal.removal(NAME, there) if command[0] == "set-hook"]
    assert len(unset) == 10


def test_a_line_is_read_if_it_fits():
    assert journal.parse("\nC\t$1\tname\t/folder\nE\t%3\n") == (
        Entry("C", ("$1", "name", "/folder")),
        Entry("E", ("%3",)),
    )
    for line in (
        "C\t1\tname\t/",
        "C\t$1\tname",
        "E\t%3\t",
        "E\t% 3",
        "X\t%1\tx\t",
        "W\t$1\t@1\tw\t%1",
        "\t",
        "Z",
    ):
        assert journal.parse(line) == ()


def test_our_own_session_neither_begins_nor_ends():
    assert journal.parse("C\t$1\t_yesman-1\t/\nK\t$1\t_yesman-1\nN\t$1\t_yesman-1") == ()


@given(st.text())
def test_anything_can_be_read(kept):
    assert all(entry.kind in "CKNWUSEXAD" for entry in journal.parse(kept))
