"""How figures, times and ids are written on pages. Nothing here decides."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from yesman.marketplace.clock import FORMAT

if TYPE_CHECKING:
    from collections.abc import Callable

_KILO: Final = 1000
_TILES: Final = 6
SCANS: Final = {
    "passed": "Nothing was found",
    "warned": "Look at what was found",
    "quarantined": "In quarantine",
}


def number(value: int) -> str:
    """Return a count with thin spaces between thousands."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def size(value: int) -> str:
    """Return bytes in the unit that has one to three digits before the point."""
    amount, units = float(value), ["bytes", "kB", "MB"]
    while amount >= _KILO and len(units) > 1:
        amount, units = amount / _KILO, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] != "MB" else f"{amount:.1f} MB"


def date(text: str) -> Markup:
    """Return a time of the database as a day."""
    try:
        said = datetime.strptime(text, FORMAT).strftime("%-d %b %Y")  # noqa: DTZ007 - FORMAT says UTC
    except ValueError:
        return Markup("unknown")
    return Markup('<time datetime="{}">{}</time>').format(text, said)


def keyid(text: str) -> str:
    """Return a key's id as people compare it."""
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def kind(text: str) -> str:
    """Return a plugin's type in words."""
    return "User interface" if text == "ui" else text.capitalize()


def tile(name: str) -> int:
    """Return which colour stands for a plugin without an icon: always the same."""
    return zlib.crc32(name.encode()) % _TILES


def mean(stars: int, reviews: int) -> str:
    """Return the mean of reviews to one digit."""
    return f"{stars / reviews:.1f}" if reviews else ""


def scan(outcome: str) -> str:
    """Return how a scan ended, in words."""
    return SCANS.get(outcome, "Not known")


def cut(text: str, most: int) -> str:
    """Return the beginning of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "number": number,
    "size": size,
    "date": date,
    "keyid": keyid,
    "kind": kind,
    "tile": tile,
    "scan": scan,
    "cut": cut,
}
