"""Whole lines of a file that somebody else is still writing, from where one stopped reading.

What always holds: at most :data:`MOST` bytes of a line are in memory, longer lines are passed over; a last
line without its end is left for the next time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 8 << 20
"""Bytes of one line: an answer and a file that it writes have room."""


def whole_lines(file: BinaryIO, offset: int, most: int = MOST) -> Iterator[tuple[bytes | None, int]]:
    """Yield each line from ``offset`` on, and the offset behind it; None for a line that is too long.

    Args:
        file: Opened for reading, seekable.
        offset: Where a line begins.
        most: Bytes that a line may have, its end included.
    """
    file.seek(offset)
    while line := file.readline(most):
        kept: bytes | None = line
        while not line.endswith(b"\n"):
            if len(line) < most:
                return
            kept, offset = None, offset + len(line)
            line = file.readline(most)
            if not line:
                return
        offset += len(line)
        yield kept, offset
