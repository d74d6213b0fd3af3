"""Which panes print, and which have stopped: from what they looked like and look like now. No I/O.

Output is told at most once a second for a pane, however much it prints.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OUTPUT_SECONDS: Final = 1.0
"""Between two events about output of one pane."""

IDLE_SECONDS: Final = 5.0
"""Without output until a pane counts as idle."""

MAX_LOOKS: Final = 64
"""Panes looked at closely in one go; where more print, lots are drawn, and the others' turn comes."""


def question(since: int) -> tuple[str, ...]:
    """Return the tmux command that lists the panes of windows which printed in or after that second."""
    recent = f"#{{e|>=:#{{window_activity}},{since}}}"
    shape = "#{history_size},#{history_bytes},#{cursor_x},#{cursor_y}"
    # Where a window has several panes, its time does not tell which of them printed.
    moment = "#{?#{==:#{window_panes},1},#{window_activity},}"
    return ("list-panes", "-a", "-f", recent, "-F", f"#{{pane_id}}\t{shape},{moment}")


def screen(pane: str) -> tuple[str, ...]:
    """Return the tmux command that prints what a pane shows."""
    return ("capture-pane", "-p", "-t", pane)


def recent(answer: str) -> dict[str, str]:
    """Return what was listed: a cheap part of each pane's looks, by its id."""
    return dict(re.findall(r"^(%\d{1,10})\t([\d,]{0,100})$", answer, re.MULTILINE))


def chosen(panes: Iterable[str]) -> list[str]:
    """Return the panes to look at closely now: all, or some drawn by lot."""
    found = list(panes)
    return found if len(found) <= MAX_LOOKS else random.sample(found, MAX_LOOKS)


class _Pane(NamedTuple):
    looks: object
    changed: float | None
    told: float
    owing: bool = False


class Activity:
    """What each pane did."""

    def __init__(self) -> None:
        self._panes: dict[str, _Pane] = {}

    def tick(
        self, now: float, looks: Mapping[str, object], alive: Iterable[str]
    ) -> list[tuple[str, str, Any]]:
        """Return what to tell, as event, pane and details, in order.

        Args:
            now: Seconds of a steady clock.
            looks: How the panes look that may have printed; any values that can be compared.
            alive: All panes there are.
        """
        there = set(alive)
        self._panes = {pane: seen for pane, seen in self._panes.items() if pane in there}
        found: list[tuple[str, str, Any]] = []
        for pane in there & looks.keys():
            self._look(pane, looks[pane], now, found)
        for pane in self._panes:
            self._rest(pane, now, found)
        return found

    def _look(self, pane: str, looks: object, now: float, found: list[tuple[str, str, Any]]) -> None:
        seen = self._panes.get(pane)
        if seen is None:  # what it printed before anybody listened is nobody's news
            self._panes[pane] = _Pane(looks, None, 0.0)
        elif seen.looks != looks:
            if seen.changed is None:
                found.append(("pane.active", pane, {}))
            self._panes[pane] = seen._replace(looks=looks, changed=now, owing=True)

    def _rest(self, pane: str, now: float, found: list[tuple[str, str, Any]]) -> None:
        seen = self._panes[pane]
        if seen.owing and now - seen.told >= OUTPUT_SECONDS:
            found.append(("pane.output", pane, {}))
            seen = seen._replace(told=now, owing=False)
        if seen.changed is not None and now - seen.changed >= IDLE_SECONDS:
            found.append(("pane.idle", pane, {"seconds": round(now - seen.changed, 1)}))
            seen = seen._replace(changed=None)
        self._panes[pane] = seen
