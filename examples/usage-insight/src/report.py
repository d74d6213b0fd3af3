"""Sums by day, session or model, with what they cost as far as prices are known.

What always holds: a cost is that of the tokens whose price is known, None if there are none such;
``unpriced`` says how many answers it leaves out. Nothing is ever taken to cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .entry import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .prices import Prices
    from .store import Sum

UNKNOWN: Final = "unknown"
CENTS: Final = 6
"""Digits after the point of a cost in data; a single answer may cost less than a cent."""


@dataclass
class Row:
    """What belongs to one key: a day, a session or a model."""

    key: str
    folder: str = ""
    answers: int = 0
    unpriced: int = 0
    cost: Decimal | None = None
    first: int | None = None
    last: int | None = None
    tokens: Tokens = field(default_factory=Tokens)
    models: set[str] = field(default_factory=set)

    def add(self, part: Sum, cost: Decimal | None) -> None:
        """Add a part, and what it cost."""
        self.answers += part.answers
        self.tokens = Tokens(*(a + b for a, b in zip(self.tokens, part.tokens, strict=True)))
        self.models.add(part.model)
        known = [at for at in (self.first, self.last, part.first, part.last) if at is not None]
        self.first, self.last = (min(known), max(known)) if known else (None, None)
        if cost is None:
            self.unpriced += part.answers
        else:
            self.cost = (self.cost or Decimal()) + cost

    def as_data(self, name: str) -> dict[str, Any]:
        """Return it as JSON data, the key under ``name``."""
        return {
            name: self.key,
            **({"folder": self.folder} if name == "session" else {}),
            "answers": self.answers,
            **self.tokens._asdict(),
            "cost": None if self.cost is None else round(float(self.cost), CENTS),
            "unpriced": self.unpriced,
            "models": sorted(self.models),
            "first": _when(self.first),
            "last": _when(self.last),
        }


@dataclass
class Report:
    """Rows, and all of them together."""

    rows: list[Row]
    total: Row
    unpriced_models: list[str]

    def as_data(self, name: str) -> dict[str, Any]:
        """Return it as JSON data; ``name`` says what the rows are by."""
        total = self.total.as_data("of")
        del total["of"]
        rows = [row.as_data(name) for row in self.rows]
        return {f"{name}s": rows, "total": total, "unpriced_models": self.unpriced_models}


def report(parts: Iterable[Sum], prices: Prices, key: Callable[[Sum], str]) -> Report:
    """Add parts up by their key."""
    rows: dict[str, Row] = {}
    total, unpriced = Row("total"), set()
    for part in parts:
        price = prices.of(part.model) if part.standard else None
        cost = price.of(part.tokens) if price else None
        if cost is None:
            unpriced.add(part.model)
        rows.setdefault(key(part), Row(key(part), part.folder)).add(part, cost)
        total.add(part, cost)
    return Report(list(rows.values()), total, sorted(unpriced))


def day_of(at: int | None, zone: tzinfo | None) -> str:
    """Return the day that a time lies on; without a zone, in this machine's."""
    return UNKNOWN if at is None else datetime.fromtimestamp(at, UTC).astimezone(zone).date().isoformat()


def _when(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
