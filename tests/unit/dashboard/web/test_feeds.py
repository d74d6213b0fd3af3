"""One question for all who look, asked while somebody does."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from yesman.dashboard.web.feeds import Feed
from yesman.dashboard.web.rests import at_rest
from yesman.model.errors import NotFoundError


class Source:
    """Answers with what it is told, and counts how often it was asked."""

    def __init__(self, answer=0):
        self.answer, self.asked = answer, 0

    async def __call__(self):
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_many_who_look_cost_as_much_as_one():
    source = Source("a")
    feed = Feed(source, 1000)
    looks = [feed.watch() for _ in range(20)]
    assert [await anext(look) for look in looks] == ["a"] * 20
    assert source.asked == 1
    for look in looks:
        await look.aclose()


async def test_nobody_is_told_the_same_twice_and_nobody_misses_the_latest():
    source = Source("a")
    feed = Feed(source, 0.001)
    async with aclosing(feed.watch()) as look:
        assert await anext(look) == "a"
        coming = asyncio.ensure_future(anext(look))
        await asyncio.sleep(0.05)
        assert not coming.done()
        source.answer = "b"
        assert await coming == "b"


async def test_it_is_not_asked_when_nobody_looks_and_anew_when_somebody_does_again():
    source = Source("a")
    feed = Feed(source, 0.001)
    async with aclosing(feed.watch()) as look:
        await anext(look)
    await asyncio.sleep(0.02)
    asked = source.asked
    await asyncio.sleep(0.02)
    assert source.asked == asked
    source.answer = "b"
    async with aclosing(feed.watch()) as look:
        assert await anext(look) == "b"


async def test_in_a_hurry_it_is_asked_at_once():
    source = Source("a")
    feed = Feed(source, 1000)
    async with aclosing(feed.watch()) as look:
        await anext(look)
        source.answer = "b"
        feed.hurry()
        assert await anext(look) == "b"


@pytest.mark.parametrize("error", [NotFoundError("it is gone"), RuntimeError("a mistake of ours")])
async def test_what_goes_wrong_is_told_and_it_goes_on(error):
    source = Source(error)
    feed = Feed(source, 0.001)
    async with aclosing(feed.watch()) as look:
        assert isinstance(await anext(look), Exception)
        source.answer = "again"
        assert await anext(look) == "again"


async def test_what_comes_fast_is_taken_together():
    async def items():
        for number in range(5_000):
            yield number

    taken = [some async for some in at_rest(items(), 0.01)]
    assert [one for some in taken for one in some] == list(range(5_000))
    assert len(taken) < 10
    assert all(taken)


async def test_what_ends_badly_says_so_after_what_came_before():
    async def items():
        yield 1
        raise NotFoundError("gone")

    async with aclosing(at_rest(items(), 0)) as taken:
        assert await anext(taken) == [1]
        with pytest.raises(NotFoundError):
            await anext(taken)


async def test_who_stops_early_ends_what_is_followed():
    ended = asyncio.Event()

    async def items():
        try:
            while True:
                yield 1
                await asyncio.sleep(0)
        finally:
            ended.set()

    async with aclosing(at_rest(items(), 0)) as taken:
        await anext(taken)
    await asyncio.wait_for(ended.wait(), 5)
