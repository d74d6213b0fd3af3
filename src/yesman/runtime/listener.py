"""The listener of one filter: hears each system call that waits for the host, for whom it concerns.

All processes that descend from the one which installed the filter ask here. That is one plugin process and
what it starts, or a template and the plugin processes that it forks, of which each has a mark of its own
(:mod:`yesman.sandbox.family`) and somebody of its own to decide. A call of a process that nobody answers
for is refused. What the kernel holds for us costs nothing, so whoever asks too often is merely heard later.
"""

from __future__ import annotations

import asyncio
import errno
import os
from typing import TYPE_CHECKING, Protocol

from yesman.sandbox import family, notify

if TYPE_CHECKING:
    from collections.abc import Callable


class Side(Protocol):
    """Who decides for a plugin process and what it starts."""

    def take(self, call: notify.Notification) -> None:
        """Answer one call, now or later."""
        ...


class Listener:
    """Hears calls for as long as somebody answers for any of the processes.

    Args:
        descriptor: From the filter; owned from here on.
        shared: Whether processes with several marks ask here.

    Attributes:
        descriptor: The same; -1 once it is closed.
    """

    def __init__(self, descriptor: int, *, shared: bool = False) -> None:
        self.descriptor = descriptor
        self._shared = shared
        self._sides: dict[int, Side] = {}
        self._loop = asyncio.get_running_loop()
        self._held = 0
        self._rest: asyncio.TimerHandle | None = None
        self._over = False

    def join(self, mark: int, side: Side) -> None:
        """Let ``side`` answer for processes with ``mark``."""
        self._sides[mark] = side
        self._hear()

    def leave(self, mark: int) -> None:
        """Let nobody answer for processes with ``mark`` any more; when nobody answers at all, close."""
        self._sides.pop(mark, None)
        if self._sides or self.descriptor < 0:
            return
        self._deaf()
        if self._rest is not None:
            self._rest.cancel()
        os.close(self.descriptor)
        self.descriptor = -1

    def hold(self) -> Callable[[], None]:
        """Hear nothing until what is returned is called."""
        self._held += 1
        self._deaf()
        return self._release

    def rest(self, seconds: float) -> None:
        """Hear nothing for a while."""
        if self._rest is not None:
            self._rest.cancel()
        self._deaf()
        self._rest = self._loop.call_later(seconds, self._rested)

    def _release(self) -> None:
        self._held -= 1
        self._hear()

    def _rested(self) -> None:
        self._rest = None
        self._hear()

    def _hear(self) -> None:
        if self.descriptor >= 0 and not self._over and not self._held and self._rest is None:
            self._loop.add_reader(self.descriptor, self._on_notification)

    def _deaf(self) -> None:
        if self.descriptor >= 0:
            self._loop.remove_reader(self.descriptor)

    def _on_notification(self) -> None:
        ready = notify.ready(self.descriptor)
        if ready is notify.Ready.OVER:
            self._over = True
            self._deaf()
        call = notify.receive(self.descriptor) if ready is notify.Ready.CALL else None
        if call is None:
            return
        side = self._side_of(call)
        if side is None:
            notify.answer(self.descriptor, call.id, errno.EPERM)
        else:
            side.take(call)

    def _side_of(self, call: notify.Notification) -> Side | None:
        """Return who answers for the process that calls, which stands still until then."""
        if not self._shared:
            return next(iter(self._sides.values()), None)
        return self._sides.get(family.mark_on(call.thread))
