"""What the dashboards show of a repository: figures of this week, half a year of weeks, hot files, authors.

No I/O, nothing raised: counts in, a tree of :mod:`yesman.plugins.ui` out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.plugins import ui

from .insight import week_label, week_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .hot import HotFile
    from .insight import Insight

WEEKS: Final = 26
MOST_ROWS: Final = 200


def overview(repository: str, insight: Insight, hot: Sequence[HotFile], now: int, most: int) -> ui.Node:
    """Return the whole panel.

    Args:
        repository: Where it is.
        insight: The counts of the newest commits.
        hot: The files that changed most often first.
        now: Seconds since 1970.
        most: How many commits were counted at most.
    """
    if not insight.commits:
        return ui.Empty("There are no commits yet", repository)
    labels, counts = _weeks(insight, now)
    title = f"{repository}: the newest {most:,} commits" if insight.commits >= most else repository
    bars = ui.Chart(labels, [ui.Series("Commits", counts)], form="bar", title="Commits by week")
    tabs = [ui.Tab("Hot files", _hot(hot)), ui.Tab("Authors", _authors(insight))]
    return ui.Stack([_figures(insight, counts), bars, ui.Tabs(tabs)], title=title)


def unreadable(error: ValueError) -> ui.Node:
    """Return what is shown of a repository that is none, or is damaged."""
    text, _, hint = str(error).partition("; ")
    return ui.Error(text, hint)


def _weeks(insight: Insight, now: int) -> tuple[list[str], list[int]]:
    """Return the last weeks, those without commits too."""
    this = week_number(now) or 0
    labels = [week_label(number) for number in range(this - WEEKS + 1, this + 1)]
    counted = {row.week: row.commits for row in insight.weeks}
    return labels, [counted.get(label, 0) for label in labels]


def _figures(insight: Insight, counts: list[int]) -> ui.Node:
    figures = [
        ui.Metric("This week", counts[-1], delta=counts[-1] - counts[-2], trend=counts),
        ui.Metric("Commits", insight.commits),
        ui.Metric("Authors", len(insight.authors)),
    ]
    return ui.Stack(figures, direction="across")


def _hot(hot: Sequence[HotFile]) -> ui.Node:
    columns = [ui.Column("File"), ui.Column("Changes", "number"), ui.Column("Last change", "time")]
    rows = [(file.path, file.changes, file.last or None) for file in hot[:MOST_ROWS]]
    return ui.Table(columns, rows, sort=1, descending=True)


def _authors(insight: Insight) -> ui.Node:
    columns = [ui.Column("Author"), ui.Column("Commits", "number"), ui.Column("Share", "percent")]
    rows = [
        (f"{row.name} <{row.email}>".strip(), row.commits, row.commits / insight.commits)
        for row in insight.authors[:MOST_ROWS]
    ]
    return ui.Table(columns, rows, sort=1, descending=True)
