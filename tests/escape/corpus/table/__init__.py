"""The attempts, by category."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from corpus.confined import FIELDS
from corpus.table import environment, files, kernel, network, proc, processes, resources, terminal, wire

if TYPE_CHECKING:
    from corpus.attempt import Attempt

TABLE: dict[str, list[Attempt]] = {
    "files": files.ROWS,
    "proc and dev": proc.ROWS,
    "processes": processes.ROWS,
    "network": network.ROWS,
    "kernel": kernel.ROWS,
    "terminal": terminal.ROWS,
    "resources": resources.ROWS,
    "wire": wire.ROWS,
    "environment": environment.ROWS,
}


def attempts() -> list[Attempt]:
    """Return those that this machine can make and this version must answer."""
    machine = {"", os.uname().machine}
    return [a for rows in TABLE.values() for a in rows if a.machine in machine and a.limits.keys() <= FIELDS]
