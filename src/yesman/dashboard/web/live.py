"""What a page is told while it is open: one stream of server-sent events for all its regions."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from litestar import get
from litestar.params import Parameter
from litestar.response import Stream

from yesman.dashboard.web.wired import Dashboard
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from yesman.dashboard.web.regions import Piece, Regions

MOST_REGIONS: Final = 12
LONGEST: Final = 300
"""Characters of a region's name: up to three names of others are in it."""
SILENCE_SECONDS: Final = 15.0
"""After which something is sent, by which both sides notice that the other has gone."""
Names = Annotated[list[str], Parameter(query="region", max_items=MOST_REGIONS)]


@get("/live", include_in_schema=False)
async def stream(dashboard: Dashboard, names: Names) -> Stream:
    """Tell of regions until the page goes."""
    if not names or any(len(name) > LONGEST for name in names):
        raise UsageError("there are no such regions")
    headers = {"x-accel-buffering": "no"}  # a proxy must not hold events back
    return Stream(events(dashboard.regions, names), media_type="text/event-stream", headers=headers)


async def events(regions: Regions, names: list[str]) -> AsyncGenerator[bytes, None]:
    """Yield events, each of which is a piece of a region; whoever is slow gets fewer of them."""
    pieces: asyncio.Queue[tuple[str, Piece]] = asyncio.Queue(1)

    async def take(name: str) -> None:
        try:
            async with aclosing(regions.follow(name)) as follow:
                async for piece in follow:
                    await pieces.put((name, piece))
        except Exception:  # a mistake of ours in one region must not end the others
            logging.getLogger(__name__).exception("The region '%s' failed", name)
            await pieces.put((name, regions.broken()))

    taking = asyncio.gather(*map(take, dict.fromkeys(names)))
    try:
        yield b": hello\n\n"
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    name, piece = await pieces.get()
            except TimeoutError:
                yield b": still here\n\n"
            else:  # there is no line end in it: JSON escapes them
                yield b"data: " + msgspec.json.encode({"region": name, **piece}) + b"\n\n"
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
