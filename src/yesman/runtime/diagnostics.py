"""What a plugin's native code prints: lines from the pipe that is its process's stdout and stderr."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PIPE_BYTES = 16 * 1024
"""Read at a time; a line that is longer is cut."""


def read_lines(descriptor: int, take: Callable[[str], None]) -> None:
    """Hand each line that comes out of the pipe ``descriptor`` to ``take``, and close it at its end."""
    _Lines(descriptor, take)


class _Lines:
    def __init__(self, descriptor: int, take: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._take = take
        self._rest = ""
        os.set_blocking(descriptor, False)
        asyncio.get_running_loop().add_reader(descriptor, self._on_readable)

    def _on_readable(self) -> None:
        try:
            data = os.read(self._descriptor, PIPE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._end()
            return
        *lines, self._rest = (self._rest + data.decode(errors="replace")).split("\n")
        if len(self._rest) > PIPE_BYTES:
            lines, self._rest = [*lines, self._rest], ""
        for line in lines:
            self._take(line)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)
        if self._rest:
            self._take(self._rest)
