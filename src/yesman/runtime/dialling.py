"""Connections the host makes for plugins: on a duplicate of the plugin's socket, never waiting.

The duplicate shares everything but its number with the plugin's socket. A blocking one is
made non-blocking for as long as its connection takes, and its caller is answered when the
kernel has decided; the event loop never waits, and no plugin waits for another's connection.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from yesman.model.network import Target

MAX_OPEN = 128
"""Connections under way for one plugin: each takes a descriptor of the host's."""
_UNDECIDED = (errno.EINPROGRESS, errno.EALREADY)
SockAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int]


class Dialer(Protocol):
    """Where an allowed connection really goes. The host's goes where it says; a test's may not."""

    def route(self, target: Target) -> Target:
        """Return the address to connect to for ``target``."""
        ...


class DirectDialer:
    """Connects to the very target."""

    def route(self, target: Target) -> Target:
        """Return ``target``."""
        return target


class _Open(NamedTuple):
    ours: socket.socket
    address: SockAddress
    timer: asyncio.TimerHandle | None


class Dials:
    """The connections under way for one plugin.

    Args:
        loop: Watches them.
        answer: Called with the notification's id and the errno once a connection is decided.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, answer: Callable[[int, int], None]) -> None:
        self._loop = loop
        self._answer = answer
        self._open: dict[int, _Open] = {}

    def connect(
        self,
        ident: int,
        ours: socket.socket,
        address: SockAddress,
        begun: Callable[[socket.socket], None] | None = None,
    ) -> int | None:
        """Connect ``ours`` and return the errno, 0 for success, or None when the answer comes later.

        Args:
            ident: The notification that waits for it.
            ours: The duplicate; owned, and closed, from here on.
            address: Fits the socket's family.
            begun: Called with ``ours`` once it has a name of its own.
        """
        kept = False
        try:
            blocking = not fcntl.fcntl(ours, fcntl.F_GETFL) & os.O_NONBLOCK
            if blocking and len(self._open) >= MAX_OPEN:
                return errno.ENOBUFS
            _set_blocking(ours, blocking=False)
            number = ours.connect_ex(address)
            if begun is not None:
                begun(ours)
            kept = blocking and number == errno.EINPROGRESS
            if kept:
                self._watch(ident, ours, address)
                return None
            _set_blocking(ours, blocking=blocking)
            return number
        finally:
            if not kept:
                ours.close()

    def interrupt(self) -> None:
        """Answer every waiting caller with EINTR; as the manual has it, the connections go on."""
        for ident in list(self._open):
            self._settle(ident, errno.EINTR)

    def close(self) -> None:
        """Give up all connections and answer nobody."""
        for ident in list(self._open):
            self._forget(ident)

    def _watch(self, ident: int, ours: socket.socket, address: SockAddress) -> None:
        self._loop.add_writer(ours.fileno(), self._on_connected, ident)
        seconds = _send_timeout(ours)
        timer = self._loop.call_later(seconds, self._settle, ident, errno.EINPROGRESS) if seconds else None
        self._open[ident] = _Open(ours, address, timer)

    def _on_connected(self, ident: int) -> None:
        """Connect again: the kernel tells how the first time ended, and puts the socket in order."""
        waiting = self._open[ident]
        number = waiting.ours.connect_ex(waiting.address)
        if number not in _UNDECIDED:
            self._settle(ident, number)

    def _settle(self, ident: int, number: int) -> None:
        _set_blocking(self._open[ident].ours, blocking=True)
        self._forget(ident)
        self._answer(ident, number)

    def _forget(self, ident: int) -> None:
        done = self._open.pop(ident)
        self._loop.remove_writer(done.ours.fileno())
        if done.timer is not None:
            done.timer.cancel()
        done.ours.close()


def address_for(ours: socket.socket, target: Target) -> SockAddress | None:
    """Return ``target`` in the family of the socket, None if it is no TCP socket or has none for it."""
    if ours.type != socket.SOCK_STREAM or ours.proto not in (0, socket.IPPROTO_TCP):
        return None
    dialled = target.spelt or target.address
    four = dialled.version == 4  # noqa: PLR2004 - the protocol's name
    if ours.family == socket.AF_INET6:
        return (f"::ffff:{dialled}" if four else str(dialled)), target.port, 0, target.zone
    if ours.family == socket.AF_INET and four:
        return str(dialled), target.port
    return None


def _set_blocking(ours: socket.socket, *, blocking: bool) -> None:
    flags = fcntl.fcntl(ours, fcntl.F_GETFL)
    fcntl.fcntl(ours, fcntl.F_SETFL, flags & ~os.O_NONBLOCK if blocking else flags | os.O_NONBLOCK)


def _send_timeout(ours: socket.socket) -> float:
    """Return SO_SNDTIMEO in seconds, 0 for none; a blocking ``connect`` ends with it (``socket(7)``)."""
    seconds, micros = struct.unpack("@ll", ours.getsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, 16))
    return float(seconds + micros / 1e6)
