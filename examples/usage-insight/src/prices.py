"""What a million tokens cost, by model. One that no row matches costs something that nobody knows.

The plugin's own rows are list prices in dollars as they were known in November 2025, of the models that there
were then; whatever came later is unknown until the user writes a row.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .entry import Tokens

MILLION = 1_000_000
FORM = "MODEL INPUT OUTPUT WRITE_5M WRITE_1H READ"
OWN = (
    "claude-opus-4-5* 5 25 6.25 10 0.50",
    "claude-opus-4-1* 15 75 18.75 30 1.50",
    "claude-opus-4-2* 15 75 18.75 30 1.50",
    "claude-sonnet-4-5* 3 15 3.75 6 0.30",
    "claude-sonnet-4-2* 3 15 3.75 6 0.30",
    "claude-3-7-sonnet* 3 15 3.75 6 0.30",
    "claude-haiku-4-5* 1 5 1.25 2 0.10",
    "claude-3-5-haiku* 0.80 4 1 1.60 0.08",
)
"""``claude-opus-4-2*`` is ``claude-opus-4-20250514``: its date is part of the name."""


class Price(NamedTuple):
    """What a million tokens of each kind of :class:`Tokens` cost, in dollars."""

    model: str
    each: tuple[Decimal, ...]

    def of(self, tokens: Tokens) -> Decimal:
        """Return what so many tokens cost."""
        return sum((n * price for n, price in zip(tokens, self.each, strict=True)), Decimal()) / MILLION


class Prices:
    """Prices by model; the first row that matches counts.

    Args:
        rows: Each as :data:`FORM`; they come before :data:`OWN`.

    Raises:
        ValueError: A row is not of that form.
    """

    def __init__(self, rows: Sequence[str] = ()) -> None:
        self._rows = [_price(number, row) for number, row in enumerate([*rows, *OWN], 1)]

    def of(self, model: str) -> Price | None:
        """Return the price of a model, None where nobody said it."""
        return next((row for row in self._rows if fnmatchcase(model, row.model)), None)


def _price(number: int, row: str) -> Price:
    model, *words = row.split() or [""]
    try:
        each = tuple(Decimal(word) for word in words)
    except InvalidOperation:
        each = ()
    if len(each) != FORM.count(" ") or not all(price.is_finite() and price >= 0 for price in each):
        raise ValueError(
            f"row {number} of the setting 'prices' is not of the form {FORM}, such as {OWN[0]!r}"
        )
    return Price(model, each)
