"""What comes fast is taken together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

T = TypeVar("T")
MOST = 10_000
"""Items that are held; whoever makes more waits."""


async def at_rest(items: AsyncIterator[T], seconds: float) -> AsyncIterator[list[T]]:
    """Yield what has come, as lists that are never empty, with a rest after each.

    Whoever stops early has ended ``items`` as well, and what they raise is raised here.
    """
    arrived: asyncio.Queue[T] = asyncio.Queue(MOST)

    async def take() -> None:
        async for item in items:
            await arrived.put(item)

    taking = asyncio.ensure_future(take())
    getting = asyncio.ensure_future(arrived.get())
    try:
        while True:
            await asyncio.wait({taking, getting}, return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                await taking  # raises what went wrong
                if arrived.empty() and not getting.done():
                    return
            found = [await getting]
            while not arrived.empty():
                found.append(arrived.get_nowait())
            getting = asyncio.ensure_future(arrived.get())
            yield found
            await asyncio.sleep(seconds)
    finally:
        for task in (taking, getting):
            task.cancel()
        await asyncio.gather(taking, getting, return_exceptions=True)
