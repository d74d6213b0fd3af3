"""What came of a fault, and what of that must not be. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from yesman.host.logs import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storm.fault import Fault

LATEST = 1.0
"""Seconds within which other plugins answer."""


@dataclass
class Outcome:
    """What was observed.

    Attributes:
        fault: Which row.
        seen: What its caller saw.
        same_pid: Whether the server is the process that it was.
        worst: The longest that another plugin took to answer, in seconds.
        asked: How often others were asked.
        failures: What others answered instead of what they should.
        lost: Numbered events that the durable counter did not get.
        doubled: Those that it got more than once.
        processes: Left behind, by name.
        descriptors: Left behind, of the server, by kind.
        unwell: What the plugin said afterwards when it did no wrong any more, if not that it is well.
    """

    fault: Fault
    seen: str = ""
    same_pid: bool = False
    worst: float = 0.0
    asked: int = 0
    failures: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    processes: Counter[str] = field(default_factory=Counter)
    descriptors: Counter[str] = field(default_factory=Counter)
    unwell: str = ""

    def problems(self) -> list[str]:
        """Return what must not be, one sentence each."""
        found = {
            f"the caller saw {self.seen!r}": not re.search(self.fault.seen, self.seen),
            "the server is another process": not self.same_pid,
            f"another plugin took {self.worst:.2f} s to answer": self.worst > LATEST,
            "nobody was asked": not self.asked,
            f"others failed: {self.failures[:3]}": bool(self.failures),
            f"lost {self.lost[:5]}": bool(self.lost),
            f"doubled {self.doubled[:5]}": bool(self.doubled),
            f"left processes {dict(self.processes)}": bool(self.processes),
            f"left descriptors {dict(self.descriptors)}": bool(self.descriptors),
            f"afterwards the plugin said {self.unwell!r}": bool(self.unwell),
        }
        return [sentence for sentence, wrong in found.items() if wrong]


def table(outcomes: Iterable[Outcome]) -> list[str]:
    """Return the lines of the table."""
    rows = [
        (
            outcome.fault.name,
            outcome.fault.at,
            printable(outcome.seen.replace(outcome.fault.plugin, "NAME")),
            "yes" if outcome.same_pid else "NO",
            f"{outcome.worst * 1000:.0f} ms",
            f"{len(outcome.lost)}/{len(outcome.doubled)}",
            f"{outcome.processes.total()}/{outcome.descriptors.total()}",
        )
        for outcome in outcomes
    ]
    return [_ROW.format(*_cut(row)).rstrip() for row in [_HEAD, *rows]]


def summary(outcomes: list[Outcome]) -> list[str]:
    """Return the table and what it comes to."""
    held = sum(not outcome.problems() for outcome in outcomes)
    asked = sum(outcome.asked for outcome in outcomes)
    worst = max(outcomes, key=lambda outcome: outcome.worst)
    latest = f"the latest answer came after {worst.worst * 1000:.0f} ms ({worst.fault.name})"
    end = f"{held} of {len(outcomes)} faults held. Others were asked {asked} times; {latest}."
    return [*table(outcomes), end]


_HEAD = ("fault", "at", "what its caller saw", "pid same", "others", "lost/twice", "procs/fds left")
_WIDTHS = (38, 12, 58, 8, 8, 10, 14)
_ROW = "  ".join(f"{{:{'>' if number > 3 else '<'}{width}}}" for number, width in enumerate(_WIDTHS))


def _cut(row: tuple[str, ...]) -> list[str]:
    return [
        text if len(text) <= width else text[: width - 1] + "…"
        for text, width in zip(row, _WIDTHS, strict=True)
    ]
