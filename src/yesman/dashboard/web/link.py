"""The way to the home's server, found again when the server was started anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from yesman.dashboard.client import Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Link:
    """A connection that is there when it is needed.

    Args:
        socket: The server's.

    Every method raises PlatformError when no server answers, and else what the server tells.
    """

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._client: Client | None = None
        self._one_at_a_time = asyncio.Lock()

    async def call(self, method: str, **params: Any) -> Any:
        """As :meth:`Client.call`."""
        return await (await self._open()).call(method, **params)

    async def data(self, method: str, **params: Any) -> bytes:
        """As :meth:`Client.data`."""
        return await (await self._open()).data(method, **params)

    async def lines(self, method: str, **params: Any) -> AsyncIterator[Any]:
        """As :meth:`Client.lines`."""
        async for line in (await self._open()).lines(method, **params):
            yield line

    async def output(self, method: str, **params: Any) -> AsyncIterator[bytes]:
        """As :meth:`Client.output`."""
        async for piece in (await self._open()).output(method, **params):
            yield piece

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()

    async def _open(self) -> Client:
        async with self._one_at_a_time:
            if self._client is None or self._client.lost.done():
                self._client = await Client.open(self._socket)
            return self._client
