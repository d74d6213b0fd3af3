"""Which values stand beside a chart, and where in it a value stands. Pure."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.dashboard.formats import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yesman.model.panels import Format

_PARTS: Final = 3
"""Of a scale at most, so that there are at most four ticks."""
_ROUND: Final = (1.0, 2.0, 2.5, 5.0)
_TIMES: Final = (
    60.0,
    120.0,
    300.0,
    600.0,
    1200.0,
    1800.0,
    3600.0,
    7200.0,
    14400.0,
    21600.0,
    43200.0,
    86400.0,
)
_NEAR: Final = 0.7
"""Values whose least is more than that of their greatest are not drawn from nothing upwards."""
_SAME: Final = 1e-6
"""Values that differ by less than that of the greatest are not told apart."""


class Scale(NamedTuple):
    """Values from the least to the greatest tick."""

    ticks: tuple[float, ...]
    texts: tuple[str, ...]

    def share(self, value: float) -> float:
        """Return how far up a value is, from 0 to 1."""
        low, high = self.ticks[0], self.ticks[-1]
        return value / (high - low) - low / (high - low)


def scale(values: Iterable[float], form: Format, *, grounded: bool) -> Scale:
    """Return a scale with all of ``values`` in it, of which there is at least one; no two ticks read alike.

    Args:
        values: What is drawn.
        form: What they mean.
        grounded: Whether 0 is always in it.
    """
    known = sorted(values)
    low, high = known[0], known[-1]
    size = max(abs(low), abs(high))
    if grounded or not (low > _NEAR * high > 0 or high < _NEAR * low < 0) or high - low < _SAME * size:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-290:  # noqa: PLR2004 - too near to the least number that there is to be divided
        high = low + 1
    for step in _steps((high - low) / _PARTS, form):
        first, last = floor(low / step), ceil(high / step)
        ticks = tuple(number * step for number in range(first, last + 1))
        texts = tuple(written(tick, form) for tick in ticks)
        if len(ticks) <= _PARTS + 1 and all(one != other for one, other in pairwise(texts)):
            return Scale(ticks, texts)
    raise AssertionError  # steps become greater than any value


def _steps(least: float, form: Format) -> Iterator[float]:
    """Yield round numbers upwards, beginning near ``least``."""
    if form in {"duration", "time"} and _TIMES[0] / 2 < least < _TIMES[-1]:
        yield from (step for step in _TIMES if step >= least)
    power = floor(log10(least)) - 1
    while True:
        yield from (number * 10.0**power for number in _ROUND if number * 10.0**power >= least)
        power += 1
