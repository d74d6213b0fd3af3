"""The life of an installed plugin, as one table.

Theory of operation: what is on disk decides between the first four states; a process exists
only from *starting* to *draining*. Activation is lazy, so *enabled* is where a plugin rests;
a process that ends for whatever reason leads back there, and a failed load to *failed*, from
where the next use tries again. Every change goes through :func:`check_change`.
"""

from __future__ import annotations

import enum
from typing import Final


class State(enum.StrEnum):
    """One state; the value is what the command line shows."""

    DISCOVERED = "discovered"
    INSTALLED = "installed"
    NEEDS_CONFIG = "needs-config"
    ENABLED = "enabled"
    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    FAILED = "failed"
    QUARANTINED = "quarantined"
    BLOCKED = "blocked"


CHANGES: Final[dict[State, frozenset[State]]] = {
    State.DISCOVERED: frozenset({State.ENABLED, State.NEEDS_CONFIG}),
    State.INSTALLED: frozenset({State.ENABLED, State.NEEDS_CONFIG, State.BLOCKED}),
    State.NEEDS_CONFIG: frozenset({State.ENABLED, State.INSTALLED, State.BLOCKED}),
    State.ENABLED: frozenset(
        {State.STARTING, State.INSTALLED, State.NEEDS_CONFIG, State.QUARANTINED, State.BLOCKED}
    ),
    State.STARTING: frozenset({State.RUNNING, State.FAILED, State.ENABLED}),
    State.RUNNING: frozenset({State.DRAINING, State.ENABLED}),
    State.DRAINING: frozenset({State.ENABLED}),
    State.FAILED: frozenset(
        {
            State.STARTING,
            State.ENABLED,
            State.INSTALLED,
            State.NEEDS_CONFIG,
            State.QUARANTINED,
            State.BLOCKED,
        }
    ),
    State.QUARANTINED: frozenset({State.ENABLED, State.INSTALLED, State.BLOCKED}),
    State.BLOCKED: frozenset({State.ENABLED, State.INSTALLED, State.NEEDS_CONFIG, State.QUARANTINED}),
}
"""From each state, where it may lead. STARTING to ENABLED is a start that nobody wants any more; RUNNING to
ENABLED is a process that ended, by itself or because its plugin was revoked. What that makes of the plugin is
decided then, so QUARANTINED and BLOCKED are reached from where it rests."""


def check_change(old: State, new: State) -> State:
    """Return ``new`` if the table allows it.

    Raises:
        ValueError: It does not: a mistake in our own code.
    """
    if new not in CHANGES[old]:
        raise ValueError(f"a plugin cannot go from {old} to {new}")
    return new
