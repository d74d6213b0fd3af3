"""How results are shown: tables that fit the terminal, records, values, JSON.

What always holds: whatever text comes in, what goes out is harmless (see
:mod:`yesman.cli.terminal`); and nothing is cut off: what does not fit is wrapped.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from yesman.cli.terminal import block, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO

GAP: Final = "  "
NARROWEST: Final = 12
"""Columns that a cell keeps; where that is too much for all, each row becomes a record."""
READABLE: Final = 24
"""Columns of running text, the last cell, for which less important cells are left out."""
LONGEST_WORD: Final = 32
"""Columns; a longer word may be broken, and where room is scarce the longest ones of all."""
UNLIMITED: Final = 1 << 30
MOST_ROWS: Final = 1000
MOST_HEADS: Final = 50
WIDEST: Final = 1000
"""What is laid out in columns; padding costs rows times width, so larger values are shown as JSON."""


def say(text: str) -> None:
    """Write a line to stdout."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Write a line to stderr, for people only; commands in it as users of the running program type them."""
    from yesman.cli.program import running  # noqa: PLC0415 - help has no notes

    sys.stdout.flush()
    sys.stderr.write(f"{running().advice(text)}\n")


def columns(stream: TextIO | None = None) -> int:
    """Return how wide output may be: ``COLUMNS``, else the terminal's width, else unlimited."""
    chosen = os.environ.get("COLUMNS", "")
    if chosen.isascii() and chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or UNLIMITED
    except (OSError, ValueError):  # no terminal, or no descriptor
        return UNLIMITED


def colours(stream: TextIO) -> bool:
    """Tell whether ``stream`` is a terminal that may show colours (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def styled(text: str, sgr: str, stream: TextIO) -> str:
    """Return ``text``, which must be harmless, in the colour ``sgr`` where ``stream`` shows colours."""
    return f"\x1b[{sgr}m{text}\x1b[0m" if colours(stream) else text


def dump(value: Any, *, pretty: bool = False) -> str:
    """Return ``value`` as JSON in printable ASCII, on one line unless ``pretty``.

    Raises:
        ValueError: It holds what JSON does not have.
    """
    text = json.dumps(value, allow_nan=False, indent=2 if pretty else None)
    return text.replace("\x7f", "\\u007f")  # the one control that is ASCII and that json leaves


def show_json(value: Any) -> None:
    """Write ``value`` as JSON: indented for a person, on one line for a program."""
    say(dump(value, pretty=sys.stdout.isatty()))


def cell(value: Any) -> str:
    """Return ``value`` on one line: text as it is, nothing for None, JSON for what has parts."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return ", ".join(plain(item) for item in value)
    return dump(value) if isinstance(value, dict | list | tuple) else plain(value)


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[Any]],
    width: int | None = None,
    *,
    dispensable: Sequence[str] = (),
) -> str:
    """Return rows below their heads, in at most ``width`` columns where that is possible.

    Args:
        heads: One for each column.
        rows: The cells.
        width: Columns of the terminal; by default those that there are.
        dispensable: Heads of columns that are left out, the first ones first, where running text would
            get too narrow beside them.
    """
    lines = [[plain(head) for head in heads], *([cell(value) for value in row] for row in rows)]
    room = columns() if width is None else width
    lines, widths = _chosen(lines, room, dispensable)
    if widths is None:
        return "\n\n".join(record(dict(zip(lines[0], line, strict=True)), room) for line in lines[1:])
    return "\n".join(part for line in lines for part in _row(line, widths))


def _chosen(
    lines: list[list[str]], room: int, dispensable: Sequence[str]
) -> tuple[list[list[str]], list[int] | None]:
    """Return the cells that are shown, and the widths of their columns."""
    widths = _fit(lines, room)
    for head in dispensable:
        natural = max(wide(line[-1]) for line in lines)
        if widths is not None and widths[-1] >= min(natural, READABLE):
            break
        gone = lines[0].index(head)
        lines = [line[:gone] + line[gone + 1 :] for line in lines]
        widths = _fit(lines, room)
    return lines, widths


def record(pairs: Mapping[str, Any], width: int | None = None) -> str:
    """Return one ``key: value`` line a pair, values under each other."""
    room = columns() if width is None else width
    margin = max((wide(plain(key)) for key in pairs), default=0) + 3
    lines = []
    for key, value in pairs.items():
        head = f"{plain(key)}:" if key else ""
        parts = wrap(cell(value), max(room - margin, NARROWEST))
        lines += [_padded(head if first else "", margin) + part for first, part in _with_first(parts)]
    return "\n".join(line.rstrip() for line in lines)


