"""Names that are ours: on the command line, today's and those the stable surface promises; and of plugins."""

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

OURS: Final = frozenset({"yesman", "host", "user", "tmux"})
"""Names that stand for others than plugins in events, messages and the ledger; so does ``yesman-…``."""
