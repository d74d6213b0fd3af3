"""The connect broker: decides every ``connect`` of one plugin and makes the allowed ones itself.

The plugin's call stands still in the kernel while the host copies the address out of its memory
once, checks that the caller still waits, decides on the copy, and connects its own duplicate
of the plugin's socket to the copy. What another thread writes into that memory meanwhile
changes nothing. Other forbidden calls arrive here only to be put on record and refused.

Never answers CONTINUE, never blocks the loop (a connection that takes time is waited for as
any other descriptor), and fails closed: an error refuses, a closed listener gives ENOSYS.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
from typing import TYPE_CHECKING, NamedTuple, Protocol

from yesman.model.network import Target, missing, parse_sockaddr, permits
from yesman.sandbox import notify
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.permissions import Permission
    from yesman.runtime.names import Pins

MAX_SOCKADDR = 128
"""``sizeof(struct sockaddr_storage)``; the kernel takes no more either."""
_NAMES = {number: name for name, number in this_machine().numbers.items()}
_CONNECT = this_machine().numbers["connect"]


class Denial(NamedTuple):
    """One refusal, as the kernel reported it: authoritative.

    Attributes:
        call: The system call's name.
        what: What it would have done, for people.
        permission: What would have to be granted, "" when nothing can allow it.
    """

    call: str
    what: str
    permission: str


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


class Broker:
    """Answers the notifications of one plugin process.

    Args:
        listener: From the plugin's filter; owned from here on.
        pidfd: The plugin's process.
        granted: What it may connect to.
        pins: Names the host resolved for it.
        dialer: See :class:`Dialer`.
        on_denied: Told of every refusal.
    """

    def __init__(
        self,
        listener: int,
        pidfd: int,
        *,
        granted: tuple[Permission, ...],
        pins: Pins,
        dialer: Dialer,
        on_denied: Callable[[Denial], None],
    ) -> None:
        self._listener = listener
        self._pidfd = pidfd
        self._granted = granted
        self._pins = pins
        self._dialer = dialer
        self._on_denied = on_denied
        self._loop = asyncio.get_running_loop()
        self._connecting: set[socket.socket] = set()
        self._loop.add_reader(listener, self._on_notification)

    def close(self) -> None:
        """Stop answering; whatever still waits fails with ENOSYS."""
        if self._listener < 0:
            return
        self._loop.remove_reader(self._listener)
        os.close(self._listener)
        self._listener = -1
        for ours in list(self._connecting):
            self._forget(ours)

    def _on_notification(self) -> None:
        call = notify.receive(self._listener)
        if call is None:
            return
        try:
            number = self._connect(call) if call.number == _CONNECT else self._refuse(call)
        except OSError as error:
            number = error.errno or errno.EACCES
        if number is not None:
            notify.answer(self._listener, call.id, number)

    def _refuse(self, call: notify.Notification) -> int:
        name = _NAMES.get(call.number, str(call.number))
        permission = "system.execute" if name in {"execve", "execveat", "fork", "vfork"} else ""
        self._on_denied(Denial(name, f"call {name}", permission))
        return errno.EPERM

    def _connect(self, call: notify.Notification) -> int | None:
        """Return the errno to answer with, 0 for success, None when the answer comes later."""
        number, pointer, length = call.arguments[0], call.arguments[1], call.arguments[2] & 0xFFFFFFFF
        if not 2 <= length <= MAX_SOCKADDR:  # noqa: PLR2004 - a family at least
            return errno.EINVAL
        data = notify.read_memory(call.thread, pointer, length)
        if not notify.still_waits(self._listener, call.id):
            return None  # that memory may have been somebody else's
        target = parse_sockaddr(data)
        if target is None:
            self._on_denied(Denial("connect", "connect to anything but an internet address", ""))
            return errno.EACCES
        names = self._pins.names(target.address)
        if not permits(self._granted, target, names):
            self._on_denied(Denial("connect", f"connect to {target}", missing(target, names)))
            return errno.EACCES
        return self._dial(call.id, number & 0xFFFFFFFF, self._dialer.route(target))

    def _dial(self, ident: int, number: int, target: Target) -> int | None:
        ours = socket.socket(fileno=notify.take_descriptor(self._pidfd, number))
        later = False
        try:
            address = _address_for(ours, target)
            if address is None:
                return errno.EAFNOSUPPORT
            flags = fcntl.fcntl(ours, fcntl.F_GETFL)
            fcntl.fcntl(ours, fcntl.F_SETFL, flags | os.O_NONBLOCK)
            number = ours.connect_ex(address)
            later = number == errno.EINPROGRESS and not flags & os.O_NONBLOCK
            if later:
                self._connecting.add(ours)
                self._loop.add_writer(ours, self._on_connected, ours, ident, flags)
                return None
            fcntl.fcntl(ours, fcntl.F_SETFL, flags)
            return number
        finally:
            if not later:
                ours.close()

    def _on_connected(self, ours: socket.socket, ident: int, flags: int) -> None:
        """A blocking socket of the plugin's has its connection, or its refusal."""
        number = ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        fcntl.fcntl(ours, fcntl.F_SETFL, flags)
        self._forget(ours)
        notify.answer(self._listener, ident, number)

    def _forget(self, ours: socket.socket) -> None:
        self._loop.remove_writer(ours)
        self._connecting.discard(ours)
        ours.close()


def _address_for(ours: socket.socket, target: Target) -> tuple[str, int] | None:
    """Return ``target`` in the family of the socket, None if it is no TCP socket or has none for it."""
    if ours.type != socket.SOCK_STREAM or ours.proto not in (0, socket.IPPROTO_TCP):
        return None
    four = target.address.version == 4  # noqa: PLR2004 - the protocol's name
    if ours.family == socket.AF_INET6:
        return (f"::ffff:{target.address}" if four else str(target.address)), target.port
    if ours.family == socket.AF_INET and four:
        return str(target.address), target.port
    return None
