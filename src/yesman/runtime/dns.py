"""A name server for one plugin's C code, which knows no other way to ask.

The C library is told to ask over TCP, and the broker leads every connection to port 53 here.
It listens on loopback while the plugin lives and serves only connections that the broker has
announced, by their source port: nobody else on this machine can ask, or make the plugin's
names count. What may be asked, and what is remembered, is the host's resolution like any other.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
import socket
from typing import TYPE_CHECKING, Any

from yesman.model.errors import NotFoundError, PermissionDeniedError
from yesman.model.network import Target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

MAX_CONNECTIONS = 16
MAX_QUERY = 512
"""Bytes; a question needs at most 12 + 255 + 4, and options seldom more than a few."""
SECONDS = 30.0
"""For one connection; a resolver asks its one or two questions and leaves."""
_LOOPBACK = "127.0.0.1"
_LENGTH = 2


class NameServer:
    """Listens from the first need until closed.

    Args:
        resolve: Returns the addresses of a name for the plugin, of a family or (0) of both.
    """

    def __init__(self, resolve: Callable[[str, int], Awaitable[list[str]]]) -> None:
        self._resolve = resolve
        self._listener: socket.socket | None = None
        self._expected: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def place(self) -> Target:
        """Return where it listens, which it does from now on."""
        if self._listener is None:
            self._listener = socket.create_server((_LOOPBACK, 0), backlog=MAX_CONNECTIONS)
            self._listener.setblocking(False)
            self._track(self._accept(self._listener))
        return Target(ipaddress.ip_address(_LOOPBACK), self._listener.getsockname()[1])

    def expect(self, asking: socket.socket) -> None:
        """Serve the connection that ``asking`` has just begun."""
        if len(self._expected) >= MAX_CONNECTIONS:
            self._expected.clear()  # they failed to arrive; the resolver tries again
        self._expected.add(asking.getsockname()[1])

    def close(self) -> None:
        """End every conversation."""
        for task in self._tasks:
            task.cancel()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _track(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, (_, port) = await loop.sock_accept(listener)
            except OSError:  # no descriptor is left: the next question makes a new listener
                listener.close()
                self._listener = None
                return
            if port not in self._expected or len(self._tasks) > MAX_CONNECTIONS:
                client.close()
                continue
            self._expected.discard(port)
            self._track(self._converse(client))

    async def _converse(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with client, contextlib.suppress(OSError, EOFError, TimeoutError):
            async with asyncio.timeout(SECONDS):
                while True:
                    length = int.from_bytes(await _exactly(client, _LENGTH))
                    if length > MAX_QUERY:
                        return
                    answer = await self._answer(await _exactly(client, length))
                    if answer is None:
                        return
                    await loop.sock_sendall(client, len(answer).to_bytes(_LENGTH) + answer)

    async def _answer(self, data: bytes) -> bytes | None:
        """Return the reply, None to hang up on what is no question."""
        # Most plugins never ask, and the library takes its time to import.
        await asyncio.to_thread(importlib.import_module, "yesman.runtime.dns_messages")
        from yesman.runtime import dns_messages  # noqa: PLC0415 - see above
        from yesman.runtime.dns_messages import Outcome  # noqa: PLC0415 - see above

        question = dns_messages.parse(data)
        if question is None:
            return None
        if question.reverse:
            return dns_messages.reply(question, Outcome.ABSENT)
        try:
            # Of both families: a name that has none of the one asked for is not absent.
            addresses = await self._resolve(question.host, 0)
        except PermissionDeniedError:
            return dns_messages.reply(question, Outcome.REFUSED)
        except NotFoundError:
            return dns_messages.reply(question, Outcome.ABSENT)
        return dns_messages.reply(question, Outcome.FOUND, addresses)


async def _exactly(client: socket.socket, length: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < length:
        piece = await loop.sock_recv(client, length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
