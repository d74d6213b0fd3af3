"""The processor time of a process and of those that descend from it, charged once.

What a child used is counted while it lives, and once more by the kernel among the ended children of whoever
waits for it: its parent, and so on upwards. So what was seen of a process that is gone is taken off what
its next living forebear has been told of ended children since. Of a child that nobody waits for nobody
is told: then that forebear gets off with as much, which is no more than was charged for the child.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from yesman.runtime.accounts import cpu_seconds, lineage

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
        read: dict[int, _Reading] = {}
        for _ in range(TRIES):
            own = {pid: clock for pid in pids if (clock := cpu_seconds(pid)) is not None}
            read = {pid: self._reading(pid, clock) for pid, clock in own.items()}
            if not self._family or None not in map(cpu_seconds, own):
                break
        return read

    def _reading(self, pid: int, clock: float) -> _Reading:
        last = self._last.get(pid)
        if not self._family:
            return _Reading(clock)
        if last is not None and last.own == clock:
            return last  # waiting for a child takes time of its own
        return _Reading(clock, *lineage(pid))


def _heir(last: _Reading, gone: dict[int, _Reading]) -> int:
    """Return the nearest forebear of a process that is not gone."""
    parent = last.parent
    for _ in gone:
        if parent not in gone:
            break
        parent = gone[parent].parent
    return parent
