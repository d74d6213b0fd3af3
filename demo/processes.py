"""What /proc says about processes: who descends from whom, who belongs to a folder, how big.

A process is named by its id *and* the time it started, so that one that took over the id of
another is never taken for it.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A process and the clock tick since boot at which it started."""

    pid: int
    started: int


class _Stat(NamedTuple):
    name: str
    state: str
    parent: int
    started: int


def find(pid: int) -> Process | None:
    """Return the process with this id that runs now; one that is only waited for has ended."""
    stat = _stat(pid)
    return Process(pid, stat.started) if stat and stat.state not in "ZX" else None


def is_alive(process: Process) -> bool:
    """Tell whether it still runs."""
    return find(process.pid) == process


def name_of_parent(pid: int) -> str:
    """Return the short name of a process's parent, or an empty text."""
    stat = _stat(pid)
    parent = _stat(stat.parent) if stat else None
    return parent.name if parent else ""


def descendants(pid: int) -> set[Process]:
    """Return the processes that ``pid`` started, directly or not."""
    every = {each: stat for each in _pids() if (stat := _stat(each))}
    found: set[int] = set()
    border = {pid}
    while border:
        border = {each for each, stat in every.items() if stat.parent in border} - found
        found |= border
    return {Process(each, every[each].started) for each in found if every[each].state not in "ZX"}


def belonging_to(folder: Path) -> set[Process]:
    """Return the processes that name ``folder`` in their command line, environment or working directory."""
    mark = os.fsencode(folder)
    found = (find(pid) for pid in _pids() if pid != os.getpid() and _names(pid, mark))
    return {process for process in found if process}


def resident(pid: int) -> int:
    """Return the resident memory in bytes (0: gone)."""
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def proportional(pid: int) -> int:
    """Return the memory in bytes with shared pages split among their users (0: not to be read)."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def kill(process: Process) -> None:
    """End a process that would not end by itself."""
    if is_alive(process):
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def wait_until_gone(processes: set[Process], seconds: float) -> set[Process]:
    """Wait until all have ended; return those that have not after ``seconds``."""
    deadline = time.monotonic() + seconds
    while (left := set(filter(is_alive, processes))) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def _pids() -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdecimal()]


def _stat(pid: int) -> _Stat | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name stands in parentheses and may itself hold any character.
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return _Stat(name, fields[0], int(fields[1]), int(fields[19]))


def _names(pid: int, mark: bytes) -> bool:
    for what in ("cmdline", "environ", "cwd"):
        path = _PROC / str(pid) / what
        try:
            text = os.fsencode(path.readlink()) if what == "cwd" else path.read_bytes()
        except OSError:
            continue
        if mark in text:
            return True
    return False
