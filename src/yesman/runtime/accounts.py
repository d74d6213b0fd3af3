"""The kernel's accounts of processes: processor time and memory.

Read often, so by the cheapest way there is: a processor clock costs 0.6 µs, a status file that
is kept open 8 µs. A process that has ended reads as None.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress

_COUNTED = re.compile(rb"^(?:RssAnon|RssShmem|VmPTE|VmSwap):\s+(\d+) kB$", re.MULTILINE)
"""Not RssFile: the kernel takes the pages of files back when it needs them. VmPTE, because page tables for
memory that is only ever read cost as much as one likes; VmSwap, because swapping out is no saving."""
_HEADLESS = re.compile(rb"^State:\tZ(?s:.*)^Threads:\t(?!1\n)", re.MULTILINE)
_STATUS_BYTES = 8192
_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float | None:
    """Return the processor time of process ``pid``, all threads (``clock_getcpuclockid(3)``)."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return None


def lineage(pid: int) -> tuple[float, int] | None:
    """Return the processor time of children of ``pid`` that ended and were waited for, and its parent."""
    fields = _stat(pid)
    return ((int(fields[13]) + int(fields[14])) / _TICK, int(fields[1])) if fields else None


def is_dead(pid: int) -> bool:
    """Tell whether ``pid`` has been waited for: gone, or about to be while its clock can still be read."""
    fields = _stat(pid)
    return not fields or fields[0] in {b"X", b"x"}


def _stat(pid: int) -> list[bytes]:
    """Return the fields of ``proc(5)`` from the third on, none of a process that is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - read ten times a second
            return file.read().rpartition(b")")[2].split()  # the name may hold anything
    except OSError:
        return []


class MemoryOf:
    """The memory of one process; holds its status file open, so that its number cannot mean another.

    Attributes:
        headless: Whether its main thread had ended when it was read last, and others had not.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.headless = False
        try:
            self._status = os.open(f"/proc/{pid}/status", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._status = -1

    def read(self) -> int | None:
        """Return its bytes: anonymous, shared, swapped out, and page tables."""
        try:
            text = os.pread(self._status, _STATUS_BYTES, 0)
        except OSError:
            return None
        found = _counted(text)
        self.headless = not found and _HEADLESS.search(text) is not None
        return found or _of_other_threads(self._pid)

    def close(self) -> None:
        """Close the file."""
        if self._status >= 0:
            os.close(self._status)
            self._status = -1


def _counted(status: bytes) -> int:
    return 1024 * sum(map(int, _COUNTED.findall(status)))


def _of_other_threads(pid: int) -> int:
    """Return the memory of a process whose main thread has ended: its status tells nothing, theirs does."""
    for thread in threads(pid):
        with suppress(OSError), open(f"/proc/{pid}/task/{thread}/status", "rb") as file:  # noqa: PTH123 - as above
            found = _counted(file.read(_STATUS_BYTES))
            if found:
                return found
    return 0


def threads(pid: int) -> list[int]:
    """Return the threads of process ``pid``, none when it is gone; the main one may have ended."""
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - as above
    except OSError:
        return []


def memory_bytes(pid: int) -> int | None:
    """Return the same for a process that is looked at once."""
    memory = MemoryOf(pid)
    try:
        return memory.read()
    finally:
        memory.close()
