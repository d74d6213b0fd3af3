"""What crashes come to, on clocks and chances of the test's own."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.host.crashes import (
    LONGEST_SECONDS,
    MAX_LOG_LINE,
    TOO_MANY,
    WINDOW_SECONDS,
    Crash,
    History,
    after,
    bounded,
    pause,
    recent,
    with_log,
)


def crash(time, **changes):
    about = {
        "version": "1.0",
        "end": "died of SIGSEGV",
        "why": "",
        "during": "go",
        "cpu_ms": 1,
        "peak_kib": 2,
    }
    return Crash(time=time, **(about | changes))


def crashed(*times):
    history = History()
    for time in times:
        history = after(history, crash(time))
    return history


@pytest.mark.parametrize(
    ("times", "quarantined"),
    [
        ((0, 100), False),
        ((0, 100, 299), True),
        ((0, 100, 300), False),
        ((0, 200, 400, 600), False),
        ((0, 200, 400, 450), True),
        ((0, 0, 0), True),
    ],
)
def test_three_within_five_minutes_are_too_many(times, quarantined):
    assert crashed(*times).quarantined is quarantined


@given(st.lists(st.floats(0, 2_000), max_size=12))
def test_what_is_kept_is_bounded_and_recent(times):
    history = crashed(*sorted(times))
    assert len(history.crashes) <= TOO_MANY
    assert history.quarantined == (len(history.crashes) == TOO_MANY)
    if times:
        assert recent(history, history.crashes[-1].time) == len(history.crashes)


def test_a_quarantine_keeps_its_blame_and_no_time_ends_it():
    history = crashed(0, 1, 2)
    assert after(history, crash(10 * WINDOW_SECONDS)) == history
    assert history.reason == (
        "it crashed 3 times within 5 minutes, the last time because it died of SIGSEGV while running 'go'"
    )


def test_a_clock_that_was_set_back_quarantines_nobody():
    assert not crashed(10_000, 10_001, 5).quarantined
    assert crashed(10_000, 10_001, 5, 6, 7).quarantined


def test_what_the_host_ended_it_for_is_its_reason():
    assert str(crash(0, why="it used too much")) == "it used too much while running 'go'"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_pause_doubles_up_to_its_bound_and_varies_by_half(times, chance):
    assert 0 < pause(1, 0.0) <= pause(times, chance) <= LONGEST_SECONDS
    assert pause(times, 0.0) * 2 == pause(times, 1.0)
    assert pause(times + 1, chance) in {2 * pause(times, chance), pause(times, chance)} or times in {7, 8}


def test_its_last_words_come_later_and_are_cut():
    history = crashed(1, 2)
    words = bounded(["x" * 1_000] * 50)
    assert {len(word) for word in words} == {MAX_LOG_LINE}
    amended = with_log(history, history.crashes[-1], words)
    assert [c.log for c in amended.crashes] == [(), words]


def test_a_history_is_the_same_after_a_restart():
    history = crashed(1, 2, 3)
    assert msgspec.json.decode(msgspec.json.encode(history), type=History) == history
