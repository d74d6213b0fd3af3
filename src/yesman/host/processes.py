"""Every process of every plugin, from its fork to its end: whom a revocation must reach.

A process is known here before any line of its plugin has run, so none can slip through while
it loads. Whoever starts one takes a ticket before looking at the grants; a process whose
ticket is older than a revocation is ended the moment it is forked.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.recorder import Recorder
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Exit


class Ticket(NamedTuple):
    """When somebody looked at a plugin's grants, in revocations since the server's start."""

    revocations: int


class _Revocation(NamedTuple):
    permissions: tuple[str, ...]
    trials_only: bool = False
    blocked: str = ""

    def reach(self, live: LivePlugin, *, trial: bool) -> bool:
        """End ``live`` if it is meant; return whether it is."""
        if self.blocked:
            live.end(self.blocked, wanted=True)
        elif trial or not self.trials_only:
            live.revoke(self.permissions)
        else:
            return False
        return True


class Processes:
    """The processes there are. Those of a *trial* are not in service, or not yet.

    Args:
        recorder: Hears how each ends.
        on_end: Likewise, but for trials.
    """

    def __init__(self, recorder: Recorder, on_end: Callable[[str, LivePlugin, Exit], None]) -> None:
        self._recorder = recorder
        self._on_end = on_end
        self._of: defaultdict[str, dict[LivePlugin, bool]] = defaultdict(dict)
        self._revoked: defaultdict[str, list[_Revocation]] = defaultdict(list)

    def ticket(self, name: str) -> Ticket:
        """Return a ticket for plugin ``name``; take it before reading its grants."""
        return Ticket(len(self._revoked[name]))

    def add(self, name: str, live: LivePlugin, ticket: Ticket, *, trial: bool) -> None:
        """Take note of a process that has just been forked."""
        for revocation in self._revoked[name][ticket.revocations :]:
            revocation.reach(live, trial=trial)
        self._of[name][live] = trial
        live.ended.add_done_callback(lambda ended: self._forget(name, live, ended.result()))

    def take_into_service(self, name: str, live: LivePlugin) -> None:
        """Take note that a process is no trial any more."""
        if live in self._of[name]:
            self._of[name][live] = False

    def _forget(self, name: str, live: LivePlugin, end: Exit) -> None:
        trial = self._of[name].pop(live)
        self._recorder.ended(name, live, end)
        if not trial:
            self._on_end(name, live, end)

    def all(self) -> list[LivePlugin]:
        """Return every process, also those that are tried out or about to retire."""
        return [live for processes in self._of.values() for live in processes]

    async def revoke(self, name: str, permissions: tuple[str, ...], *, trials_only: bool) -> None:
        """End the processes of ``name`` now, because they were started with ``permissions``.

        Where the host checks the permission at every call (``trials_only``), only trials end:
        what they may do is not looked up in the registry.
        """
        await self._reach(name, _Revocation(permissions, trials_only))

    async def block(self, name: str, reason: str) -> bool:
        """End the processes of ``name`` now, because it may not run at all; return whether there were any."""
        return await self._reach(name, _Revocation((), blocked=f"it is blocked: {reason}"))

    async def _reach(self, name: str, revocation: _Revocation) -> bool:
        self._revoked[name].append(revocation)
        found = [live for live, trial in self._of[name].items() if revocation.reach(live, trial=trial)]
        await asyncio.gather(*(asyncio.shield(live.ended) for live in found))
        return bool(found)
