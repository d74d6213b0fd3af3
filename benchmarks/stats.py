"""Percentiles of repeated measurements. Pure: numbers in, numbers out.

A :class:`Samples` is never empty and always sorted. Figures are kept in base units (seconds,
bytes); only the report scales them.
"""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = (0, 5, 25, 50, 75, 90, 95, 99, 100)
"""Percentiles that the JSON output holds."""
RESAMPLINGS = 1000


@dataclass(frozen=True)
class Samples:
    """Repeated measurements of one thing, sorted."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Samples:
        """Sort and keep ``values``.

        Raises:
            ValueError: There are none.
        """
        ordered = tuple(sorted(values))
        if not ordered:
            raise ValueError("nothing was measured")
        return cls(ordered)

    def at(self, percentile: float) -> float:
        """Return a percentile (0 to 100), interpolated linearly between neighbours."""
        place = (len(self.values) - 1) * percentile / 100
        low = math.floor(place)
        high = min(low + 1, len(self.values) - 1)
        return self.values[low] + (self.values[high] - self.values[low]) * (place - low)

    @property
    def median(self) -> float:
        """The 50th percentile."""
        return self.at(50)

    def percentiles(self, scale: float = 1.0) -> dict[str, float]:
        """Return every percentile of :data:`SHOWN` by name, times ``scale``."""
        return {f"p{number}": self.at(number) * scale for number in SHOWN}

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Added:
    """What one thing costs more than another, measured in turns: the difference at each percentile.

    Not the percentile of the differences: a start of the one and the start of the other next
    to it have nothing in common but the noise of that moment.
    """

    more: Samples
    less: Samples

    def at(self, percentile: float) -> float:
        """Return the difference of the two percentiles."""
        return self.more.at(percentile) - self.less.at(percentile)

    @property
    def median(self) -> float:
        """The difference of the medians."""
        return self.at(50)

    def percentiles(self, scale: float = 1.0) -> dict[str, float]:
        """Return the differences by name, times ``scale``."""
        return {f"p{number}": self.at(number) * scale for number in SHOWN}

    def sure(self) -> tuple[float, float]:
        """Return between what the difference of the medians lies, 95 times in 100 (bootstrap)."""
        draw = random.Random(0)  # noqa: S311 - statistics; the same samples give the same answer
        found = Samples.of(
            _resampled(self.more, draw) - _resampled(self.less, draw) for _ in range(RESAMPLINGS)
        )
        return found.at(2.5), found.at(97.5)

    def __len__(self) -> int:
        return min(len(self.more), len(self.less))


def _resampled(samples: Samples, draw: random.Random) -> float:
    return statistics.median(draw.choices(samples.values, k=len(samples)))


def ratio(above: float, below: float) -> float:
    """Return how many times ``below`` goes into ``above``; infinite where ``below`` is not positive."""
    return above / below if below > 0 else math.inf
