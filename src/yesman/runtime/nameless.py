"""Files that a process keeps although they have no name any more: open ones, and mapped ones.

What is read of a process is bounded. Whoever has more mappings than that keeps nobody knows what.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from yesman.runtime.accounts import threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.runtime.disk import Tally

MOST_LINES = 20_000
"""Of one process's table of mappings; numpy with its libraries has some hundreds."""
MOST_BYTES = 8 * 1024 * 1024
"""Likewise: the kernel writes some 50 MB of it a second, and a line can be 16 kB long."""


def count(pid: int, devices: set[int], largest: int, tally: Tally) -> None:
    """Add to ``tally`` the nameless files of process ``pid`` on ``devices``, each once.

    Of what is only mapped nobody is told the size: it counts as ``largest``. All threads have the same
    files, but those that have ended or are about to have none.
    """
    opened = mapped = False
    for thread in threads(pid):
        if (opened and mapped) or tally.full:
            return
        folder = f"/proc/{pid}/task/{thread}"
        opened = opened or _count_open(folder, devices, tally)
        mapped = mapped or _count_mapped(folder, devices, largest, tally)


def _count_open(folder: str, devices: set[int], tally: Tally) -> bool:
    """Count the open ones; tell whether the thread has any file open."""
    numbers: list[str] = []
    with suppress(OSError):
        numbers = os.listdir(f"{folder}/fd")  # noqa: PTH208 - with os.stat below
    for number in numbers:
        if tally.full:
            break
        with suppress(OSError):
            found = os.stat(f"{folder}/fd/{number}")  # noqa: PTH116 - as above
            if found.st_nlink == 0 and found.st_dev in devices and stat.S_ISREG(found.st_mode):
                tally.add(found)
    return bool(numbers)


def _count_mapped(folder: str, devices: set[int], largest: int, tally: Tally) -> bool:
    """Count those that are only mapped; tell whether the thread has any mapping."""
    seen: set[tuple[int, int]] = set()
    line = b""
    for line in _mappings(folder, tally):
        if line.endswith(b" (deleted)\n"):
            _range, _rights, _offset, device, inode, _name = line.split(maxsplit=5)
            major, minor = (int(part, 16) for part in device.split(b":"))
            found = os.makedev(major, minor), int(inode)
            if found not in seen and found[0] in devices and not tally.knows(*found):
                tally.used += largest
            seen.add(found)
    return bool(line)


def _mappings(folder: str, tally: Tally) -> Iterator[bytes]:
    """Yield the lines of a table of mappings, until it is too much."""
    size = 0
    with suppress(OSError), open(f"{folder}/maps", "rb") as maps:  # noqa: PTH123 - as above
        for number, line in enumerate(maps, 1):
            size += len(line)
            if number > MOST_LINES or size > MOST_BYTES:
                tally.unclear = "it has more mappings than can be looked through"
            if tally.full:
                return
            yield line
