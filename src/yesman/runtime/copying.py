"""Copies what a plugin's calls point to out of its memory, in a thread for each plugin.

Whoever copies waits for the lock on that memory, and a plugin can hold it for as long as it likes: changing
the rights of a huge range does, again and again. The memory may also be a file on a slow disk. So the event
loop never copies. One copy at a time; a plugin that keeps us waiting too long is ended, which frees the lock.
"""

from __future__ import annotations

import errno
import os
import struct
import threading
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yesman.runtime.caller import PAGE
from yesman.runtime.starting import PROGRAMS
from yesman.sandbox import notify
from yesman.sandbox.seccomp import CATCHES
from yesman.sandbox.syscalls import this_machine

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

STUCK_SECONDS: Final = 10.0
"""Far more than a busy machine needs; until then nobody waits but the plugin itself."""
MAX_SOCKADDR: Final = 128
"""``sizeof(struct sockaddr_storage)``; the kernel takes no more either."""
MAX_PROGRAM: Final = 256
"""Bytes of a program's name that are put on record."""
SA_RESTART: Final = 0x10000000
_FLAGS, _FLAGS_AT = struct.Struct("=Q"), 8
"""``sa_flags`` of the kernel's ``struct sigaction``, after the handler; the same on both machines."""
_NUMBERS: Final = this_machine().numbers
CONNECT: Final = _NUMBERS["connect"]
SIGACTION: Final = _NUMBERS[CATCHES]
_PROGRAMS: Final = {number: name for name, number in _NUMBERS.items() if name in PROGRAMS}
COPIED: Final = frozenset({CONNECT, SIGACTION, *_PROGRAMS})
"""Calls whose meaning is in the caller's memory."""


class Copier:
    """Copies for one plugin.

    Args:
        loop: Where results are told.
        on_stuck: Called there when a copy takes longer than :data:`STUCK_SECONDS`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_stuck: Callable[[], None]) -> None:
        self._loop = loop
        self._on_stuck = on_stuck
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None

    def copy(self, read: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Call ``read`` aside, then ``then`` on the loop with what it returned, or with its OSError."""
        if self._thread is None:
            # A daemon: memory that nobody gets at must not keep the server from ending.
            self._thread = threading.Thread(target=self._run, name="copying", daemon=True)
            self._thread.start()
        self._timer = self._loop.call_later(STUCK_SECONDS, self._on_stuck)
        self._work.put(partial(self._copy, read, then))

    def close(self) -> None:
        """Tell nobody any more, and end the thread after its last copy."""
        if self._timer is not None:
            self._timer.cancel()
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    def _copy(self, read: Callable[[], Any], then: Callable[[Any], None]) -> None:
        try:
            found = read()
        except OSError as error:
            found = error
        with suppress(RuntimeError):  # the loop is closed: nobody is there to be told
            self._loop.call_soon_threadsafe(self._tell, then, found)

    def _tell(self, then: Callable[[Any], None], found: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        then(found)


class Memory:
    """The memory of the process that a thread belonged to at this moment, whoever has its number later.

    Args:
        thread: Its number; check afterwards that it was still the one that was meant.

    Raises:
        OSError: It is gone, or may not be looked at.
    """

    def __init__(self, thread: int) -> None:
        self._file = os.open(f"/proc/{thread}/mem", os.O_RDWR | os.O_CLOEXEC)

    def read(self, address: int, length: int) -> bytes:
        """Return up to ``length`` bytes; raise OSError for an address that is not there."""
        return os.pread(self._file, length, address)

    def write(self, address: int, data: bytes) -> None:
        """Put ``data`` there; raise OSError for an address that is not there."""
        os.pwrite(self._file, data, address)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._file)


class Sigaction(NamedTuple):
    """The flags of a handler that is to be installed, and where they are.

    Attributes:
        memory: Of the caller; whoever has this closes it.
        address: Of the flags.
        flags: As copied.
    """

    memory: Memory
    address: int
    flags: int

    @property
    def restarts(self) -> bool:
        """Whether calls that the signal interrupts go on by themselves."""
        return bool(self.flags & SA_RESTART)

    def restart(self) -> None:
        """Make them go on, and let go of the memory."""
        try:
            self.memory.write(self.address, _FLAGS.pack(self.flags | SA_RESTART))
        finally:
            self.memory.close()


def copied_for(call: notify.Notification) -> bytes | Sigaction | None:
    """Return what ``call`` points to; for the thread that copies.

    Raises:
        OSError: EFAULT and friends; EINVAL for an address of no possible length.
    """
    if call.number == SIGACTION:
        return _sigaction(call.thread, call.arguments[1] + _FLAGS_AT) if call.arguments[1] else None
    if call.number == CONNECT:
        length = call.arguments[2] & 0xFFFFFFFF
        if not 2 <= length <= MAX_SOCKADDR:  # noqa: PLR2004 - a family at least
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return notify.read_memory(call.thread, call.arguments[1], length)
    pointer = call.arguments[0 if _PROGRAMS[call.number] == "execve" else 1]
    return notify.read_memory(call.thread, pointer, min(MAX_PROGRAM, PAGE - pointer % PAGE))


def _sigaction(thread: int, address: int) -> Sigaction:
    memory = Memory(thread)
    try:
        (flags,) = _FLAGS.unpack(memory.read(address, _FLAGS.size))
    except (OSError, struct.error, OverflowError):
        memory.close()
        raise OSError(errno.EFAULT, os.strerror(errno.EFAULT)) from None
    return Sigaction(memory, address, flags)
