"""Ctrl-C while something is waited for: none is lost, at whatever instant it is pressed.

Left alone, Python notes the signal and raises at the next instruction. One that comes between the last
instruction and a system call that waits is not heard of before that call returns.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType
    from typing import Self


class Interrupts:
    """Ctrl-C as something to wait for; the second one raises KeyboardInterrupt wherever we are."""

    def __init__(self) -> None:
        self.count = 0
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before: Any = None
        self._woke_before = -1

    def __enter__(self) -> Self:
        current = signal.getsignal(signal.SIGINT)
        # Ignored from the start (nohup, a shell's background job): stays ignored. Only the
        # main thread may say what happens on a signal.
        if current is not signal.SIG_IGN and threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._note)
            self._woke_before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.set_wakeup_fd(self._woke_before)
            signal.signal(signal.SIGINT, self._before)
        os.close(self._read)
        os.close(self._write)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise KeyboardInterrupt

    def fileno(self) -> int:
        """Return a descriptor that the interpreter makes readable on Ctrl-C, whatever it is doing."""
        return self._read

    def take(self) -> None:
        """Make it unreadable again."""
        os.read(self._read, 64)
