"""Keeps an interrupting signal out of the few lines that must not be torn.

SIGUSR1 means "the host wants the running handler to stop" and raises KeyboardInterrupt in the
main thread. Half a frame written or read would end the plugin, so those lines run shielded
and the interrupt is raised as they end.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Shield:
    """A re-entrant context manager; only the main thread's nesting counts (signals go there)."""

    def __init__(self) -> None:
        self._depth = 0
        self._pending = False

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self._depth -= 1
        if self._depth == 0 and self._pending:
            self._pending = False
            raise KeyboardInterrupt

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt now, or as soon as the shielded lines have ended."""
        if self._depth:
            self._pending = True
        else:
            raise KeyboardInterrupt

    def forget(self) -> None:
        """Drop an interrupt that was meant for a handler which has ended since."""
        self._pending = False
