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
    trials_only: bool


class Processes:
    """The processes there are. Those of a *trial* run a record that is not in the registry yet.

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
        for permissions, trials_only in self._revoked[name][ticket.revocations :]:
            if trial or not trials_only:
                live.revoke(permissions)
        self._of[name][live] = trial
        live.ended.add_done_callback(lambda ended: self._forget(name, live, ended.result()))

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
        self._revoked[name].append(_Revocation(permissions, trials_only))
        found = [live for live, trial in self._of[name].items() if trial or not trials_only]
        for live in found:
            live.revoke(permissions)
        await asyncio.gather(*(asyncio.shield(live.ended) for live in found))
