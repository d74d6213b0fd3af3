"""What a plugin's native code prints: lines from the pipe that is its process's stdout and stderr.

Nothing is dropped here. Whoever prints more than its share of the host's time is read later, and
its process waits at the full pipe.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.runtime.pacing import Share

PIPE_BYTES = 16 * 1024
"""Read at a time; a line that is longer is cut."""


def read_lines(descriptor: int, take: Callable[[str], None], share: Share) -> None:
    """Hand whole lines that come out of the pipe ``descriptor``, several at a time, to ``take``.

    Args:
        descriptor: Owned, and closed at its end.
        take: Given text without the last newline.
        share: What this and ``take`` may cost.
    """
    _Lines(descriptor, take, share)


class _Lines:
    def __init__(self, descriptor: int, take: Callable[[str], None], share: Share) -> None:
        self._descriptor = descriptor
        self._take = take
        self._share = share
        self._rest = ""
        self._loop = asyncio.get_running_loop()
        os.set_blocking(descriptor, False)
        self._listen()

    def _listen(self) -> None:
        self._loop.add_reader(self._descriptor, self._on_readable)

    def _on_readable(self) -> None:
        wait = self._share.wait()
        if wait:
            self._loop.remove_reader(self._descriptor)
            self._loop.call_later(wait, self._listen)
            return
        turn = self._share.turn()
        try:
            self._read()
        finally:
            turn.end()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, PIPE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._end()
            return
        whole, newline, self._rest = (self._rest + data.decode(errors="replace")).rpartition("\n")
        if len(self._rest) > PIPE_BYTES:
            whole, newline, self._rest = whole + newline + self._rest, "\n", ""
        if newline:
            self._take(whole)

    def _end(self) -> None:
        self._loop.remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._rest:
            self._take(self._rest)
