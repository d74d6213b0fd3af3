"""Keeps an interrupting signal out of the few lines that must not be torn.

SIGUSR1 means "the host wants the running handler to stop" and raises KeyboardInterrupt in the
main thread. Half a frame written or read would end the plugin, so those lines run shielded
and the interrupt is raised as they end.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")


class Shield:
    """A re-entrant context manager; only the main thread's nesting counts (signals go there)."""

    def __init__(self) -> None:
        self._depth = 0
        self.pending = False

    def counts_here(self) -> bool:
        """Whether this is the thread that signals interrupt."""
        return threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self.counts_here():
            self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.counts_here():
            return
        self._depth -= 1
        if self._depth == 0 and self.pending:
            self.pending = False
            raise KeyboardInterrupt

    def lifted(self, wait: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return ``wait(…)``, which an interrupt may end, out of the middle of shielded lines."""
        if not self.counts_here():
            return wait(*args, **kwargs)
        depth, self._depth = self._depth, 0
        try:
            self.check()
            return wait(*args, **kwargs)
        finally:
            self._depth = depth

    def check(self) -> None:
        """Raise KeyboardInterrupt in shielded lines that can be left here, if an interrupt waits."""
        if self.pending and self.counts_here():
            self.pending = False
            raise KeyboardInterrupt

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt now, or as soon as the shielded lines have ended."""
        if self._depth:
            self.pending = True
        else:
            raise KeyboardInterrupt

    def forget(self) -> None:
        """Drop an interrupt that was meant for a handler which has ended since."""
        self.pending = False
