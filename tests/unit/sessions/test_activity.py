"""Output is told at most once a second, and its end once."""

from __future__ import annotations

from yesman.sessions import activity
from yesman.sessions.activity import IDLE_SECONDS, MAX_LOOKS, Activity, chosen


def run(*ticks):
    found = Activity()
    return [
        (name, now)
        for now, looks in ticks
        for name, _pane, _ in found.tick(now, {"%1": looks} if looks else {}, ["%1"])
    ]


def test_the_first_look_is_no_news():
    assert run((0.0, "a"), (1.0, "a")) == []


def test_output_makes_a_pane_active_and_silence_makes_it_idle():
    ticks = [(10.0, "a"), (10.5, "b"), (11.0, None), (10.5 + IDLE_SECONDS, None), (60.0, None)]
    assert run(*ticks) == [("pane.active", 10.5), ("pane.output", 10.5), ("pane.idle", 10.5 + IDLE_SECONDS)]


def test_much_output_is_told_once_a_second_and_the_last_of_it_too():
    ticks = [(10 + n / 10, f"{n}") for n in range(21)] + [(13.5, None)]
    told = [now for name, now in run(*ticks) if name == "pane.output"]
    assert told == [10.1, 11.1, 13.5]


def test_a_pane_that_has_gone_is_forgotten():
    found = Activity()
    found.tick(10.0, {"%1": "a"}, ["%1"])
    found.tick(10.5, {"%1": "b"}, ["%1"])
    assert found.tick(60.0, {}, []) == []


def test_many_panes_are_looked_at_by_turns():
    panes = [f"%{n}" for n in range(10 * MAX_LOOKS)]
    drawn = [chosen(panes) for _ in range(2)]
    assert [len(set(found)) for found in drawn] == [MAX_LOOKS] * 2
    assert drawn[0] != drawn[1]


def test_what_is_listed_is_read_strictly():
    assert activity.recent("%1\t1,2,3,4,5\nnonsense\n%x\t1\n%2\t\n") == {"%1": "1,2,3,4,5", "%2": ""}
