"""All faults, in the order of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storm.table import acts, deaths, exhaustion, floods, stuck, values, wires

if TYPE_CHECKING:
    from storm.fault import Fault


def faults() -> list[Fault]:
    """Return every row."""
    parts = (deaths, stuck, exhaustion, floods, values, wires, acts)
    return [fault for part in parts for fault in part.FAULTS]


def limits() -> str:
    """Return the section of ``config.yaml`` with the limits of their plugins."""
    rows = [
        f"  {fault.plugin}: {{{', '.join(f'{name}: {value}' for name, value in fault.limits.items())}}}\n"
        for fault in faults()
        if fault.limits
    ]
    return f"limits:\n{''.join(rows)}"
