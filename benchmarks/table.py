"""Every row, in the order of the report, and the rows that cannot exist yet."""

from __future__ import annotations

from benchmarks import (
    backlog,
    calls,
    command,
    confining,
    dashboard,
    discovery,
    floods,
    github,
    hooks,
    install,
    load,
    market,
    memory,
    network,
    registries,
    reloading,
    revocation,
    scanning,
    startup,
    sustained,
    tmux,
    watching,
)

ROWS = (
    *load.ROWS,
    *github.ROWS,
    *reloading.ROWS,
    *calls.ROWS,
    *hooks.ROWS,
    *sustained.ROWS,
    *memory.ROWS,
    *confining.ROWS,
    *watching.ROWS,
    *network.ROWS,
    *backlog.ROWS,
    *floods.ROWS,
    *revocation.ROWS,
    *discovery.ROWS,
    *startup.ROWS,
    *command.ROWS,
    *tmux.ROWS,
    *install.ROWS,
    *market.ROWS,
    *dashboard.ROWS,
    *registries.ROWS,
    *scanning.ROWS,
)

NOT_YET: dict[str, str] = {}
"""Rows of the plan and of design section 13 whose subject does not exist, with the reason."""
