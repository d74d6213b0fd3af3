"""What running plugins use at this moment, from the kernel's own accounts in ``/proc``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

_TICK = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)


class Usage(NamedTuple):
    """One process.

    Attributes:
        cpu_seconds: Since its start, all threads.
        seconds: Since its start.
        rss_kib: Resident memory.
        pss_kib: The same, with each shared page divided among those that share it; None where
            the kernel does not say.
    """

    cpu_seconds: float
    seconds: float
    rss_kib: int
    pss_kib: int | None


def usage_of(pid: int) -> Usage | None:
    """Return what process ``pid`` uses, None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        # The name, in parentheses, may hold anything: fields are counted from its end (proc(5)).
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        uptime = float(Path("/proc/uptime").read_bytes().split()[0])
        pages = int((folder / "statm").read_bytes().split()[1])
    except (OSError, IndexError):
        return None
    cpu = (int(fields[11]) + int(fields[12])) / _TICK
    seconds = max(uptime - int(fields[19]) / _TICK, 0.0)
    return Usage(cpu, seconds, pages * os.sysconf("SC_PAGE_SIZE") // 1024, _pss(folder))


def _pss(folder: Path) -> int | None:
    try:
        found = _PSS.search((folder / "smaps_rollup").read_bytes())
    except OSError:
        return None
    return int(found[1]) if found else None
