"""What the dashboards show of a report: today in figures, and all of it by day, session and model.

No I/O, nothing raised: reports in, a tree of :mod:`yesman.plugins.ui` out. What has no known price is an
empty cell, and a sentence says how many answers that leaves out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yesman.plugins import ui

from .report import CENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report import Report, Row

AGAIN: Final = "again"
"""The action that reads the logs again."""
MOST_ROWS: Final = 500
COLUMNS: Final = (
    ui.Column("Answers", "number"),
    ui.Column("Input", "number"),
    ui.Column("Output", "number"),
    ui.Column("Cache written", "number"),
    ui.Column("Cache read", "number"),
    ui.Column("Cost", "money"),
)


def overview(days: Report, sessions: Report, models: Report, calendar: Sequence[str]) -> ui.Node:
    """Return the whole panel.

    Args:
        days: By day.
        sessions: By session.
        models: By model.
        calendar: The days that are drawn, one after the other, the newest last.
    """
    by_day = {row.key: row for row in days.rows}
    tabs = [
        ui.Tab("By day", ui.Stack([_tokens(by_day, calendar), _costs(by_day, calendar)])),
        ui.Tab("By session", _sessions(sessions)),
        ui.Tab("By model", _table("Model", models.rows, sort=len(COLUMNS))),
    ]
    return ui.Stack([_today(by_day, calendar), ui.Tabs(tabs), *_notes(models), _again()])


def nothing(folder: str) -> ui.Node:
    """Return what is shown where there are no logs."""
    told = ui.Empty(f"There are no logs of Claude Code at {folder}", "It writes them once you work with it.")
    return ui.Stack([told, _again()])


def _again() -> ui.Node:
    return ui.Button("Read again", ui.Action(AGAIN))


def _today(by_day: dict[str, Row], calendar: Sequence[str]) -> ui.Node:
    costs = [_cost(by_day.get(day)) or 0.0 for day in calendar]
    written = [by_day[day].tokens.output if day in by_day else 0 for day in calendar]
    answers = [by_day[day].answers if day in by_day else 0 for day in calendar]
    return ui.Stack(
        [
            ui.Metric("Cost", costs[-1], "money", costs[-1] - costs[-2], better="down", trend=costs),
            ui.Metric("Output tokens", written[-1], delta=written[-1] - written[-2], trend=written),
            ui.Metric("Answers", answers[-1], delta=answers[-1] - answers[-2], trend=answers),
        ],
        direction="across",
        title="Today",
    )


def _tokens(by_day: dict[str, Row], calendar: Sequence[str]) -> ui.Node:
    tokens = [sum(row.tokens) - row.tokens.read if (row := by_day.get(day)) else 0 for day in calendar]
    read = [by_day[day].tokens.read if day in by_day else 0 for day in calendar]
    series = [ui.Series("New", tokens), ui.Series("Read from the cache", read)]
    return ui.Chart(calendar, series, form="bar", title="Tokens by day")


def _costs(by_day: dict[str, Row], calendar: Sequence[str]) -> ui.Node:
    costs = [_cost(by_day[day]) if day in by_day else 0.0 for day in calendar]
    return ui.Chart(calendar, [ui.Series("Cost", costs)], format="money", title="Cost by day")


def _sessions(report: Report) -> ui.Node:
    newest = sorted(report.rows, key=lambda row: row.last or 0, reverse=True)[:MOST_ROWS]
    columns = [ui.Column("Session"), ui.Column("Folder"), ui.Column("Last used", "time"), *COLUMNS]
    rows = [[row.key, row.folder, row.last, *_cells(row)] for row in newest]
    return ui.Table(columns, rows, sort=2, descending=True)


def _table(label: str, rows: Sequence[Row], sort: int) -> ui.Node:
    cells = [[row.key, *_cells(row)] for row in rows[:MOST_ROWS]]
    return ui.Table([ui.Column(label), *COLUMNS], cells, sort=sort, descending=True)


def _cells(row: Row) -> tuple[ui.Cell, ...]:
    tokens = row.tokens
    written = tokens.write_5m + tokens.write_1h
    return (row.answers, tokens.input, tokens.output, written, tokens.read, _cost(row))


def _cost(row: Row | None) -> float | None:
    return None if row is None or row.cost is None else round(float(row.cost), CENTS)


def _notes(models: Report) -> list[ui.Node]:
    """Return what the costs leave out, if they do."""
    if not models.total.unpriced:
        return []
    names = ", ".join(models.unpriced_models)
    told = f"Costs leave out answers whose price is not known ({models.total.unpriced}): {names}"
    return [ui.Text(told, tone="warning")]
