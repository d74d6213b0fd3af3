"""Requests over kept connections, as fast as they are answered: a client that costs little itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

CONNECTIONS: Final = 16


async def _lane(host: str, port: int, waiting: Iterable[bytes]) -> list[float]:
    """Send requests one after the other over one connection; return how long each took, in seconds."""
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 20)
    took = []
    for request in waiting:
        began = time.perf_counter()
        writer.write(request)
        await _answer(reader)
        took.append(time.perf_counter() - began)
    writer.close()
    return took


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    if not lines[0].startswith((b"http/1.1 200", b"http/1.1 201")):
        raise RuntimeError(f"answered with {lines[0].decode()}")
    length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
    await reader.readexactly(length)


def measured(url: str, requests: list[bytes], connections: int = CONNECTIONS) -> list[float]:
    """Return how long each of ``requests`` took, sent over ``connections`` at the same time."""
    place = urlsplit(url)

    async def all_lanes() -> list[list[float]]:
        waiting = iter(requests)  # each lane takes the next one
        lanes = (_lane(str(place.hostname), int(place.port or 80), waiting) for _ in range(connections))
        return await asyncio.gather(*lanes)

    return [seconds for lane in asyncio.run(all_lanes()) for seconds in lane]


def get(path: str) -> bytes:
    """Return a request for ``path``."""
    return f"GET {path} HTTP/1.1\r\nHost: market\r\n\r\n".encode()
