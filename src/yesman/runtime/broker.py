"""The connect broker: decides every ``connect`` of one plugin and makes the allowed ones itself.

It hears all processes of the plugin, since children inherit the filter.

The plugin's call stands still in the kernel while the host copies the address out of its memory
once (aside: :mod:`yesman.runtime.copying`), checks that the caller still waits, decides on the copy,
and connects its own duplicate of the plugin's socket to the copy. What another thread writes into
that memory meanwhile changes nothing. What changes metadata is handed on to
:mod:`yesman.runtime.amending`. New threads and processes are counted and let pass, or refused. Other
forbidden calls arrive here only to be put on record and refused.

Answers CONTINUE only where it has decided on registers (``clone``, ``prctl``) or decides nothing at all
(``execve``: Landlock does). Never blocks the loop, and fails closed: an error refuses, a closed
listener gives ENOSYS, and it answers only until the plugin's own process has ended, so that none of
those it leaves behind can multiply. A plugin that asks more often than its limits allow is heard less
often; nobody else is.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.model.network import DNS_PORT, missing, names_dns_server, parse_sockaddr, permits
from yesman.runtime import caller
from yesman.runtime.amending import Amender
from yesman.runtime.copying import CONNECT, COPIED, SIGACTION, Copier, Sigaction, copied_for
from yesman.runtime.dialling import Dials, address_for
from yesman.runtime.pacing import Bucket
from yesman.runtime.starting import STARTERS, Birth, Starts, birth
from yesman.sandbox import notify
from yesman.sandbox.seccomp import BINDS, METADATA
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.limits import Limits
    from yesman.model.network import Target
    from yesman.model.permissions import Permission
    from yesman.runtime.dialling import Dialer
    from yesman.runtime.dns import NameServer
    from yesman.runtime.listener import Listener
    from yesman.runtime.metadata import Place
    from yesman.runtime.names import Pins
    from yesman.runtime.starting import Member

_NAMES = {number: name for name, number in this_machine().numbers.items()}
_COUNTED = {number: name for number, name in _NAMES.items() if name in STARTERS}
_BINDS = this_machine().numbers[BINDS]
_AMENDED = frozenset(number for number, name in _NAMES.items() if name in METADATA)
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
        writable: Where it may change metadata.
        never: Paths that no permission opens.
    """

    granted: tuple[Permission, ...]
    pins: Pins
    dialer: Dialer
    names: NameServer
    limits: Limits
    writable: tuple[Place, ...] = ()
    never: tuple[str, ...] = ()


