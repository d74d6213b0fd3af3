"""What a server holds: its descriptors, its processes, and those of plugins wherever they went."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from yesman.runtime.zygote import home_number
from yesman.sandbox import family

PATIENCE = 15.0


class Holdings(NamedTuple):
    """At one moment: how many descriptors, and the names of processes with their numbers."""

    descriptors: int
    processes: Counter[str]

    def beyond(self, before: Holdings) -> Holdings:
        """Return what there is more than ``before``."""
        return Holdings(max(0, self.descriptors - before.descriptors), self.processes - before.processes)

    @property
    def nothing(self) -> bool:
        """Whether it is empty."""
        return not self.descriptors and not self.processes


def holdings(pid: int, home: Path) -> Holdings:
    """Return what the server ``pid`` of ``home`` holds now."""
    marked = {each for each in family.of_home(home_number(home)) if not family._is_zombie(each)}
    return Holdings(
        len(list(Path(f"/proc/{pid}/fd").iterdir())), Counter(map(_name, marked | set(_below(pid))))
    )


def left_beyond(before: Holdings, pid: int, home: Path, seconds: float = PATIENCE) -> Holdings:
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


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "(ended)"
