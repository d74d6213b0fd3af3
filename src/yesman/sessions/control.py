"""One control connection to a tmux server: a client process that stays, asked over its socket.

What always holds: the client sits in a session of its own, so it makes nobody's session "attached",
keeps none alive and sizes no windows; that session ends with the connection, or within a second of our end.
Nothing that a pane prints is sent to it. It never starts a tmux server. When the connection is lost,
everything asked fails at once.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from yesman import process
from yesman.model.errors import PlatformError, YesmanError
from yesman.sessions import hidden
from yesman.sessions.control_lines import Answer, ControlError, Reader, question
from yesman.transports import give

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yesman.sessions.tmux import TmuxServer

TIMEOUT: Final = 10.0
"""Seconds for one answer; then the connection counts as lost."""

_FLAGS: Final = "no-output,ignore-size"


class ControlLostError(PlatformError):
    """The connection ended; what was asked may have been carried out or not."""

    def __init__(self) -> None:
        super().__init__("The connection to the tmux server was lost", "Try again")


class RefusedError(PlatformError):
    """tmux refused a command; ``said`` is its complaint."""

    def __init__(self, said: str) -> None:
        super().__init__(f"tmux refused: {said.strip()[:300]}")
        self.said = said


async def _end(child: process.Talking) -> None:
    """End the client's process, also when we are cancelled before a thread is free for it."""
    try:
        await asyncio.to_thread(child.end)
    except asyncio.CancelledError:
        child.end()
        raise


class ControlClient(asyncio.Protocol):
    """The connection.

    Args:
        server: The tmux server.
        news: Called when something may have changed, also when the connection has ended.
    """

    def __init__(self, server: TmuxServer, news: Callable[[], None]) -> None:
        self._server = server
        self._session = hidden.PREFIX + secrets.token_hex(4)
        self._news = news
        self._reader = Reader()
        self._asked: deque[asyncio.Future[Answer]] = deque()
        self._transport: asyncio.Transport | None = None
        self._child: process.Talking | None = None
        self.lost = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, server: TmuxServer, news: Callable[[], None]) -> ControlClient:
        """Connect to the tmux server.

        Raises:
            ControlLostError: There is none.
            PlatformError: tmux is missing.
        """
        client = cls(server, news)
        session = ("new-session", "-E", "-f", _FLAGS, "-s", client._session, *hidden.program(os.getpid()))
        argv, env, folder = server.control_argv(*session, *hidden.OPTIONS)
        client._child = process.start_talking(argv, env=env, cwd=folder)
        try:
            await give(client._child.socket, client)
            await client.ask(("display-message", "-p", "hello"))
        except BaseException:
            await client.close()
            raise
        return client

    @property
    def pid(self) -> int:
        """Process id of the client."""
        return self._child.pid if self._child else 0

    async def ask(self, *commands: Sequence[str]) -> str:
        """Have commands carried out, as far as the first that fails, and return what they print.

        Only the last command may print lines that begin with ``%``.

        Raises:
            RefusedError: tmux refused one.
            ControlLostError: The connection is lost, now or already.
        """
        if self._transport is None or self.lost.done():
            raise ControlLostError
        word = secrets.token_hex(16)
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._reader.expect(word, commands=len(commands))
        self._asked.append(answered)
        self._transport.write(question(word, *commands))
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await answered
        except TimeoutError:
            self._transport.abort()
            raise ControlLostError from None
        if not answer.accepted:
            raise RefusedError(answer.text)
        return answer.text

    async def close(self) -> None:
        """End the session, the connection and its process."""
        try:
            await self._end_session()
        finally:
            if self._transport is not None:
                self._transport.abort()
            if self._child is not None:
                await _end(self._child)
                self._child = None

    async def _end_session(self) -> None:
        end = ("kill-session", "-t", f"={self._session}")
        with suppress(YesmanError):
            try:
                await self.ask(end)
            except ControlLostError:  # as it is once the session has gone
                await self._server.run(end)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what to write to (:class:`asyncio.Protocol`)."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Hand out answers and news."""
        try:
            for token in self._reader.feed(data):
                if isinstance(token, Answer):
                    answered = self._asked.popleft()
                    if not answered.done():
                        answered.set_result(token)
                else:
                    self._news()
        except ControlError:
            assert self._transport is not None  # noqa: S101 - it is where the data comes from
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's
        """Fail what was asked."""
        if not self.lost.done():
            self.lost.set_result(None)
        for answered in self._asked:
            if not answered.done():
                answered.set_exception(ControlLostError())
        self._news()
