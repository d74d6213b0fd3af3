"""Token buckets: what a plugin may cost the host per second before it has to wait.

Pure but for the clock it is given. A bucket never refuses: it says how long to wait.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Bucket:
    """Fills steadily up to ``burst`` tokens; may be overdrawn by one expense.

    Args:
        rate: Tokens a second.
        burst: How many it holds; it starts full.
        clock: Seconds, monotonic.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._at = clock()

    def spend(self, tokens: float) -> float:
        """Take ``tokens`` and return after how many seconds the next expense is welcome, 0 for now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - tokens
        self._at = now
        return max(0.0, -self._tokens / self._rate)


class Quiet:
    """Lets through so many lines a second and counts the rest.

    Args:
        rate: Lines a second.
        burst: Lines at once.
        clock: Seconds, monotonic.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = Bucket(rate, burst - 1, clock)  # overdrawn by the last one
        self._held_back = 0

    def line(self, text: str) -> str | None:
        """Return ``text`` with how many were left out before it, or None to leave it out."""
        if self._bucket.spend(0):
            self._held_back += 1
            return None
        self._bucket.spend(1)
        before, self._held_back = self._held_back, 0
        return f"{text} (and {before} more before it)" if before else text
