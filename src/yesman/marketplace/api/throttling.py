"""How often one address may ask: token buckets in memory, one table of bounded size per server process.

What always holds: a refusal says after how many seconds the same request is answered; and strangers with
many addresses can make this table forget others, never grow.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESSES: Final = 20_000
_NETWORK_BYTES: Final = 8  # of an IPv6 address: who has one has the network


class Rate(NamedTuple):
    """So many a second in the long run, and so many at once."""

    per_second: float
    burst: int


class Throttle:
    """One bucket a key; a key that was not seen for long has a full one.

    Args:
        rate: For each of them.
        clock: Seconds, never backwards.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, cost: float = 1.0) -> int:
        """Take from the bucket of ``key``; return 0, or after how many seconds there is enough in it."""
        now, left = self._clock(), self._left(key)
        if left < cost:
            return max(1, math.ceil((cost - left) / self._rate.per_second))
        self._buckets[key] = (left - cost, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > ADDRESSES:
            self._buckets.popitem(last=False)
        return 0

    def charge(self, key: str, cost: float) -> None:
        """Take ``cost`` afterwards, of what nobody knew before; at worst one whole bucket is owed then."""
        if key in self._buckets:
            self._buckets[key] = (max(-float(self._rate.burst), self._left(key) - cost), self._clock())

    def empty(self, key: str) -> int:
        """Return 0, or after how many seconds the bucket of ``key`` holds one; take nothing."""
        left = self._left(key)
        return 0 if left >= 1 else max(1, math.ceil((1 - left) / self._rate.per_second))

    def _left(self, key: str) -> float:
        left, then = self._buckets.get(key, (float(self._rate.burst), 0.0))
        return min(float(self._rate.burst), left + (self._clock() - then) * self._rate.per_second)


def network_of(address: str) -> str:
    """Return who counts as one: an IPv4 address, or an IPv6 network of 64 bits."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "?"
    return address if parsed.version == 4 else parsed.packed[:_NETWORK_BYTES].hex()  # noqa: PLR2004 - IP's own number
