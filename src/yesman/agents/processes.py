"""Which pane runs an agent: found in the tree of processes below the pane's first one.

What always holds: only names and numbers that the kernel keeps are looked at, in one bounded pass.
A program chooses its own name, so "is called claude" is all that is known; a program that takes
that name inside a pane is taken for the agent, and can then draw what it likes there.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

AGENTS: Final = {"claude": "claude"}
"""The name of a process (``/proc/PID/comm``), and the agent it is."""
MAX_PROCESSES: Final = 50_000
_NO_OTHERS: Final[Mapping[int, str]] = MappingProxyType({})


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
        hearsay: Whether it is an agent by somebody's word only, and not by its name.
    """

    name: str
    pid: int
    in_front: bool
    hearsay: bool = False


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


def agents_below(
    table: Mapping[int, Process], roots: Iterable[int], others: Mapping[int, str] = _NO_OTHERS
) -> dict[int, Agent]:
    """Return, for each pane's first process, the agent in its tree that is nearest to it, if any.

    An agent that is in front wins over one that is not. ``others`` are agents by other names: process id
    to agent.
    """
    children = _children(table)
    found = {root: _nearest(table, children, root, others) for root in roots}
    return {root: agent for root, agent in found.items() if agent is not None}


def in_front(table: Mapping[int, Process], roots: Iterable[int]) -> dict[int, Process]:
    """Return, for each pane's first process, the one in its tree that its terminal belongs to now."""
    children = _children(table)
    found = {root: (p for level in _levels(table, children, root) for p in level) for root in roots}
    leaders = {root: next((p for p in tree if p.pid == p.foreground), None) for root, tree in found.items()}
    return {root: process for root, process in leaders.items() if process is not None}


def _children(table: Mapping[int, Process]) -> Mapping[int, list[Process]]:
    children: defaultdict[int, list[Process]] = defaultdict(list)
    for process in table.values():
        children[process.parent].append(process)
    return children


def _levels(
    table: Mapping[int, Process],
    children: Mapping[int, list[Process]],
    root: int,
    stop: Callable[[Process], object] = lambda _: False,
) -> Iterator[list[Process]]:
    """Yield a tree level by level, without what is below those where ``stop`` is true."""
    level, seen = [table[root]] if root in table else [], {root}
    while level:
        yield level
        below = (child for process in level if not stop(process) for child in children.get(process.pid, ()))
        level = [child for child in below if child.pid not in seen]
        seen.update(child.pid for child in level)


def _nearest(
    table: Mapping[int, Process],
    children: Mapping[int, list[Process]],
    root: int,
    others: Mapping[int, str],
) -> Agent | None:
    def known(process: Process) -> str | None:
        return AGENTS.get(process.name)

    behind = hearsay = None
    # What an agent starts is its own business: agents below it work for it. One by hearsay hides none.
    for level in _levels(table, children, root, known):
        for process in level:
            front = process.group == process.foreground
            if called := known(process):
                agent = Agent(called, process.pid, front)
                if front:
                    return agent
                behind = behind or agent
            elif process.pid in others and not (hearsay and hearsay.in_front):
                hearsay = Agent(others[process.pid], process.pid, front, hearsay=True)
    return behind or hearsay


def nearest_agent(
    table: Mapping[int, Process], ancestors: Iterable[int], others: Mapping[int, str] = _NO_OTHERS
) -> int | None:
    """Return the first of a hook's ancestors that is an agent, else one by hearsay: whom it speaks for."""
    there = [pid for pid in ancestors if pid in table]
    known = (pid for pid in there if table[pid].name in AGENTS)
    return next(known, next((pid for pid in there if pid in others), None))
