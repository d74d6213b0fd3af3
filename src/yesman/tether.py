"""Ties the life of a process group to ours: the kernel kills it when this process is gone, however it went.

Nothing is ever written to the pipe. Only this process holds the one end, so that end closes when this
process is gone; the kernel then signals the owner of the end that the program holds (``fcntl(2)``: O_ASYNC,
F_SETSIG, F_SETOWN). PR_SET_PDEATHSIG reaches one process instead of a group, and would need Python code
between fork and exec of a process that has threads. The price: who is killed in the instant between exec
and F_SETOWN leaves a program to end by itself.
"""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def tether() -> Iterator[int]:
    """Offer a descriptor for a program to inherit; :func:`tie` its group before anything goes wrong."""
    theirs, ours = os.pipe2(os.O_CLOEXEC)
    try:
        fcntl.fcntl(theirs, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(theirs, fcntl.F_SETFL, fcntl.fcntl(theirs, fcntl.F_GETFL) | os.O_ASYNC)
        yield theirs
    finally:
        fcntl.fcntl(theirs, fcntl.F_SETOWN, 0)  # what a program leaves running by itself may go on
        os.close(theirs)
        os.close(ours)


def tie(descriptor: int, group: int) -> None:
    """Have the process group ``group``, which inherited ``descriptor``, end with this process."""
    fcntl.fcntl(descriptor, fcntl.F_SETOWN, -group)
