"""Tables of text that fit a terminal.

No I/O. No line is wider than asked for, measured in cells as a terminal does, and none holds
a control or formatting character: names come from strangers.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from .insight import UNKNOWN

if TYPE_CHECKING:
    from .insight import AuthorCount, Insight, WeekCount

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MIN_WIDTH = 24


def render(insight: Insight, repository: str, *, by: str, width: int) -> str:
    """Write what was counted as text.

    Args:
        insight: The counts.
        repository: Where they come from, for the title.
        by: ``"author"``, ``"week"`` or ``"both"``.
        width: Cells a line may take; less than 24 counts as 24.
    """
    width = max(width, _MIN_WIDTH)
    blocks = [_title(insight, repository)]
    if by in ("author", "both") and insight.authors:
        blocks.append(_authors(insight.authors, insight.commits))
    if by in ("week", "both") and insight.weeks:
        blocks.append(_weeks(insight.weeks, width))
    return "\n\n".join("\n".join(fit(line, width) for line in block) for block in blocks)


def fit(text: str, width: int) -> str:
    """Make ``text`` harmless and at most ``width`` cells wide, ending in ``…`` where it was cut."""
    text = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _HIDDEN else c for c in text)
    if sum(map(_cells, text)) <= width:
        return text.rstrip()
    kept, left = [], width - 1
    for character in text:
        left -= _cells(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _title(insight: Insight, repository: str) -> list[str]:
    if not insight.commits:
        return [repository, "no commits yet"]
    known = [row.week for row in insight.weeks if row.week != UNKNOWN]
    span = f", {known[0]} to {known[-1]}" if known else ""
    commits, authors = _many(insight.commits, "commit"), _many(len(insight.authors), "author")
    return [repository, f"{commits} by {authors}{span}"]


def _authors(rows: tuple[AuthorCount, ...], total: int) -> list[str]:
    people = (f"{row.name} <{row.email}>".strip() for row in rows)
    lines = [
        f"{row.commits:7}  {100 * row.commits / total:5.1f}%  {person}"
        for row, person in zip(rows, people, strict=True)
    ]
    return ["commits   share  author", *lines]


def _weeks(rows: tuple[WeekCount, ...], width: int) -> list[str]:
    most, room = max(row.commits for row in rows), width - 19
    bars = ("#" * max(1, round(room * row.commits / most)) for row in rows)
    lines = [f"{row.week:8}  {row.commits:7}  {bar}" for row, bar in zip(rows, bars, strict=True)]
    return ["week      commits", *lines]


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Me":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "FW" else 1
