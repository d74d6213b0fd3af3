"""Functions that the manifest names."""

from __future__ import annotations

from typing import Any


def on_created(event: Any) -> None:
    """Print it into the log."""
    print(f"saw {event.session}")
