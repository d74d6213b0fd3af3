"""Every process that descends from one plugin process: marked, counted, ended. Standard library only.

The mark is the hard limit RLIMIT_LOCKS, which Linux has not looked at since 2.4.25 and which
fork and exec hand on. No descendant can take it off: the filter refuses ``setrlimit`` and the
setting form of ``prlimit64`` to all of them. Unlike a parent, a process group or a session it
survives double forks, ``setsid`` and the death of everybody above, and unlike a pid it is never
given to somebody else.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from yesman.sandbox.unsupported import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

RLIMIT_LOCKS = 10
"""``include/uapi/asm-generic/resource.h``; the same number on both supported machines."""
HOME_BITS, NUMBER_BITS = 40, 22
"""A mark names the home whose server made the process, and which of its processes it was."""
QUIET_SCANS = 2
"""Scans in a row that must find nobody: one alone may miss who forked and died during it."""
ROUND_SECONDS = 0.001


def mark_of(home: int, number: int) -> int:
    """Return the mark of process ``number`` made for ``home``; both are cut to their bits."""
    return (home & (1 << HOME_BITS) - 1) << NUMBER_BITS | number & (1 << NUMBER_BITS) - 1


def put_on(mark: int) -> None:
    """Mark this process and whatever descends from it.

    Raises:
        UnsupportedError: The limit is in use here, which nothing is known to do.
    """
    try:
        resource.setrlimit(RLIMIT_LOCKS, (mark, mark))
    except (OSError, ValueError) as error:
        raise UnsupportedError("the limit RLIMIT_LOCKS, which marks plugins, cannot be set here") from error


def change(pidfd: int, pid: int, old: int, new: int) -> None:
    """Give a process, which cannot fork at this moment, a mark of its own instead of its parent's.

    Without privilege a limit can only be lowered: ``new`` must be below ``old``.

    Args:
        pidfd: The process.
        pid: Its number.
        old: The mark that it must carry.
        new: The mark that it gets.

    Raises:
        OSError: It has ended, is somebody else, or its mark cannot be changed.
    """
    if mark_on(pid) != old:
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    resource.prlimit(pid, RLIMIT_LOCKS, (new, new))
    signal.pidfd_send_signal(pidfd, 0)  # alive, so the number was its own throughout


def members(mark: int) -> list[int]:
    """Return the pids of all processes that carry ``mark``, zombies included."""
    return [pid for pid in _pids() if mark_on(pid) == mark]


def by_mark(marks: Collection[int]) -> dict[int, list[int]]:
    """Return the pids that carry each of ``marks``, with one look at all processes."""
    found: dict[int, list[int]] = {mark: [] for mark in marks}
    for pid in _pids():
        found.get(mark_on(pid), []).append(pid)
    return found


def of_home(home: int) -> list[int]:
    """Return the pids of all processes that carry any mark of ``home``."""
    first, last = mark_of(home, 0), mark_of(home, -1)
    return [pid for pid in _pids() if first <= mark_on(pid) <= last]


def carries(pid: int, mark: int) -> bool:
    """Tell whether the process ``pid`` carries ``mark`` now."""
    return mark_on(pid) == mark


def threads(pids: Iterable[int]) -> int:
    """Return how many threads the processes have together; those that have ended count nothing."""
    found = 0
    for pid in pids:
        with suppress(OSError):
            found += os.stat(f"/proc/{pid}/task").st_nlink - 2  # noqa: PTH116 - no pathlib in what children share
    return found


def kill(pids: Iterable[int], mark: int, last: int | None = None) -> int:
    """Send SIGKILL to those of ``pids`` that carry ``mark``, or one up to ``last``, and still run.

    A number that has been given to another process meanwhile is left alone: the descriptor is
    taken before the mark is looked at. Returns how many still ran.
    """
    running = 0
    for pid in pids:
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:  # it is gone
            continue
        try:
            if mark <= mark_on(pid) <= (mark if last is None else last) and not _is_zombie(pid):
                running += 1
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            os.close(pidfd)
    return running


def end_home(home: int, seconds: float) -> int:
    """End every process that carries a mark of ``home``; return how many still ran after ``seconds``."""
    deadline, quiet, left = time.monotonic() + seconds, 0, 0
    while quiet < QUIET_SCANS:
        left = kill(of_home(home), mark_of(home, 0), mark_of(home, -1))
        quiet = 0 if left else quiet + 1
        if time.monotonic() > deadline:
            break
        if left:
            time.sleep(ROUND_SECONDS)
    return left


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - as above


def mark_on(pid: int) -> int:
    """Return the mark of the process of any of whose threads this is the number.

    Returns:
        -1 for a process that is gone or cannot be one of ours.
    """
    try:
        return resource.prlimit(pid, RLIMIT_LOCKS)[1]
    except OSError:
        return -1


def parent(pid: int) -> int:
    """Return the pid of a process's parent, 0 for a process that is gone."""
    try:
        return int(_stat(pid)[1])
    except OSError:
        return 0


def _is_zombie(pid: int) -> bool:
    """Tell whether nothing of a process runs any more; its main thread may end before the others."""
    try:
        fields = _stat(pid)
        return fields[0] in {b"Z", b"X"} and int(fields[17]) <= 1
    except OSError:
        return True


def _stat(pid: int) -> list[bytes]:
    """Return the fields of ``/proc/PID/stat`` from the third on (``man 5 proc``)."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123 - as above
        return file.read().rpartition(b")")[2].split()
