"""What a server holds: its descriptors, its processes, and those of plugins wherever they went."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from yesman.runtime.zygote import home_number
from yesman.sandbox import family

SETTLED_SECONDS = 0.5
STARTED_SECONDS = 15.0
_SPARE = Counter({"events.db": 1, "state.db": 1})
"""SQLite keeps the descriptor of a closed connection for the next one to the same file, because closing it
would drop the locks of those that are open (``os_unix.c``, ``setPendingFd``)."""


class Holdings(NamedTuple):
    """At one moment: the kinds of descriptors and the names of processes, each with how many there are."""

    descriptors: Counter[str]
    processes: Counter[str]

    def beyond(self, before: Holdings) -> Holdings:
        """Return what there is more than ``before``."""
        return Holdings(self.descriptors - before.descriptors - _SPARE, self.processes - before.processes)

    @property
    def nothing(self) -> bool:
        """Whether it is empty."""
        return not self.descriptors and not self.processes


def holdings(pid: int, home: Path) -> Holdings:
    """Return what the server ``pid`` of ``home`` holds now."""
    marked = {each for each in family.of_home(home_number(home)) if not family._is_zombie(each)}
    descriptors: Counter[str] = Counter()
    with suppress(FileNotFoundError):  # it has ended
        descriptors = Counter(map(_kind, Path(f"/proc/{pid}/fd").iterdir()))
    return Holdings(descriptors, Counter(map(_name, marked | set(_below(pid)))))


def settled(pid: int, home: Path) -> Holdings:
    """Return what is held once that has not changed for a while."""
    deadline = time.monotonic() + STARTED_SECONDS
    found, since = holdings(pid, home), time.monotonic()
    while time.monotonic() - since < SETTLED_SECONDS:
        assert time.monotonic() < deadline, f"what the server holds keeps changing: {found}"
        time.sleep(0.05)
        if (now := holdings(pid, home)) != found:
            found, since = now, time.monotonic()
    return found


def left_beyond(before: Holdings, pid: int, home: Path, seconds: float) -> Holdings:
    """Return what is held beyond ``before`` once it is nothing, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (left := holdings(pid, home).beyond(before)).nothing and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _below(pid: int) -> list[int]:
    found = []
    with suppress(OSError):  # it has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *_below(child)]
    return found


def _kind(descriptor: Path) -> str:
    try:
        target = str(descriptor.readlink()).removesuffix(" (deleted)").split(":[")[0]
        return re.sub(r"\d+", "N", target) if target.startswith("/proc") else target.rpartition("/")[2]
    except OSError:
        return "(closed)"


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "(ended)"
