"""Processes that were relieved: each finishes what was begun in it, and is ended then.

What always holds: whoever stops a plugin ends these too, however much they still have to do.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yesman.runtime.plugin import LivePlugin

GRACE_SECONDS: Final = 0.05
"""A process that was relieved serves so long still: somebody may have been given it a moment ago."""


class Retiring:
    """All of them."""

    def __init__(self) -> None:
        self._of: defaultdict[str, dict[LivePlugin, asyncio.Task[None]]] = defaultdict(dict)

    def add(self, name: str, live: LivePlugin) -> None:
        """Let a process of plugin ``name`` retire."""
        retiring = self._of[name]
        retiring[live] = asyncio.ensure_future(_retire(live))
        live.ended.add_done_callback(lambda _: retiring.pop(live, None))

    def names(self) -> set[str]:
        """Return the plugins that have any."""
        return {name for name, retiring in self._of.items() if retiring}

    def hurry(self, name: str) -> tuple[LivePlugin, ...]:
        """Return those of plugin ``name``, which whoever asks is to drain."""
        retiring = self._of[name]
        for task in retiring.values():
            task.cancel()
        return tuple(retiring)

    async def over(self, name: str) -> None:
        """Return when those of plugin ``name`` have ended."""
        if retiring := self._of[name]:
            await asyncio.wait([live.ended for live in retiring])

    def close(self) -> None:
        """Wait for none of them any more."""
        for task in chain.from_iterable(each.values() for each in self._of.values()):
            task.cancel()


async def _retire(live: LivePlugin) -> None:
    await asyncio.sleep(GRACE_SECONDS)
    await live.retire()


async def drain(live: LivePlugin) -> None:
    """End a process when what it does is done, or its time for that is over."""
    if not live.ended.done():
        await live.retire(live.policy.limits.drain_seconds)
