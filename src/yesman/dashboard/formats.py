"""How values of panels are written out, the same wherever they are shown. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.panels import Cell, Format, Table

NOTHING: Final = "-"
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_LATEST: Final = 253_402_300_799  # the year 9999 ends
_KILO: Final = 1000
NUMERIC: Final[frozenset[Format]] = frozenset({"number", "money", "percent", "bytes", "duration"})
"""Formats whose values stand below each other by their last digit."""


def written(value: Cell, form: Format) -> str:
    """Return ``value`` as people read it; what is not of that form is written as it is."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or form == "text":
        return str(value)
    return _WRITERS[form](value)


def plain(text: str, keep: str = "") -> str:
    """Return ``text`` with a space for each character that is not printed, but those of ``keep``."""
    return "".join(c if c.isprintable() or c in keep else " " for c in text)


def order(value: Cell) -> tuple[int, float | str]:
    """Return what values of one column are sorted by: numbers before texts, nothing last."""
    if value is None:
        return 2, ""
    return (1, value.casefold()) if isinstance(value, str) else (0, float(value))


def ordered(table: Table, column: int | None, *, descending: bool) -> list[tuple[Cell, ...]]:
    """Return the rows of a table by what is in a column, those with nothing there last either way."""
    if column is None:
        return list(table.rows)
    known = [row for row in table.rows if row[column] is not None]
    known.sort(key=lambda row: order(row[column]), reverse=descending)
    return known + [row for row in table.rows if row[column] is None]


def _number(value: float) -> str:
    if isinstance(value, int) or value.is_integer() or abs(value) >= _KILO:
        return f"{value:,.0f}"
    return f"{value:,.3g}" if abs(value) < 1 else f"{value:,.2f}"


def _money(value: float) -> str:
    digits = 2 if abs(value) >= 0.01 or not value else 4  # noqa: PLR2004 - a cent
    return f"{'-' if value < 0 else ''}${abs(value):,.{digits}f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _bytes(value: float) -> str:
    unit = 0
    while abs(value) >= _KILO and unit < len(_UNITS) - 1:
        value, unit = value / _KILO, unit + 1
    return f"{value:.0f} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _time(value: float) -> str:
    if not 0 <= value <= _LATEST:
        return _number(value)
    return datetime.fromtimestamp(value).astimezone().strftime("%Y-%m-%d %H:%M")


def _duration(value: float) -> str:
    if abs(value) < 1:
        return f"{1000 * value:.0f} ms"
    if abs(value) < _MINUTE:
        return f"{value:.1f} s"
    for size, unit, rest, lesser in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min")):
        if abs(value) >= size:
            return f"{value // size:.0f} {unit} {value % size // rest:.0f} {lesser}"
    return f"{value // _MINUTE:.0f} min {value % _MINUTE:.0f} s"


_WRITERS: Final[dict[str, Callable[[float], str]]] = {
    "number": _number,
    "money": _money,
    "percent": _percent,
    "bytes": _bytes,
    "time": _time,
    "duration": _duration,
}
