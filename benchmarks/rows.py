"""What is measured, as data, and the verdict on it. Pure: decides, never measures.

The plan names limits without saying of which percentile; here they bind the 95th. Our own
budgets (design section 13) name theirs. Only the plan's limits make a run fail.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from benchmarks.stats import Added, Samples, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.lab import Lab

PLAN_PERCENTILE = 95
DISTURBED = 0.10
"""The share :attr:`Result.others` above which a figure says more about other processes than about ours."""


class Unit(enum.Enum):
    """A unit of the report: its name and how many of it make one second or one byte."""

    SECONDS = ("s", 1.0)
    MILLISECONDS = ("ms", 1e3)
    MEGABYTES = ("MB", 1e-6)
    KILOBYTES = ("kB", 1e-3)

    @property
    def symbol(self) -> str:
        """How it is written."""
        return self.value[0]

    @property
    def scale(self) -> float:
        """What a base unit is multiplied by."""
        return self.value[1]


class Verdict(enum.Enum):
    """How a row came out."""

    NONE = "-"
    WITHIN = "ok"
    OVER_BUDGET = "over ours"
    OVER_PLAN = "OVER PLAN"


@dataclass(frozen=True)
class Beside:
    """Something measured on the same machine in the same run, to compare with.

    Attributes:
        name: What it is.
        samples: In base units.
        floor: True: nothing that does this job can be cheaper; False: another way to do it.
        wanted: For a floor, how many times it we may cost at most; for a peer, how many times
            us it should cost at least; None when nobody said.
    """

    name: str
    samples: Samples
    floor: bool = False
    wanted: float | None = None

    def ratio_to(self, median: float) -> float:
        """Return ours by the floor's, or the peer's by ours."""
        other = self.samples.median
        return ratio(median, other) if self.floor else ratio(other, median)

    def misses(self, median: float) -> bool:
        """Tell whether the ratio is not the wanted one."""
        if self.wanted is None:
            return False
        found = self.ratio_to(median)
        return found > self.wanted if self.floor else found < self.wanted


@dataclass(frozen=True)
class Measured:
    """What came out of one row's function."""

    samples: Samples | Added
    beside: tuple[Beside, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        name: For ``--only`` and for the JSON output; dotted, the first part is the subject.
        what: For people.
        unit: What limits are given in and figures shown in.
        source: Where the limits come from.
        measure: Measures it.
        plan: The plan's limit, in ``unit``.
        budget: Our own limits by percentile, in ``unit``.
        slow: Needs the network or minutes; only with ``--slow``.
        tail: Whether the 99th percentile means something (thousands of repetitions).
    """

    name: str
    what: str
    unit: Unit
    source: str
    measure: Callable[[Lab], Measured]
    plan: float | None = None
    budget: Mapping[int, float] = field(default_factory=dict)
    slow: bool = False
    tail: bool = False


@dataclass(frozen=True)
class Result:
    """A row with what was measured for it.

    Attributes:
        row: The row.
        measured: What came out.
        others: The share of the processors' time that went to other processes meanwhile.
        tries: How often it was measured.
    """

    row: Row
    measured: Measured
    others: float = 0.0
    tries: int = 1

    def figure(self, percentile: float) -> float:
        """Return a percentile in the row's unit."""
        return self.measured.samples.at(percentile) * self.row.unit.scale

    @property
    def missed(self) -> tuple[str, ...]:
        """Every limit of the plan or of ours that was missed, in words."""
        words = []
        if self._over_plan:
            words.append(f"plan: {self.figure(PLAN_PERCENTILE):.4g} {self._unit}, not < {self.row.plan:g}")
        for percentile, limit in self.row.budget.items():
            if self.figure(percentile) > limit:
                words.append(f"p{percentile}: {self.figure(percentile):.4g} {self._unit}, not ≤ {limit:g}")
        for other in self.measured.beside:
            median = self.measured.samples.median
            if other.misses(median):
                words.append(f"{other.name}: {other.ratio_to(median):.3g}x, not {_wanted(other)}")
        return tuple(words)

    @property
    def verdict(self) -> Verdict:
        """The worst that holds."""
        if self._over_plan:
            return Verdict.OVER_PLAN
        if self.missed:
            return Verdict.OVER_BUDGET
        judged = self.row.plan is not None or self.row.budget
        return Verdict.WITHIN if judged or any(b.wanted for b in self.measured.beside) else Verdict.NONE

    @property
    def _over_plan(self) -> bool:
        return self.row.plan is not None and self.figure(PLAN_PERCENTILE) >= self.row.plan

    @property
    def _unit(self) -> str:
        return self.row.unit.symbol


def _wanted(other: Beside) -> str:
    return f"{'≤' if other.floor else '≥'} {other.wanted:g}x"


def worth_another_try(result: Result) -> bool:
    """Tell whether a missed limit of the plan may be another process's doing."""
    return result.verdict is Verdict.OVER_PLAN and result.others > DISTURBED


def counted(tries: list[Result]) -> Result:
    """Return the one of several tries that counts: the last when it is sound, else the least disturbed.

    Sound is a try that was quiet, or that kept the limit in spite of the noise, which only adds.
    """
    last = tries[-1]
    chosen = min(tries, key=lambda result: result.others) if worth_another_try(last) else last
    return replace(chosen, tries=len(tries))


def exit_code(results: list[Result]) -> int:
    """Return 1 when a limit of the plan was missed, else 0."""
    return int(any(result.verdict is Verdict.OVER_PLAN for result in results))