def value_text(value: Any) -> str:
    """Return what a command returned as a person reads it."""
    if isinstance(value, str):
        return block(value)
    if isinstance(value, dict) and value and len(value) <= MOST_ROWS and _fits_columns(value):
        return record(value)
    if isinstance(value, list) and value and all(isinstance(item, dict) and item for item in value):
        return _rows(value)
    if isinstance(value, list) and value:
        return "\n".join(cell(item) for item in value)
    return dump(value)


def _rows(value: list[dict[str, Any]]) -> str:
    """Return a table, or one JSON object a line where a table would be beyond reading."""
    if len(value) <= MOST_ROWS and sum(map(len, value)) <= MOST_ROWS * MOST_HEADS:
        heads = list(dict.fromkeys(key for item in value for key in item))
        if len(heads) <= MOST_HEADS and _fits_columns(heads):
            return table(
                heads, ([item.get(head) for head in heads] for item in value), min(columns(), WIDEST)
            )
    return "\n".join(map(dump, value))


def _fits_columns(heads: Iterable[str]) -> bool:
    return all(len(head) <= WIDEST // 10 for head in heads)


def wide(text: str) -> int:
    """Return how many columns ``text`` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` as lines of at most ``width`` columns, broken at spaces where there are some."""
    if wide(text) <= width:
        return [text]
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if wide(joined) <= width:
            line = joined
            continue
        *full, line = ([line] if line else []) + _chopped(word, width)
        lines += full
    return [*lines, line]


def _chopped(word: str, width: int) -> list[str]:
    """Break a word that is too wide, behind a colon or a slash where one stands well in."""
    pieces, piece, used = [], "", 0
    for character in word:
        size = _columns_of(character)
        if used + size > width and piece:
            joint = max(map(piece.rfind, ":/")) + 1
            cut = joint if wide(piece[:joint]) * 2 > width else len(piece)
            pieces.append(piece[:cut])
            piece, used = piece[cut:], wide(piece[cut:])
        piece, used = piece + character, used + size
    return [*pieces, piece]


def _columns_of(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata  # noqa: PLC0415 - most output needs none of it

    if unicodedata.combining(character) or character in "\u200c\u200d\ufe0e\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fit(lines: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Cap the widest columns so that all fit, at spaces if possible; None where that leaves too little."""
    columns_of = list(zip(*lines, strict=True))
    widths = [max(map(wide, column)) for column in columns_of]
    room -= len(GAP) * (len(widths) - 1)
    if sum(widths) <= room:
        return widths
    words = [max(map(_longest_word, column)) for column in columns_of]
    for longest in range(LONGEST_WORD, NARROWEST - 1, -1):
        least = _clamped(widths, [max(min(word, longest), NARROWEST) for word in words], 0)
        if sum(least) <= room:
            return _capped(widths, least, room)
    capped = _capped(widths, [0] * len(widths), room)
    return capped if max(capped) >= NARROWEST else None


def _capped(widths: list[int], least: list[int], room: int) -> list[int]:
    """Return the widths, none above the largest cap with which all fit, or what a column needs at least."""
    low, high = 0, max(widths)
    while low < high:
        middle = (low + high + 1) // 2
        fits = sum(_clamped(widths, least, middle)) <= room
        low, high = (middle, high) if fits else (low, middle - 1)
    return _clamped(widths, least, low)


def _clamped(widths: list[int], least: list[int], cap: int) -> list[int]:
    return [min(width, max(cap, few)) for width, few in zip(widths, least, strict=True)]


def _longest_word(text: str) -> int:
    return max(map(wide, text.split(" ")))


def _row(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [wrap(text, width) for text, width in zip(line, widths, strict=True)]
    height = max(map(len, wrapped), default=0)
    padded = [parts + [""] * (height - len(parts)) for parts in wrapped]
    return [
        GAP.join(_padded(text, width) for text, width in zip(parts, widths, strict=True)).rstrip()
        for parts in zip(*padded, strict=True)
    ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - wide(text))


def _with_first(parts: Iterable[str]) -> Iterable[tuple[bool, str]]:
    return ((index == 0, part) for index, part in enumerate(parts))
