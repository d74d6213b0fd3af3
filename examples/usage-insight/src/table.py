"""The tables: they fit the terminal, and what a log holds cannot change what a terminal shows.

No I/O.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from .report import Report, Row

HEADS = ("input", "output", "written", "read", "cost")
NUMBER, GAP = 7, 2
LEAST = 12
"""Cells of the first column in a terminal that is too narrow for all; below that the numbers of tokens go."""
ID = 8
"""Of a session's id, which is enough to tell it from others."""
ROUNDS_UP = 0.99995
_UNITS = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def render(report: Report, what: str, width: int) -> str:
    """Return the rows and their total as text.

    Args:
        report: What to show.
        what: What the rows are by; the head of the first column.
        width: Cells a line may take.
    """
    if not report.rows:
        return "Nothing was used."
    table = [(what, HEADS), *((_label(row, what), _cells(row)) for row in [*report.rows, report.total])]
    cost = max(len(cells[-1]) for _, cells in table)
    numbers = (len(HEADS) - 1) * (NUMBER + GAP)
    if narrow := width < LEAST + numbers + GAP + cost:
        numbers = 0
    room = min(max(width - numbers - GAP - cost, 1), max(len(label) for label, _ in table))
    lines = [_line(label, cells[-1:] if narrow else cells, room, cost) for label, cells in table]
    return "\n".join([*lines, *_notes(report, width)])


def money(cost: Decimal | None, unpriced: int) -> str:
    """Return a cost as text, and that it is not all of it."""
    if cost is None:
        return "unknown" if unpriced else "$0.00"
    return f"${cost:,.2f}" + (" + unknown" if unpriced else "")


def count(number: int) -> str:
    """Return a number in at most six characters, up to a million million."""
    for unit, letter in _UNITS:
        if number >= unit * ROUNDS_UP:
            return f"{number / unit:.1f}{letter}"
    return str(number)


def fit(text: str, width: int) -> str:
    """Make ``text`` harmless and at most ``width`` characters long; ``…`` stands where it was cut.

    Of a path the end matters, of all else the beginning.
    """
    text = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _HIDDEN else c for c in text)
    if len(text) <= width:
        return text
    head, slash, path = text.partition("/")
    if slash and len(head) < width - 1:
        return f"{head}…{path[len(head) + 1 - width :]}"
    return text[: width - 1] + "…"


def _label(row: Row, what: str) -> str:
    return f"{row.key[:ID]}  {row.folder}" if what == "session" and row.folder else row.key


def _cells(row: Row) -> tuple[str, ...]:
    tokens = row.tokens
    numbers = (tokens.input, tokens.output, tokens.write_5m + tokens.write_1h, tokens.read)
    return (*map(count, numbers), money(row.cost, row.unpriced))


def _line(label: str, cells: tuple[str, ...], room: int, cost: int) -> str:
    numbers = [f"{cell:>{NUMBER}}" for cell in cells[:-1]]
    return (" " * GAP).join([f"{fit(label, room):{room}}", *numbers, f"{cells[-1]:>{cost}}"])


def _notes(report: Report, width: int) -> list[str]:
    if not report.unpriced_models:
        return []
    named = ", ".join(report.unpriced_models)
    hint = "Its price is a setting: yesman plugin config usage-insight prices"
    return ["", fit(f"No price is known for: {named}", width), fit(hint, width)]
