"""The limits of one running plugin, all of them, from its fork to its end: watched, reported, enforced."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from yesman.runtime.disk import DiskWatch
from yesman.runtime.watch import Account

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.spawned import Spawned
    from yesman.runtime.watch import Watch
    from yesman.sandbox.policy import Policy


class Limiting:
    """Watches processor time, memory and disk.

    Args:
        policy: Whose limits.
        spawned: Its process.
        watch: The host's watcher.
        on_exceeded: Hears at most once that the plugin used too much, and ends it.
        on_headless: Hears that its main thread has ended without the others, and ends it.
    """

    def __init__(
        self,
        policy: Policy,
        spawned: Spawned,
        watch: Watch,
        on_exceeded: Callable[[Exceeded], None],
        on_headless: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._watch = watch
        self._on_exceeded = on_exceeded
        self.exceeded: Exceeded | None = None
        self._account = Account(
            spawned.pid,
            policy.limits,
            self._report,
            on_headless=on_headless,
            mark=spawned.mark if policy.execute else None,
        )
        watch.add(self._account)
        self._measuring = asyncio.ensure_future(self._measure()) if policy.limits.disk_bytes else None

    def begin(self, ident: int, method: str) -> None:
        """Open the account of a call; events and questions have one together."""
        self._account.begin(ident, event=method in {"event", "ask", "filter"})

    def end(self, ident: int) -> None:
        """Close it."""
        self._account.end(ident)

    def close(self) -> None:
        """Watch no more: the process has ended."""
        self._watch.remove(self._account)
        if self._measuring is not None:
            self._measuring.cancel()

    async def _measure(self) -> None:
        disk = DiskWatch(self._policy, self._account, self._watch.turn)
        self._report(await disk.exceeded())

    def _report(self, exceeded: Exceeded) -> None:
        if self.exceeded is None:
            self.exceeded = exceeded
            self._on_exceeded(exceeded)
