"""Proof that nothing outlives a test: whoever loses their parent comes to this process."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.sandbox import kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PR_SET_CHILD_SUBREAPER = 36


def children_of(process: int | str) -> set[int]:
    """The processes that ``process`` has started and that its threads have not waited for."""
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # that thread has ended since
            found.update(map(int, (task / "children").read_text().split()))
    return found


def _collect(pids: set[int]) -> set[int]:
    """Reap what has ended of ``pids``; return the rest."""
    left = set()
    for pid in pids:
        with suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                left.add(pid)
    return left


@contextmanager
def orphans() -> Iterator[Callable[..., dict[int, str]]]:
    """Processes that lost their parent while the test ran: the kernel hands them to this one.

    Asking waits until there are none, or returns command lines of those that did not end in time.
    """
    before = children_of("self")
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)

    def left(seconds: float = 10.0, known: frozenset[int] = frozenset()) -> dict[int, str]:
        deadline = time.monotonic() + seconds
        while (found := _collect(children_of("self") - before - known)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return {pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in found}

    yield left
    try:
        found = left()
        for pid in found:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    finally:
        kernel.prctl(PR_SET_CHILD_SUBREAPER, 0)
    assert not found, "processes were left behind"