class Broker:
    """Answers the notifications of one plugin.

    Args:
        listener: Of the filter that the plugin's own process runs under.
        pidfd: That process; owned from here on.
        member: Likewise, and what belongs to it.
        ground: What to decide by.
        on_denied: Told of every refusal.
        on_program: Told what programs are started, as the plugin's memory has it.
    """

    def __init__(  # noqa: PLR0917 - what a plugin's processes are, and whom to tell
        self,
        listener: Listener,
        pidfd: int,
        member: Member,
        ground: Ground,
        on_denied: Callable[[Denial], None],
        on_program: Callable[[str], None],
    ) -> None:
        self._listener = listener
        self._pidfd = pidfd
        self._member = member
        self._closed = False
        self._births = 0
        self._bound: set[int] = set()
        self._starts = Starts(member, ground.limits)
        self._on_program = on_program
        self._ground = ground
        self._on_denied = on_denied
        self._loop = asyncio.get_running_loop()
        self._dials = Dials(self._loop, self._answer)
        self._amender = Amender(
            listener.descriptor, ground.writable, ground.never, self._loop, self._not_amended
        )
        limits = ground.limits
        self._bucket = Bucket(limits.denials_per_second, limits.denials_per_second)
        self._connect_cost = limits.denials_per_second / limits.connects_per_second
        self._copier = Copier(self._loop, self._end_stuck)
        self._loop.add_reader(pidfd, self.close)
        listener.join(member.mark, self)

    def close(self) -> None:
        """Stop answering; whatever still waits fails with ENOSYS."""
        if self._closed:
            return
        self._closed = True
        self._dials.close()
        self._amender.close()
        self._copier.close()
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._listener.leave(self._member.mark)

    def expect_births(self, count: int) -> None:
        """Let so many processes be made from now on, and no more: a template was told to fork."""
        self._births = count
        self._bound.clear()

    def is_bound(self, pid: int) -> bool:
        """Tell whether process ``pid``, born since, has asked to be killed when its parent ends."""
        return pid in self._bound

    def interrupt(self) -> None:
        """Let calls that wait for a connection return with EINTR, so that a signal is noticed."""
        self._dials.interrupt()

    def take(self, call: notify.Notification) -> None:
        """Answer one call (:class:`yesman.runtime.listener.Side`)."""
        if call.number in COPIED:
            self._copy(partial(copied_for, call), partial(self._settle, call, self._decide_on_copy))
        else:
            self._settle(call, self._decide, None)

    def _copy(self, read: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Copy aside, and hear nothing of the plugin meanwhile."""
        self._copier.copy(read, partial(self._on_copied, then, self._listener.hold()))

    def _on_copied(self, then: Callable[[Any], None], release: Callable[[], None], found: Any) -> None:
        if not self._closed:
            then(found)
        elif isinstance(found, Sigaction):
            found.memory.close()
        release()

    def _end_stuck(self) -> None:
        """End a plugin that does not let its memory be looked at; its listener closes with it."""
        what = "keep the host from reading what its calls point to"
        self._on_denied(Denial("connect", what, ""))
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _settle(
        self, call: notify.Notification, decide: Callable[[notify.Notification, Any], int | None], copied: Any
    ) -> None:
        """Decide, answer unless that comes later, and bill."""
        try:
            number = decide(call, copied)
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
        if wait and not self._closed:
            self._listener.rest(wait)

    def _answer(self, ident: int, number: int) -> None:
        notify.answer(self._listener.descriptor, ident, number)

    def _decide(self, call: notify.Notification, _nothing: None) -> int | None:
        """Return the errno to answer with, None if it has been answered or will be."""
        if call.number in _AMENDED:
            self._amender.take(call)
            return None
        if call.number in _COUNTED:
            return self._start(call, _COUNTED[call.number])
        if call.number == _BINDS:  # its filter asks for nothing else; nobody can take it back
            self._bound.add(call.thread)
            notify.let_pass(self._listener.descriptor, call.id)
            return None
        return self._refuse(call)

    def _decide_on_copy(self, call: notify.Notification, copied: Any) -> int | None:
        """Decide likewise on what the call pointed to, or on why that cannot be read."""
        if call.number == SIGACTION:
            self._restart_after(call, copied)
            return None
        if call.number == CONNECT:
            return self._connect(call, copied)
        if self._member.executes:
            self._execute(call, copied)
            return None
        return self._refuse(call, "system.execute")

    def _refuse(self, call: notify.Notification, permission: str = "") -> int:
        name = _NAMES.get(call.number, str(call.number))
        self._on_denied(Denial(name, f"call {name}", permission, call.thread))
        return errno.EPERM

    def _not_amended(self, call: notify.Notification, what: str, permission: str) -> None:
        """Put on record, and bill, what the metadata broker has refused meanwhile."""
        if not self._closed:
            self._on_denied(Denial(_NAMES[call.number], what, permission, call.thread))
            self._bill(refused=True)

    def _start(self, call: notify.Notification, name: str) -> int | None:
        kind = birth(name, call.arguments[0])
        if kind is Birth.FORBIDDEN:
            return self._refuse(call)
        if kind is Birth.PROCESS and not self._member.executes:
            if not self._births:
                return self._refuse(call, "system.execute")
            self._births -= 1
        exceeded = self._starts.exceeded(call.thread, kind)
        if exceeded:
            self._on_denied(Denial(name, exceeded, "", call.thread))
            return errno.EAGAIN
        notify.let_pass(self._listener.descriptor, call.id)
        return None

    def _execute(self, call: notify.Notification, copied: bytes | OSError) -> None:
        """Put on record that a program is started; whether it may be is Landlock's decision.

        What was copied decides nothing, so it does not matter that the kernel reads it again.
        """
        data = b"?" if isinstance(copied, OSError) else copied
        if notify.still_waits(self._listener.descriptor, call.id):
            self._on_program(data.partition(b"\0")[0].decode(errors="backslashreplace"))
        notify.let_pass(self._listener.descriptor, call.id)

    def _restart_after(self, call: notify.Notification, copied: Sigaction | OSError | None) -> None:
        """Let a handler for SIGCHLD be installed, and add SA_RESTART to what it asks for.

        A convenience for the plugin's programs and no decision: what it does to that memory meanwhile
        can only make its own calls fail. Nothing is written into memory that may be somebody else's.
        """
        if isinstance(copied, Sigaction):
            if not copied.restarts and notify.still_waits(self._listener.descriptor, call.id):
                self._copy(copied.restart, lambda _: notify.let_pass(self._listener.descriptor, call.id))
                return
            copied.memory.close()
        notify.let_pass(self._listener.descriptor, call.id)

    def _connect(self, call: notify.Notification, copied: bytes | OSError) -> int | None:
        """Return the errno to answer with, 0 for success, None when the answer comes later."""
        if isinstance(copied, OSError):
            raise copied
        if not notify.still_waits(self._listener.descriptor, call.id):
            return None  # that memory may have been somebody else's
        target = parse_sockaddr(copied)
        if target is None:
            what = "connect to anything but an internet address"
            self._on_denied(Denial("connect", what, "", call.thread))
            return errno.EACCES
        return self._judge(call, call.arguments[0] & 0xFFFFFFFF, target)

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
        taken = caller.descriptor(call.thread, number)
        if notify.still_waits(self._listener.descriptor, call.id):
            return taken
        os.close(taken)  # it may be somebody else's
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
