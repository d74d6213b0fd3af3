"""How many threads and processes one plugin may start: counts them, and judges each new one.

``clone``, ``fork`` and ``vfork`` say all that they mean in their registers, so whoever judges
by those may let the kernel go on. What always holds: nothing with a namespace of its own, and
nothing that is not counted, is let pass. The count is one from above: everything let pass since
the last look into ``/proc`` counts as alive, and the look is made only when that is too much.
"""

from __future__ import annotations

import enum
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from yesman.sandbox import family
from yesman.sandbox.seccomp import CLONE, CLONE_NEW_ANY, CLONE_THREAD

if TYPE_CHECKING:
    from yesman.model.limits import Limits

THREAD_BIT = 0x00010000
PROCESS_FLAGS = 0x81FC4FFF
"""What a process may be made with: exit signal, VM, FS, FILES, SIGHAND, VFORK, SYSVSEM, SETTLS,
the three TID flags, DETACHED, UNTRACED, IO. Not PIDFD, PTRACE or PARENT, and no namespace."""
IN_FLIGHT_SECONDS = 0.25
"""What was let pass is there by then. Until then it counts, unless its caller has ended or asks again."""
STARTERS = frozenset({CLONE, "fork", "vfork"})
PROGRAMS = frozenset({"execve", "execveat"})


class Birth(enum.Enum):
    """What a call would make."""

    THREAD = "threads"
    PROCESS = "processes"
    FORBIDDEN = "a process of a kind that no plugin may make"


class Member(NamedTuple):
    """The process that a call came from, and all that belong to it.

    Attributes:
        pid: The plugin's own process.
        mark: On it and whatever descends from it.
        executes: Whether it may start programs, and so processes.
    """

    pid: int
    mark: int
    executes: bool


def birth(name: str, flags: int) -> Birth:
    """Return what the system call ``name`` with ``flags`` in its first register would make.

    The kernel reads the lower 32 bits (``kernel/fork.c``: ``lower_32_bits(clone_flags)``).
    """
    flags &= 0xFFFFFFFF
    if name != CLONE:
        return Birth.PROCESS
    if flags & THREAD_BIT:
        fitting = flags & CLONE_THREAD == CLONE_THREAD and not flags & CLONE_NEW_ANY
        return Birth.THREAD if fitting else Birth.FORBIDDEN
    return Birth.FORBIDDEN if flags & ~PROCESS_FLAGS else Birth.PROCESS


class Starts:
    """Counts for one plugin.

    Args:
        member: The plugin.
        limits: ``threads`` of all its processes together, and ``processes``.
    """

    def __init__(self, member: Member, limits: Limits) -> None:
        self._member = member
        self._limits = limits
        self._threads = limits.threads  # too many, until somebody has looked
        self._processes = limits.processes
        self._in_flight: dict[int, float] = {}
        self._spent = 0.0

    def exceeded(self, thread: int, kind: Birth) -> str:
        """Return which limit one more would exceed, or "" after counting it in.

        Args:
            thread: Who asks.
            kind: For what; not :attr:`Birth.FORBIDDEN`.
        """
        self._in_flight.pop(thread, None)  # it is here again, so what it started before is there
        if not self._fits(kind):
            self._look()
            if not self._fits(kind):
                return self._full(kind)
        self._threads += 1
        self._processes += kind is Birth.PROCESS
        self._in_flight[thread] = time.monotonic()
        return ""

    def seconds_spent(self) -> float:
        """Return how long the looks into ``/proc`` took, in CPU time, since this was asked last."""
        spent, self._spent = self._spent, 0.0
        return spent

    def _fits(self, kind: Birth) -> bool:
        room = self._threads < self._limits.threads
        return room and (kind is Birth.THREAD or self._processes < self._limits.processes)

    def _full(self, kind: Birth) -> str:
        if kind is Birth.PROCESS and self._processes >= self._limits.processes:
            return f"have more than {self._limits.processes} processes (limits.processes)"
        return f"have more than {self._limits.threads} threads (limits.threads)"

    def _look(self) -> None:
        began = time.thread_time()
        since = time.monotonic() - IN_FLIGHT_SECONDS
        recent = ((who, when) for who, when in self._in_flight.items() if when > since)
        self._in_flight = {who: when for who, when in recent if os.path.exists(f"/proc/{who}")}  # noqa: PTH110 - short
        member = self._member
        pids = family.members(member.mark) if member.executes else [member.pid]
        self._processes = len(pids) + len(self._in_flight)
        self._threads = family.threads(pids) + len(self._in_flight)
        self._spent += time.thread_time() - began


def process_of(thread: int) -> int:
    """Return the pid of the process that ``thread`` belongs to.

    Raises:
        OSError: It is gone.
    """
    with open(f"/proc/{thread}/status", "rb") as file:  # noqa: PTH123 - on the way of each connection
        for line in file:
            if line.startswith(b"Tgid:"):
                return int(line[5:])
    raise ProcessLookupError(thread, os.strerror(3))
