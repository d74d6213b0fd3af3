"""The connect broker: decides every ``connect`` of one plugin and makes the allowed ones itself.

It hears all processes of the plugin, since children inherit the filter.

The plugin's call stands still in the kernel while the host copies the address out of its memory
once, checks that the caller still waits, decides on the copy, and connects its own duplicate
of the plugin's socket to the copy. What another thread writes into that memory meanwhile
changes nothing. New threads and processes are counted and let pass, or refused. Other forbidden
calls arrive here only to be put on record and refused.

Answers CONTINUE only where it has decided on registers (``clone``) or decides nothing at all
(``execve``: Landlock does). Never blocks the loop, and fails closed: an error refuses, a closed
listener gives ENOSYS, and it closes as soon as the plugin's own process has ended, so that none of
those it leaves behind can multiply. A plugin that asks more often than its limits allow is heard less
often; nobody else is.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.network import DNS_PORT, missing, names_dns_server, parse_sockaddr, permits
from yesman.runtime.dialling import Dials, address_for
from yesman.runtime.pacing import Bucket
from yesman.runtime.starting import PROGRAMS, STARTERS, Birth, Starts, birth, process_of
from yesman.sandbox import notify
from yesman.sandbox.seccomp import CATCHES
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.limits import Limits
    from yesman.model.network import Target
    from yesman.model.permissions import Permission
    from yesman.runtime.dialling import Dialer
    from yesman.runtime.dns import NameServer
    from yesman.runtime.names import Pins
    from yesman.runtime.starting import Member

MAX_SOCKADDR = 128
"""``sizeof(struct sockaddr_storage)``; the kernel takes no more either."""
_NAMES = {number: name for name, number in this_machine().numbers.items()}
_CONNECT = this_machine().numbers["connect"]
_COUNTED = {number: name for number, name in _NAMES.items() if name in STARTERS}
_PROGRAMS = {number: name for number, name in _NAMES.items() if name in PROGRAMS}
_CATCHES = this_machine().numbers[CATCHES]
_FLAGS, _FLAGS_AT = struct.Struct("=Q"), 8
"""``sa_flags`` of the kernel's ``struct sigaction``, after the handler; the same on both machines."""
SA_RESTART = 0x10000000
MAX_PROGRAM = 256
"""Bytes of a program's name that are put on record."""
_PAGE = 4096
SHARE = 0.1
"""Of the loop's time, what looking into ``/proc`` for one plugin may take."""


class Denial(NamedTuple):
    """One refusal, as the kernel reported it: authoritative.

    Attributes:
        call: The system call's name, or ``getaddrinfo``.
        what: What it would have done, for people.
        permission: What would have to be granted, "" when nothing can allow it.
        thread: Who asked, 0 where that is not known.
    """

    call: str
    what: str
    permission: str
    thread: int = 0


class Ground(NamedTuple):
    """What a broker decides by.

    Attributes:
        granted: What the plugin may connect to.
        pins: Names the host resolved for it.
        dialer: Where allowed connections go.
        names: Answers C code that asks for names.
        limits: How often it is heard.
    """

    granted: tuple[Permission, ...]
    pins: Pins
    dialer: Dialer
    names: NameServer
    limits: Limits


