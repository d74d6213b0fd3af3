"""The journal's file: whole lines only, on the disk before the call returns.

One entry is one ``write`` to a file opened for appending, so entries of two processes never
mix; one that did not fit is taken back. A line that a power failure cut is ended first.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TITLE = "# Session journal\n\n"
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Journal:
    """A Markdown file that grows by one line per entry.

    Args:
        path: The file; its folder must exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: str) -> None:
        """Add one line.

        Raises:
            OSError: It could not be written; the file is as it was.
        """
        descriptor = os.open(self.path, _APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            _write_whole(descriptor, (_lead(descriptor, size) + entry + "\n").encode(), size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not size:
            self._keep_name()

    def last(self, number: int) -> tuple[int, list[str]]:
        """Return how many entries there are, and the newest ``number`` of them, oldest first."""
        kept: deque[str] = deque(maxlen=number)
        total = 0
        if self.path.exists():
            with self.path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
                for line in lines:
                    if line.startswith("- "):
                        total += 1
                        kept.append(line.rstrip("\n"))
        return total, list(kept)

    def _keep_name(self) -> None:
        # A new file's name is on the disk only once its folder is.
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lead(descriptor: int, size: int) -> str:
    if not size:
        return TITLE
    return "" if os.pread(descriptor, 1, size - 1) == b"\n" else "\n"


def _write_whole(descriptor: int, line: bytes, size: int) -> None:
    try:
        written = os.write(descriptor, line)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    if written != len(line):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, "the journal could not take a whole entry")
