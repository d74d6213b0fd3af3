"""The processor time of a process and of those that descend from it, charged once.

What a child used is counted while it lives, and once more by the kernel among the ended children of whoever
waits for it: its parent, and so on upwards. So what was seen of a process that is gone is taken off what
its next living forebear has been told of ended children since. Of a child that nobody waits for nobody
is told: then that forebear gets off with as much, which is no more than was charged for the child.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from yesman.runtime.accounts import cpu_seconds, is_dead, lineage

if TYPE_CHECKING:
    from collections.abc import Sequence

TRIES = 3
"""Readings while none of the processes disappears; else what it used could be seen in two places."""


class _Reading(NamedTuple):
    own: float = 0.0
    ended: float = 0.0
    parent: int = 0


class Clocks:
    """Reads the clocks of process ``pid`` and, with ``family``, of others that descend from it."""

    def __init__(self, pid: int, *, family: bool) -> None:
        self._pid = pid
        self._family = family
        self._last: dict[int, _Reading] = {}

    def spent(self, others: Sequence[int] = ()) -> float:
        """Return the seconds used since the last time by the process and by ``others``."""
        before, self._last = self._last, self._read((self._pid, *others))
        seen: defaultdict[int, float] = defaultdict(float)
        gone = {pid: last for pid, last in before.items() if pid not in self._last}
        for last in gone.values():
            seen[_heir(last, gone)] += last.own + last.ended
        used = 0.0
        for pid, now in self._last.items():
            last = before.get(pid, _Reading())
            used += max(0.0, now.own - last.own) + max(0.0, now.ended - last.ended - seen[pid])
        return used

    def _read(self, pids: Sequence[int]) -> dict[int, _Reading]:
        """Read all; whoever was waited for meanwhile is left out, and the others are read again."""
        read: dict[int, _Reading] = {}
        for _ in range(TRIES):
            own = {pid: clock for pid in pids if (clock := cpu_seconds(pid)) is not None}
            if not self._family:
                return {pid: _Reading(clock) for pid, clock in own.items()}
            gone = not self._last.keys() <= own.keys()
            readings = {pid: self._reading(pid, clock, anew=gone) for pid, clock in own.items()}
            read = {pid: now for pid, now in readings.items() if now is not None}
            told = any(now.ended > self._last.get(pid, _Reading()).ended for pid, now in read.items())
            pids = [pid for pid in read if not (told and is_dead(pid))]
            if len(pids) == len(own):
                break
        return read

    def _reading(self, pid: int, clock: float, *, anew: bool) -> _Reading | None:
        last = self._last.get(pid)
        if last is not None and last.own == clock and not anew:
            return last  # waiting for a child takes time of its own
        found = lineage(pid)
        return _Reading(clock, *found) if found else None  # waited for since its clock was read


def _heir(last: _Reading, gone: dict[int, _Reading]) -> int:
    """Return the nearest forebear of a process that is not gone."""
    parent = last.parent
    for _ in gone:
        if parent not in gone:
            break
        parent = gone[parent].parent
    return parent
