"""Watches a tmux server for as long as we run, through its restarts and lost connections.

What always holds: while the tmux server has a session there is a connection, or one is being made;
each thing that happens is told once, in order; and whatever tmux does, this goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from typing import TYPE_CHECKING, Final

from yesman.model.errors import YesmanError
from yesman.sessions.control import ControlClient, ControlLostError
from yesman.sessions.hidden import OTHERS
from yesman.sessions.looking import Looker
from yesman.sessions.tmux import NoServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yesman.sessions.known import Change
    from yesman.sessions.tmux import TmuxServer

POLL_SECONDS: Final = 0.1
"""Between two glances at the journal: tmux does not notify of everything that is written there."""

CHECK_SECONDS: Final = 5.0
"""Between two checks that our hooks still stand and that nothing was missed."""

ACTIVITY_SECONDS: Final = 0.5
"""Between two looks at what panes print, while somebody listens."""

ABSENT_SECONDS: Final = 0.2
"""Between two attempts to reach a tmux server that is not there; one costs some 20 µs."""

MAX_PAUSE: Final = 2.0
"""Between two attempts at one that has no session, or that throws us out."""

LINGER_SECONDS: Final = 2.0
"""For which a tmux server is kept after its last session: the next may be about to begin."""

_log = logging.getLogger("yesman.sessions")


class Watch:
    """Tells what happens on one tmux server.

    Args:
        server: The tmux server; it gets the control connection while there is one.
        tell: Called with each event, in order.
        wanted: Whether anybody listens to what panes print, which costs something to find out.
    """

    def __init__(
        self, server: TmuxServer, tell: Callable[[Change], None], wanted: Callable[[], bool] = lambda: True
    ) -> None:
        self._server = server
        self._tell = tell
        self._wanted = wanted
        self._looker = Looker(server.journal)
        self._news = asyncio.Event()
        self._woken = asyncio.Event()
        self._complained = ""
        self._begun = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._current = asyncio.Event()

    async def ready(self, seconds: float = 1.0) -> bool:
        """Wait until whatever has happened is told, and whatever happens from now on will be.

        Args:
            seconds: How long at most; then the answer is ``False``.
        """
        if not self._answers():
            return await _within(self._begun, seconds)
        found = await self.current(seconds)
        if self._server.control is not None:
            with contextlib.suppress(YesmanError):  # that connection is lost: the next one finds out
                await self._look(self._server.control)
        return found

    async def current(self, seconds: float = 1.0) -> bool:
        """Wait until there is a connection and all has been looked at.

        Whoever may have started the tmux server calls this, so that nothing escapes notice.

        Args:
            seconds: How long at most; then the answer is ``False``.
        """
        if not self._current.is_set():
            self._woken.set()
        return await _within(self._current, seconds)

    async def run(self) -> None:
        """Watch until cancelled; then leave nothing in the tmux server."""
        pause = 0.0
        while True:
            self._woken.clear()
            since = time.monotonic()
            if self._answers():
                await self._watch_until_lost()
                lasted = time.monotonic() - since > LINGER_SECONDS / 2
                pause = 0.02 if lasted else min(MAX_PAUSE, max(0.02, pause * 2))
            else:
                self._nothing_there()
                pause = ABSENT_SECONDS
            await _within(self._woken, pause)

    async def _watch_until_lost(self) -> None:
        try:
            if await self._is_it_empty():
                self._nothing_there()
            else:
                await self._connected()
        except ControlLostError:
            pass  # whatever became of the server is seen the next time
        except YesmanError as error:
            if str(error) != self._complained:
                self._complained = str(error)
                _log.warning("tmux is not watched: %s", error)
        except Exception:  # noqa: BLE001 - a mistake of ours must not end the watch; the next look starts afresh
            _log.exception("watching tmux failed")

    async def _is_it_empty(self) -> bool:
        try:
            return not await self._server.run(("list-sessions", "-f", OTHERS, "-F", "#{session_id}"))
        except NoServerError:
            return True

    def _nothing_there(self) -> None:
        self._tell_all(self._looker.nothing_there())
        self._begun.set()

    async def _connected(self) -> None:
        socket_file = self._socket_file()
        client = await ControlClient.open(self._server, self._news.set)
        try:
            await self._looker.install(client)
            await self._look(client)
            self._server.control = client
            self._current.set()
            while self._socket_file() == socket_file and await self._is_needed(client):
                await self._follow(client)
                await self._looker.install(client)
        except asyncio.CancelledError:
            with contextlib.suppress(YesmanError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._looker.uninstall(client)
            raise
        finally:
            self._current.clear()
            self._server.control = None
            await client.close()

    async def _follow(self, client: ControlClient) -> None:
        """Look whenever there may be something new, and at the end in any case."""
        now = asyncio.get_running_loop().time
        check, panes = now() + CHECK_SECONDS, now()
        while now() < check and not client.lost.done() and not self._looker.empty:
            if await _within(self._news, POLL_SECONDS) or await self._looker.written(client):
                started = now()
                await self._look(client)
                # Where much happens, or there is much to look at, most of the time is left to others.
                await asyncio.sleep(min(1.0, max(0.01, 3 * (now() - started))))
            if now() >= panes:
                panes = now() + ACTIVITY_SECONDS
                await self._watch_panes(client)
        if not client.lost.done():
            await self._look(client)

    async def _is_needed(self, client: ControlClient) -> bool:
        """Tell whether to stay: the last session's server is let go, but not while one follows the other."""
        if self._looker.empty:
            await _within(self._news, LINGER_SECONDS)
            if not client.lost.done():
                await self._look(client)
        return not client.lost.done() and not self._looker.empty

    async def _look(self, client: ControlClient) -> None:
        async with self._one_at_a_time:
            self._news.clear()
            self._tell_all(await self._looker.look(client))
            while self._looker.unsettled:
                self._tell_all(await self._looker.look(client))
            self._begun.set()

    async def _watch_panes(self, client: ControlClient) -> None:
        if self._wanted():
            self._tell_all(await self._looker.watch_panes(client))
        else:
            self._looker.forget_panes()

    def _answers(self) -> bool:
        """Tell whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.setblocking(False)
            try:
                probe.connect(str(self._server.socket))
            except BlockingIOError:  # it is busy
                return True
            except OSError:
                return False
        return True

    def _tell_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._tell(change)

    def _socket_file(self) -> tuple[int, int] | None:
        """Tell which socket stands at the path: another tmux server may have taken the place."""
        try:
            found = self._server.socket.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
