"""How states, times and permissions are written on pages. Nothing here decides."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from markupsafe import Markup

from yesman.dashboard.formats import plain, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GOOD: Final = frozenset({"running", "busy", "active"})
WARN: Final = frozenset({"waiting", "needs_config", "unanswered", "degraded", "discovered"})
BAD: Final = frozenset({"failed", "quarantined", "blocked"})


def tone(state: str) -> str:
    """Return what a state is like: a class of the style sheet."""
    for name, states in (("good", GOOD), ("warning", WARN), ("bad", BAD)):
        if state in states:
            return name
    return "muted"


def clock(seconds: float) -> Markup:
    """Return a moment, of Unix seconds: the time of today, else the day as well."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone()
    form = "%H:%M:%S" if moment.date() == datetime.now(UTC).astimezone().date() else "%Y-%m-%d %H:%M:%S"
    return Markup('<time datetime="{}">{}</time>').format(
        moment.isoformat("T", "seconds"), moment.strftime(form)
    )


def folder(path: str) -> str:
    """Return a folder as people write it, with ~ for their own."""
    home = str(Path.home())
    return f"~{path.removeprefix(home)}" if f"{path}/".startswith(f"{home}/") else path


def details(detail: Mapping[str, Any]) -> str:
    """Return the rest of a record on one line."""
    said = (f"{key}={value}" for key, value in detail.items() if value not in (None, "", [], {}))
    return plain(" ".join(said))


def kibibytes(value: float | None) -> str:
    """Return memory as people read it."""
    return written(None if value is None else 1024 * value, "bytes")


def segment(text: str) -> str:
    """Return ``text`` as one step of a path, or a value of a query."""
    return quote(text, safe="")


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "tone": tone,
    "clock": clock,
    "folder": folder,
    "details": details,
    "kibibytes": kibibytes,
    "plain": plain,
    "segment": segment,
}
