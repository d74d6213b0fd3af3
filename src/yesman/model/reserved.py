"""Names on the command line that are ours, today's and those the stable surface promises."""

from __future__ import annotations

from typing import Final

BUILT_IN: Final = frozenset(
    {
        "session",
        "plugin",
        "provider",
        "market",
        "agent",
        "dashboard",
        "server",
        "doctor",
        "config",
        "completion",
        "help",
    }
)