class Broker:
    """Answers the notifications of one plugin.

    Args:
        listener: From the plugin's filter; owned from here on.
        pidfd: The plugin's own process; owned likewise.
        member: Likewise, and what belongs to it.
        ground: What to decide by.
        on_denied: Told of every refusal.
        on_program: Told what programs are started, as the plugin's memory has it.
    """

    def __init__(  # noqa: PLR0917 - what a plugin's processes are, and whom to tell
        self,
        listener: int,
        pidfd: int,
        member: Member,
        ground: Ground,
        on_denied: Callable[[Denial], None],
        on_program: Callable[[str], None],
    ) -> None:
        self._listener = listener
        self._pidfd = pidfd
        self._member = member
        self._starts = Starts(member, ground.limits)
        self._on_program = on_program
        self._ground = ground
        self._on_denied = on_denied
        self._loop = asyncio.get_running_loop()
        self._dials = Dials(self._loop, self._answer)
        limits = ground.limits
        self._bucket = Bucket(limits.denials_per_second, limits.denials_per_second)
        self._connect_cost = limits.denials_per_second / limits.connects_per_second
        self._paused: asyncio.TimerHandle | None = None
        self._loop.add_reader(pidfd, self.close)
        self._listen()

    def close(self) -> None:
        """Stop answering; whatever still waits fails with ENOSYS."""
        if self._listener < 0:
            return
        self._dials.close()
        if self._paused is not None:
            self._paused.cancel()
        self._loop.remove_reader(self._pidfd)
        self._loop.remove_reader(self._listener)
        os.close(self._pidfd)
        os.close(self._listener)
        self._listener = -1

    def interrupt(self) -> None:
        """Let calls that wait for a connection return with EINTR, so that a signal is noticed."""
        self._dials.interrupt()

    def _listen(self) -> None:
        self._paused = None
        self._loop.add_reader(self._listener, self._on_notification)

    def _rest(self, seconds: float) -> None:
        """Hear nothing for a while: what has not been taken costs nothing and can be interrupted."""
        self._loop.remove_reader(self._listener)
        self._paused = self._loop.call_later(seconds, self._listen)

    def _on_notification(self) -> None:
        ready = notify.ready(self._listener)
        if ready is notify.Ready.OVER:
            self._loop.remove_reader(self._listener)
        call = notify.receive(self._listener) if ready is notify.Ready.CALL else None
        if call is None:
            return
        try:
            number = self._decide(call)
        except OSError as error:
            number = error.errno or errno.EACCES
        except (
            Exception
        ):  # a mistake of ours must refuse, and be answered, or the caller stands still for ever
            logging.getLogger("yesman.broker").exception("a call of process %d", call.thread)
            number = errno.EACCES
        if number is not None:
            self._answer(call.id, number)
        self._bill(refused=number in (errno.EACCES, errno.EPERM, errno.EAGAIN))

    def _bill(self, *, refused: bool) -> None:
        """Hear this plugin less often if it asks too often, or if counting it takes too long."""
        counting = self._starts.seconds_spent() * self._ground.limits.denials_per_second / SHARE
        wait = self._bucket.spend(max(1 if refused else self._connect_cost, counting))
        if wait and self._listener >= 0:
            self._rest(wait)

    def _answer(self, ident: int, number: int) -> None:
        notify.answer(self._listener, ident, number)

    def _decide(self, call: notify.Notification) -> int | None:
        """Return the errno to answer with, None if it has been answered or will be."""
        if call.number == _CONNECT:
            return self._connect(call)
        if call.number in _COUNTED:
            return self._start(call, _COUNTED[call.number])
        if call.number == _CATCHES:
            self._restart_after(call)
            return None
        if call.number in _PROGRAMS and self._member.executes:
            self._execute(call)
            return None
        return self._refuse(call, "system.execute" if call.number in _PROGRAMS else "")

    def _refuse(self, call: notify.Notification, permission: str = "") -> int:
        name = _NAMES.get(call.number, str(call.number))
        self._on_denied(Denial(name, f"call {name}", permission, call.thread))
        return errno.EPERM

    def _start(self, call: notify.Notification, name: str) -> int | None:
        kind = birth(name, call.arguments[0])
        if kind is Birth.FORBIDDEN:
            return self._refuse(call)
        if kind is Birth.PROCESS and not self._member.executes:
            return self._refuse(call, "system.execute")
        exceeded = self._starts.exceeded(call.thread, kind)
        if exceeded:
            self._on_denied(Denial(name, exceeded, "", call.thread))
            return errno.EAGAIN
        notify.let_pass(self._listener, call.id)
        return None

    def _execute(self, call: notify.Notification) -> None:
        """Put on record that a program is started; whether it may be is Landlock's decision.

        What is read here decides nothing, so it does not matter that the kernel reads it again.
        """
        pointer = call.arguments[0 if _PROGRAMS[call.number] == "execve" else 1]
        try:
            data = notify.read_memory(call.thread, pointer, min(MAX_PROGRAM, _PAGE - pointer % _PAGE))
        except OSError:
            data = b"?"
        if notify.still_waits(self._listener, call.id):
            self._on_program(data.partition(b"\0")[0].decode(errors="backslashreplace"))
        notify.let_pass(self._listener, call.id)

    def _restart_after(self, call: notify.Notification) -> None:
        """Let a handler for SIGCHLD be installed, and add SA_RESTART to what it asks for.

        A convenience for the plugin's programs and no decision: what it does to that memory meanwhile
        can only make its own calls fail.
        """
        pointer = call.arguments[1]
        if pointer:
            with suppress(OSError):  # in read-only memory, or gone
                data = notify.read_memory(call.thread, pointer + _FLAGS_AT, _FLAGS.size)
                (flags,) = _FLAGS.unpack(data)
                if not flags & SA_RESTART and notify.still_waits(self._listener, call.id):
                    notify.write_memory(call.thread, pointer + _FLAGS_AT, _FLAGS.pack(flags | SA_RESTART))
        notify.let_pass(self._listener, call.id)

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
            what = "connect to anything but an internet address"
            self._on_denied(Denial("connect", what, "", call.thread))
            return errno.EACCES
        return self._judge(call, number & 0xFFFFFFFF, target)

    def _judge(self, call: notify.Notification, number: int, target: Target) -> int | None:
        ground = self._ground
        if target.port == DNS_PORT and not names_dns_server(ground.granted, target):
            return self._dial(call, number, ground.names.place(), ground.names.expect)
        names = ground.pins.names(target.address)
        if permits(ground.granted, target, names):
            return self._dial(call, number, ground.dialer.route(target))
        self._on_denied(Denial("connect", f"connect to {target}", missing(target, names), call.thread))
        return errno.EACCES

    def _dial(
        self,
        call: notify.Notification,
        number: int,
        target: Target,
        begun: Callable[[socket.socket], None] | None = None,
    ) -> int | None:
        duplicate = self._duplicate(call, number)
        try:
            ours = socket.socket(fileno=duplicate)
        except OSError:  # ENOTSOCK
            os.close(duplicate)
            raise
        address = address_for(ours, target)
        if address is None:
            ours.close()
            return errno.EAFNOSUPPORT
        return self._dials.connect(call.id, ours, address, begun)

    def _duplicate(self, call: notify.Notification, number: int) -> int:
        """Return our duplicate of descriptor ``number`` of the process that calls."""
        if not self._member.executes:
            return notify.take_descriptor(self._pidfd, number)
        pidfd = os.pidfd_open(process_of(call.thread))
        try:
            if not notify.still_waits(self._listener, call.id):  # else the numbers may be somebody else's
                raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
            return notify.take_descriptor(pidfd, number)
        finally:
            os.close(pidfd)
