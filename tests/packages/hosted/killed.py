"""Work that is killed between any two of its lines."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def killed_after(lines: int, work: Callable[[], object]) -> bool:
    """Run ``work`` in a child that is killed after so many lines; tell whether it ended before."""
    child = os.fork()
    if child == 0:
        left = lines

        def trace(_frame: Any, event: str, _argument: Any) -> Any:
            nonlocal left
            left -= event == "line"
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def lines_of(work: Callable[[], object]) -> int:
    """Run ``work`` and return of how many lines it consists."""
    count = 0

    def trace(_frame: Any, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
