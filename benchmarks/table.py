"""Every row, in the order of the report, and the rows that cannot exist yet."""

from __future__ import annotations

from benchmarks import (
    backlog,
    calls,
    command,
    confining,
    discovery,
    floods,
    hooks,
    install,
    load,
    memory,
    network,
    revocation,
    startup,
    sustained,
    tmux,
    watching,
)

ROWS = (
    *load.ROWS,
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
)

NOT_YET = {
    "restart with heavy dependencies": "there are no templates",
    "search and download": "there is no marketplace",
}
"""Rows of the plan and of design section 13 whose subject does not exist, with the reason."""
