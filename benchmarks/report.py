"""The table for people and the JSON for machines. Pure: results in, text out."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from benchmarks.rows import DISTURBED, Verdict
from benchmarks.stats import Added

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.rows import Beside, Result, Row
    from benchmarks.stats import Samples

WIDTH = 110
WHAT, NUMBER, PLAN, BUDGET, VERDICT = 46, 9, 9, 17, 11
INDENT = "    "


def header() -> str:
    """Return the table's first two lines."""
    titles = ("median", "p95", "p99")
    cells = "".join(f"{title:>{NUMBER}}" for title in titles)
    line = f"{'what':<{WHAT}}{cells}{'plan':>{PLAN}}{'ours':>{BUDGET}}  {'verdict':<{VERDICT}}"
    return f"{line.rstrip()}\n{'-' * WIDTH}"


def lines(result: Result) -> str:
    """Return a row's lines: the figures, what stands beside them, and its note."""
    row = result.row
    p99 = number(result.figure(99)) if row.tail else ""
    cells = f"{number(result.figure(50)):>{NUMBER}}{number(result.figure(95)):>{NUMBER}}{p99:>{NUMBER}}"
    plan = f"< {row.plan:g}" if row.plan is not None else ""
    what = f"{row.what} [{row.unit.symbol}]"
    text = f"{what:<{WHAT}}{cells}{plan:>{PLAN}}{_budget(row.budget):>{BUDGET}}  {result.verdict.value}"
    beside = " · ".join(_beside(result, other) for other in result.measured.beside)
    more = [part for part in (beside, _sure(result), _disturbed(result), result.measured.note) if part]
    return "\n".join([text.rstrip(), *(_indented(part) for part in more)])


def _disturbed(result: Result) -> str:
    noisy = f"NOISY: {100 * result.others:.0f} % of the processors' time went to other processes"
    tries = f"measured {result.tries} times"
    return "; ".join([noisy] * (result.others > DISTURBED) + [tries] * (result.tries > 1))


def not_measured(row: Row, why: str) -> str:
    """Return the lines of a row that could not be measured."""
    return f"{row.what}: NOT MEASURED\n{_indented(textwrap.shorten(why, 4 * WIDTH))}"


def _sure(result: Result) -> str:
    samples = result.measured.samples
    if not isinstance(samples, Added):
        return ""
    low, high = (number(bound * result.row.unit.scale) for bound in samples.sure())
    runs = f"{len(samples)} runs of each, in turns"
    return f"a difference; its median lies between {low} and {high}, 95 times in 100 ({runs})"


def number(value: float) -> str:
    """Return about three significant digits."""
    for least, digits in ((100, 0), (10, 1), (1, 2), (0.01, 3)):
        if abs(value) >= least:
            return f"{value:.{digits}f}"
    return f"{value:.2g}"


def summary(results: Iterable[Result]) -> str:
    """Return one line for every missed limit, or one that says there are none."""
    missed = [(result, text) for result in results for text in result.missed]
    if not missed:
        return "Every limit was kept."
    width = max(len(result.row.name) for result, _ in missed)
    return "\n".join(["Missed:", *(f"  {r.row.name:<{width}}  {text}" for r, text in missed)])


def as_data(result: Result) -> dict[str, Any]:
    """Return a row for the JSON output; every figure in the row's unit."""
    row, measured = result.row, result.measured
    scale = row.unit.scale
    return {
        "name": row.name,
        "what": row.what,
        "unit": row.unit.symbol,
        "source": row.source,
        "plan_limit": row.plan,
        "budget": {f"p{percentile}": limit for percentile, limit in row.budget.items()},
        "count": len(measured.samples),
        "percentiles": measured.samples.percentiles(scale),
        "verdict": result.verdict.name.lower(),
        "missed": list(result.missed),
        "beside": [_beside_data(result, other, scale) for other in measured.beside],
        "median_between": _bounds(measured.samples, scale),
        "others_share": round(result.others, 3),
        "tries": result.tries,
        "note": measured.note,
    }


def _beside(result: Result, other: Beside) -> str:
    unit = result.row.unit
    figure = f"{other.name} {number(other.samples.median * unit.scale)} {unit.symbol}"
    if isinstance(result.measured.samples, Added):  # a difference is no multiple of what it was taken from
        return figure
    median = result.measured.samples.median
    ratio = other.ratio_to(median)
    times = f"{number(ratio)}x {'it' if other.floor else 'ours'}"
    if other.wanted is not None:
        sign = "≤" if other.floor else "≥"
        times += f", {'NOT' if other.misses(median) else 'and'} {sign} {other.wanted:g}"
    kind = "floor " if other.floor else ""
    return f"{kind}{figure} ({times})"


def _beside_data(result: Result, other: Beside, scale: float) -> dict[str, Any]:
    median = result.measured.samples.median
    return {
        "name": other.name,
        "kind": "floor" if other.floor else "peer",
        "count": len(other.samples),
        "percentiles": other.samples.percentiles(scale),
        "ratio": None if isinstance(result.measured.samples, Added) else round(other.ratio_to(median), 3),
        "wanted": other.wanted,
        "missed": other.misses(median),
    }


def _bounds(samples: Samples | Added, scale: float) -> list[float] | None:
    return [bound * scale for bound in samples.sure()] if isinstance(samples, Added) else None


def _budget(budget: Any) -> str:
    return ", ".join(
        f"≤ {limit:g}" if percentile == 50 else f"p{percentile} ≤ {limit:g}"
        for percentile, limit in budget.items()
    )


def _indented(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)


def counts(results: Iterable[Result]) -> str:
    """Return how many rows came out how."""
    verdicts = [result.verdict for result in results]
    return (
        f"{len(verdicts)} rows: {verdicts.count(Verdict.WITHIN)} within their limits, "
        f"{verdicts.count(Verdict.OVER_BUDGET)} over our own budget, "
        f"{verdicts.count(Verdict.OVER_PLAN)} over the plan's limit, "
        f"{verdicts.count(Verdict.NONE)} without a limit"
    )
