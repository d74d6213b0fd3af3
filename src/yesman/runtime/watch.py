"""One watcher for all plugins of a host: what each uses, against its limits, ten times a second.

Whoever is over a limit hears of it at the next look. A process that used no processor time since the last
look cannot have grown, so an idle plugin costs one clock reading; one that grows is looked at
more often. RLIMIT_DATA bounds what can be had between two looks.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.model.limits import CPU_WINDOW_SECONDS
from yesman.runtime.accounts import MemoryOf, memory_bytes
from yesman.runtime.clocks import Clocks
from yesman.runtime.exceeded import too_much_cpu, too_much_memory
from yesman.runtime.pacing import Bucket
from yesman.sandbox import family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yesman.model.limits import Limits
    from yesman.runtime.exceeded import Exceeded

LOOK_SECONDS = 0.1
CLOSE_LOOK_SECONDS = 0.02
NEAR = 0.5
"""The share of its memory limit from which a plugin that is at work is looked at more closely."""


class Allowance:
    """Processor time: ``seconds`` at once, and as much again in every window."""

    def __init__(self, seconds: float) -> None:
        self.used = 0.0
        self.in_events = 0.0
        self._bucket = Bucket(seconds / CPU_WINDOW_SECONDS, seconds) if seconds else None

    def charge(self, seconds: float, *, in_events: bool) -> None:
        """Take ``seconds``, and note whether events were open meanwhile."""
        self.used += seconds
        self.in_events += seconds if in_events else 0.0
        self.exceeded = self._bucket is not None and self._bucket.spend(seconds) > 0

    exceeded = False


class Account:
    """What the processes of one plugin use.

    Every call that is begun has an allowance of its own and is charged all that the plugin
    uses while it is open, whichever of several calls caused it: threads cannot be told apart. What
    is used while none is open is charged to one allowance for the whole life of the process. Events are
    charged to that one too: half of what is used while there are both, since others cause them.

    Args:
        pid: The plugin's process.
        limits: What it may use.
        on_exceeded: Hears once that it used too much, and should end it.
        on_headless: Hears instead that its main thread has ended, so that it can serve nobody any more.
        mark: What its descendants carry (:mod:`yesman.sandbox.family`), None if it can have none.
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        on_exceeded: Callable[[Exceeded], None],
        *,
        on_headless: Callable[[], None] = lambda: None,
        mark: int | None = None,
    ) -> None:
        self.pid = pid
        self.limits = limits
        self.mark = mark
        self.others: Sequence[int] = ()
        self._on_exceeded: Callable[[Exceeded], None] | None = on_exceeded
        self._memory = MemoryOf(pid)
        self._on_headless = on_headless
        self._headless = False
        self._clocks = Clocks(pid, family=mark is not None)
        self._moved = False
        self._events: set[int] = set()
        self._calls: dict[int, Allowance] = {}
        self._apart = Allowance(limits.cpu_seconds)
        self._behind: set[int] = set()

    def begin(self, ident: int, *, event: bool = False) -> None:
        """Open a call."""
        self._settle()
        if event:
            self._events.add(ident)
        else:
            self._calls[ident] = Allowance(self.limits.cpu_seconds)

    def end(self, ident: int) -> None:
        """Close a call; nothing happens if it is not open."""
        if ident in self._calls or ident in self._events:
            self._settle()
            self._calls.pop(ident, None)
            self._events.discard(ident)

    def look(self) -> bool:
        """Compare with the limits; return whether to look again soon."""
        if self._on_exceeded is None:
            return False
        self._lower_priority()
        self._settle()
        found, memory = self._too_much_cpu(), 0
        if self._moved:
            self._moved = False
            memory = (self._memory.read() or 0) + sum(memory_bytes(pid) or 0 for pid in self.others)
        if memory > self.limits.memory_bytes:
            found = too_much_memory(memory, self.limits)
        if found is not None:
            report, self._on_exceeded = self._on_exceeded, None
            report(found)
        elif self._memory.headless:
            self._behead()
        return memory > NEAR * self.limits.memory_bytes

    def close(self) -> None:
        """End watching."""
        self._on_exceeded = None
        self._memory.close()

    def _behead(self) -> None:
        """Report that the main thread has ended, unless the others are just about to end with it."""
        if self._headless:
            self._on_exceeded = None
            self._on_headless()
        self._headless = self._moved = True  # to be read again at the next look

    def _settle(self) -> None:
        """Charge what was used since the last time."""
        used = self._clocks.spent(self.others)
        in_events = bool(self._events)
        apart = used * (0.5 if in_events else 0.0) if self._calls else used
        for allowance in self._calls.values():
            allowance.charge(used - apart, in_events=in_events)
        self._apart.charge(apart, in_events=in_events)
        self._moved = self._moved or used > 0

    def _too_much_cpu(self) -> Exceeded | None:
        for allowance in (*self._calls.values(), self._apart):
            if allowance.exceeded:
                where = "outside of commands" if allowance is self._apart else ""
                mostly_events = 2 * allowance.in_events > allowance.used
                return too_much_cpu(allowance.used, self.limits, "in events" if mostly_events else where)
        return None

    def _lower_priority(self) -> None:
        """Give the scheduling groups of its sessions the niceness that its processes have.

        With automatic groups (``man 7 sched``) the kernel shares the processor among sessions, and a
        process's own niceness says nothing to other sessions. Without privilege only one
        change every tenth of a second is let through; the others try again.
        """
        if not self.limits.nice:
            return
        for pid in {self.pid, *self.others} - self._behind:
            try:
                Path(f"/proc/{pid}/autogroup").write_text(str(self.limits.nice), "ascii")
            except BlockingIOError:
                return
            except OSError:  # it has ended, or there are no such groups here: its own niceness counts
                pass
            self._behind.add(pid)
        self._behind &= {self.pid, *self.others}


class Watch:
    """Looks at every account that was added, until it is removed. Sleeps while there is none.

    Attributes:
        turn: Held by whoever measures a folder, so that one is measured at a time.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._accounts: set[Account] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, account: Account) -> None:
        """Watch ``account`` from now on."""
        self._accounts.add(account)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._tick)

    def remove(self, account: Account) -> None:
        """Watch it no more."""
        self._accounts.discard(account)
        account.close()
        if not self._accounts and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> bool:
        """Look at all now; return whether to look again soon."""
        marks = {account.mark for account in self._accounts if account.mark is not None}
        found = family.by_mark(marks) if marks else {}
        near = False
        for account in list(self._accounts):
            if account.mark is not None:
                account.others = [pid for pid in found[account.mark] if pid != account.pid]
            near = account.look() or near
        return near

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._tick)
        if self.look() and self._timer is not None:
            self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_later(CLOSE_LOOK_SECONDS, self._tick)
