"""Time as the marketplace writes it: UTC, ISO 8601, to the second, so that text sorts as time does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """Return the present."""
    return datetime.now(UTC).strftime(FORMAT)


def later(*, days: float) -> str:
    """Return a time that is ``days`` away; before now where they are negative."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime(FORMAT)
