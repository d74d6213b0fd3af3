"""Buckets: steady use is free, floods wait, and waiting is enough."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from yesman.runtime.pacing import Bucket, Quiet


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_free_and_what_follows_waits_its_turn():
    clock = Clock()
    bucket = Bucket(10, 5, clock)
    assert [bucket.spend(1) for _ in range(5)] == [0.0] * 5
    assert bucket.spend(1) == 0.1
    clock.now = 0.1
    assert bucket.spend(1) == 0.1


def test_an_idle_bucket_holds_no_more_than_its_burst():
    clock = Clock()
    bucket = Bucket(10, 5, clock)
    clock.now = 1_000
    assert [bucket.spend(1) > 0 for _ in range(7)] == [False] * 5 + [True] * 2


@given(st.lists(st.floats(0.01, 2), max_size=50))
def test_whoever_waits_as_told_never_exceeds_rate_and_burst(expenses):
    clock = Clock()
    bucket = Bucket(10, 5, clock)
    for expense in expenses:
        clock.now += bucket.spend(expense)
    assert sum(expenses) <= 5 + 10 * clock.now + 1e-6


def test_lines_left_out_are_counted_in_the_next_one():
    clock = Clock()
    quiet = Quiet(1, 2, clock)
    said = [quiet.line("x") for _ in range(6)]
    assert said == ["x", "x", None, None, None, None]
    clock.now = 2
    assert quiet.line("y") == "y (and 4 more before it)"
    assert quiet.line("z") == "z"
