"""What the server counts of itself, in Prometheus' text format; in memory, per process."""

from __future__ import annotations

from collections import Counter
from typing import Final

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX: Final = "yesman_marketplace"


class Metrics:
    """Requests by area and status, their duration, and what is asked when it is read."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._within: Counter[float] = Counter()
        self._seconds = 0.0
        self._count = 0

    def took(self, area: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests[area, status] += 1
        self._seconds += seconds
        self._count += 1
        for bucket in BUCKETS:
            if seconds <= bucket:
                self._within[bucket] += 1

    def text(self, gauges: dict[str, int]) -> str:
        """Return everything, with ``gauges`` as they are now."""
        lines = [f"# TYPE {_PREFIX}_requests_total counter"]
        for (area, status), count in sorted(self._requests.items()):
            lines.append(f'{_PREFIX}_requests_total{{area="{area}",status="{status}"}} {count}')
        lines.append(f"# TYPE {_PREFIX}_request_seconds histogram")
        lines += [f'{_PREFIX}_request_seconds_bucket{{le="{b}"}} {self._within[b]}' for b in BUCKETS]
        lines.append(f'{_PREFIX}_request_seconds_bucket{{le="+Inf"}} {self._count}')
        lines.append(f"{_PREFIX}_request_seconds_sum {self._seconds:.6f}")
        lines.append(f"{_PREFIX}_request_seconds_count {self._count}")
        for name, value in gauges.items():
            lines += [f"# TYPE {_PREFIX}_{name} gauge", f"{_PREFIX}_{name} {value}"]
        return "\n".join(lines) + "\n"
