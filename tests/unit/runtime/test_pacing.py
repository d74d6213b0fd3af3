"""Buckets: steady use is free, floods wait, and waiting is enough."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.runtime.pacing import TURN_SECONDS, Bucket, Quiet, Share


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


class Busy:
    """A share whose turns last as long as the test says."""

    def __init__(self, rate: float = 0.5, burst: float = 1.0) -> None:
        self.clock = Clock()
        self.worked = 0.0
        self.share = Share(rate, burst, self.clock, lambda: self.worked)

    def work(self, seconds: float) -> None:
        self.worked += seconds


def test_turns_are_free_until_what_was_saved_up_is_spent():
    busy = Busy()
    for _ in range(2):
        turn = busy.share.turn()
        busy.work(0.6)
        turn.end()
    assert busy.share.wait() == pytest.approx(0.4)
    busy.clock.now = 0.4
    assert busy.share.wait() == 0


def test_a_turn_is_over_when_it_has_worked_for_long_whatever_the_clock_says():
    busy = Busy()
    turn = busy.share.turn()
    busy.clock.now = 1_000
    assert not turn.over()
    busy.work(TURN_SECONDS * 1.1)
    assert turn.over()


async def test_each_step_of_a_call_is_paid_for_and_waiting_is_not():
    busy = Busy()

    async def work() -> str:
        busy.work(1.0)
        await asyncio.sleep(0)
        busy.work(1.0)
        return "done"

    task = asyncio.ensure_future(busy.share.billed(work()))
    await asyncio.sleep(0)
    busy.work(100)  # of somebody else's, while it waits
    assert await task == "done"
    assert busy.share.wait() == pytest.approx(2.0)


async def test_a_call_that_fails_or_is_cancelled_ends_as_it_would_unpaid():
    busy, reached = Busy(), []

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError("mine")

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            reached.append("tidied up")
            raise

    with pytest.raises(LookupError, match="mine"):
        await busy.share.billed(fails())
    task = asyncio.ensure_future(busy.share.billed(waits()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert reached == ["tidied up"]
