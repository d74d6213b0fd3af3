"""Services that cost others something come at a pace; everything else, and everybody else, at once."""

from __future__ import annotations

import asyncio

import pytest

from yesman.host.paced import Paced
from yesman.model.limits import Limits

BURST = 20
SLOW = Limits(session_calls_per_second=BURST, events_per_second=BURST / 20)


class Counting:
    """Services that only note what they were asked."""

    def __init__(self) -> None:
        self.served: list[str] = []

    async def serve(self, method, params, _cause):
        self.served.append(method)
        return params, b""


@pytest.mark.parametrize(
    ("method", "at_once"), [("session.list", 4), ("tmux.capture", 4), ("bus.publish", BURST)]
)
async def test_what_is_beyond_the_pace_is_carried_out_later(method, at_once):
    counting = Counting()
    paced = Paced(counting, SLOW)
    calls = [asyncio.ensure_future(paced.serve(method, {"n": n}, None)) for n in range(BURST + 2)]
    await asyncio.sleep(0)
    assert counting.served == [method] * at_once
    assert await asyncio.gather(*calls) == [({"n": n}, b"") for n in range(BURST + 2)]


async def test_what_costs_nobody_else_anything_is_not_counted():
    counting = Counting()
    paced = Paced(counting, SLOW)
    for _ in range(1_000):
        await paced.serve("net.port", {}, None)
    await paced.serve("session.list", {}, None)
    assert len(counting.served) == 1_001


async def test_each_process_has_a_pace_of_its_own():
    counting = Counting()
    flooding = Paced(counting, Limits(session_calls_per_second=1))
    waiting = [asyncio.ensure_future(flooding.serve("session.list", {}, None)) for _ in range(20)]
    await asyncio.sleep(0)
    await Paced(counting, SLOW).serve("tmux.send", {}, None)
    assert counting.served[-1] == "tmux.send"
    for call in waiting:
        call.cancel()
    assert len(counting.served) == 1 + 1, "its burst, and the other's"
