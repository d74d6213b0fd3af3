"""Which pane runs an agent: found in the tree of processes below the pane's first one.

What always holds: only names and numbers that the kernel keeps are looked at, in one bounded pass.
A program chooses its own name, so "is called claude" is all that is known; a program that takes
that name inside a pane is taken for the agent, and can then draw what it likes there.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AGENTS: Final = {"claude": "claude"}
"""The name of a process (``/proc/PID/comm``), and the agent it is."""
MAX_PROCESSES: Final = 50_000


class Process(NamedTuple):
    """One row of the process table.

    Attributes:
        pid: Its id.
        parent: Its parent's.
        name: Up to 15 bytes of its choice.
        group: Its process group.
        foreground: The group that its terminal belongs to now, -1 where it has no terminal.
    """

    pid: int
    parent: int
    name: str
    group: int
    foreground: int


class Agent(NamedTuple):
    """An agent's process.

    Attributes:
        name: Which agent, such as ``claude``.
        pid: Its process id.
        in_front: Whether the terminal is its own now: it is not suspended, and no job runs before it.
    """

    name: str
    pid: int
    in_front: bool


def parse_stat(text: str) -> Process | None:
    """Return a row from ``/proc/PID/stat`` (proc(5)); the name in it may hold anything.

    None also for one that has ended and waits to be collected: now and then tmux is slow to do that.
    """
    before, _, after = text.rpartition(") ")
    pid, _, name = before.partition(" (")
    fields = after.split()
    if fields[:1] in (["Z"], ["X"]):
        return None
    try:
        return Process(int(pid), int(fields[1]), name, int(fields[2]), int(fields[5]))
    except (ValueError, IndexError):
        return None


def process_table(proc: Path = Path("/proc")) -> dict[int, Process]:
    """Return every process; those that end meanwhile are left out."""
    table: dict[int, Process] = {}
    for folder in proc.iterdir():
        if folder.name.isdecimal() and len(table) < MAX_PROCESSES:
            with suppress(OSError):
                row = parse_stat((folder / "stat").read_text(errors="replace"))
                if row is not None:
                    table[row.pid] = row
    return table


def agents_below(table: Mapping[int, Process], roots: Iterable[int]) -> dict[int, Agent]:
    """Return, for each pane's first process, the agent in its tree that is nearest to it, if any.

    An agent that is in front wins over one that is not.
    """
    children: defaultdict[int, list[Process]] = defaultdict(list)
    for process in table.values():
        children[process.parent].append(process)
    found = {root: _nearest(table, children, root) for root in roots}
    return {root: agent for root, agent in found.items() if agent is not None}


def _nearest(table: Mapping[int, Process], children: Mapping[int, list[Process]], root: int) -> Agent | None:
    behind = None
    level, seen = [table[root]] if root in table else [], {root}
    while level:
        for process in level:
            if process.name in AGENTS:
                agent = Agent(AGENTS[process.name], process.pid, process.group == process.foreground)
                if agent.in_front:
                    return agent
                behind = behind or agent
        # What an agent starts is its own business: agents below it work for it.
        level = [
            child
            for process in level
            if process.name not in AGENTS
            for child in children.get(process.pid, ())
            if child.pid not in seen
        ]
        seen.update(child.pid for child in level)
    return behind


def nearest_agent(table: Mapping[int, Process], ancestors: Iterable[int]) -> int | None:
    """Return the first of a hook's ancestors that is an agent: the one that the hook speaks for."""
    return next((pid for pid in ancestors if pid in table and table[pid].name in AGENTS), None)
