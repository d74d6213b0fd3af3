"""The list of answers in a prompt of Claude Code, found from the row that the cursor is on.

Theory of operation. Whatever a program prints or the model writes appears in the transcript,
indented, and above whatever Claude Code itself draws at the bottom; neither moves the cursor.
Claude Code parks the cursor on the mark ``❯`` of the answer that Enter would choose (seen in
2.1.330; on an answer that is a text field, at its text). So a list counts only if the cursor
stands on its mark, and only the rows that are aligned with that one belong to it: further
``❯ 1. Yes`` in a shown file or in a label are aligned otherwise, or outside the list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.agents.model import Option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.agents.screen import Screen

MARK: Final = "❯"
MOST_OPTIONS: Final = 30
MOST_ROWS: Final = 80
_NUMBERED: Final = re.compile(r"( *)(❯ |  )(\d{1,2})\. +(\S.*)")
_HIDDEN: Final = re.compile(r" *[↑↓] \d+ more")
_RULE: Final = re.compile(r"[─▔]{20,}")


class Listed(NamedTuple):
    """A list of answers and the rows it takes, ``last`` included."""

    options: tuple[Option, ...]
    first: int
    last: int


class _Row(NamedTuple):
    """A row that begins an answer."""

    marked: bool
    number: int | None
    column: int  # of the number, or of the label where there is none
    label: str


def is_rule(row: str) -> bool:
    """Tell whether a row is one of Claude Code's horizontal lines, which begin at the edge."""
    return _RULE.fullmatch(row) is not None


def find(screen: Screen) -> Listed | None:
    """Return the list of answers whose mark is under the cursor."""
    chosen = _parse(screen.at(screen.row))
    if chosen is None or not chosen.marked or screen.column not in _cursor_columns(chosen):
        return None
    listed = (_numbered if chosen.number is not None else _plain)(screen, chosen)
    if listed is None or not 1 < len(listed.options) <= MOST_OPTIONS:
        return None
    return listed if sum(option.selected for option in listed.options) == 1 else None


def _parse(text: str) -> _Row | None:
    numbered = _NUMBERED.fullmatch(text)
    if numbered:
        indent, mark, number, label = numbered.groups()
        return _Row(mark[0] == MARK, int(number), len(indent) + 2, label)
    label = text.lstrip(" ")
    column = len(text) - len(label)
    if label.startswith(f"{MARK} ") and label[2:].strip():
        return _Row(marked=True, number=None, column=column + 2, label=label[2:])
    return _Row(marked=False, number=None, column=column, label=label) if label else None


def _cursor_columns(chosen: _Row) -> set[int]:
    """Return where the cursor may be: on the mark, or at the text of a field with a number."""
    mark = chosen.column - 2
    return {mark} if chosen.number is None else {mark, chosen.column + len(f"{chosen.number}. ")}


def _numbered(screen: Screen, chosen: _Row) -> Listed | None:
    assert chosen.number is not None  # noqa: S101 - the caller looked
    first = _first_row(screen, chosen)
    if first is None:
        return None
    options: list[Option] = []
    last = first
    for row, begins in _rows(screen, first, chosen.column):
        text = screen.at(row)
        if begins is not None:
            if options and begins.number != (options[-1].number or 0) + 1:
                break
            options.append(Option(begins.label, begins.number, begins.marked))
        elif _indent(text) > chosen.column and options:
            options[-1] = _with_more(options[-1], text)
        elif text and not is_rule(text) and not _HIDDEN.match(text):
            break
        else:
            continue  # an empty row or a rule belongs to the list only if an answer follows
        last = row
    return Listed(tuple(options), first, last)


def _first_row(screen: Screen, chosen: _Row) -> int | None:
    """Return the row of answer 1, or of the first one in sight of a list that is scrolled."""
    expected = chosen.number or 0
    first = None
    for row in range(screen.row, max(-1, screen.row - MOST_ROWS), -1):
        text = screen.at(row)
        begins = _aligned(text, chosen.column)
        if begins is not None:
            if begins.number != expected:
                return None
            first, expected = row, expected - 1
            if expected == 0:
                return first
        elif _HIDDEN.match(text):
            return first
        elif text and not is_rule(text) and _indent(text) <= chosen.column:
            return None
    return None


def _rows(screen: Screen, first: int, column: int) -> Iterator[tuple[int, _Row | None]]:
    for row in range(first, min(len(screen.rows), first + MOST_ROWS)):
        yield row, _aligned(screen.at(row), column)


def _aligned(text: str, column: int) -> _Row | None:
    begins = _parse(text)
    return begins if begins and begins.number is not None and begins.column == column else None


def _plain(screen: Screen, chosen: _Row) -> Listed | None:
    """Return the answers without numbers: the unbroken run of rows aligned with the marked one."""
    column = chosen.column
    first = last = screen.row
    while _is_plain(screen.at(first - 1), column):
        first -= 1
    while _is_plain(screen.at(last + 1), column):
        last += 1
    options: list[Option] = []
    for row in range(first, last + 1):
        begins = _parse(screen.at(row))
        if begins is not None and begins.column == column:
            options.append(Option(begins.label, None, begins.marked))
        elif options:
            options[-1] = _with_more(options[-1], screen.at(row))
        else:
            return None
        if len(options) > MOST_OPTIONS:
            return None
    return Listed(tuple(options), first, last)


def _is_plain(text: str, column: int) -> bool:
    return bool(text) and _indent(text) >= column


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _with_more(option: Option, text: str) -> Option:
    more = f"{option.more} {text.strip()}".strip()
    return Option(option.label, option.number, option.selected, more)
