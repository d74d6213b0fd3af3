"""A plugin whose own folders are too full is not started until they are not.

A fresh server does not know yet; then the plugin starts, is measured, and is ended. However often
somebody wants it started, its folders are measured a tenth of the time at most. Those that cannot be
measured as quickly as somebody who waits may expect count as full until the next time.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from yesman.runtime.aside import aside
from yesman.runtime.disk import TURN_SECONDS, Tally, measure
from yesman.runtime.exceeded import too_much_disk, unclear_disk

if TYPE_CHECKING:
    from yesman.model.limits import Limits
    from yesman.runtime.exceeded import Exceeded
    from yesman.runtime.plugin import LivePlugin
    from yesman.sandbox.policy import Policy


REST = 10
"""Times the work of measuring before it is done again."""


class _Measured(NamedTuple):
    exceeded: Exceeded | None
    limits: Limits | None
    good_until: float


class Quota:
    """Remembers which plugins were ended for what they keep on the disk."""

    def __init__(self) -> None:
        self._full: dict[str, _Measured] = {}

    def note(self, name: str, live: LivePlugin) -> None:
        """Take note of how a process of ``name`` ended."""
        if live.exceeded is not None and live.exceeded.limit == "disk":
            self._full[name] = _Measured(None, None, 0.0)

    async def check(self, name: str, policy: Policy) -> None:
        """Measure again if need be.

        Raises:
            PluginFailedError: The plugin still keeps more than ``policy`` allows.
        """
        known, limits, folders = self._full.get(name), policy.limits, (policy.data, policy.tmp)
        if known is None:
            return
        if known.limits != limits or time.monotonic() > known.good_until:
            tally = await _measured(folders, limits)
            if not (limits.disk_bytes and tally.full):
                del self._full[name]
                return
            exceeded = too_much_disk(tally.used, limits, folders)
            if tally.unclear:
                exceeded = unclear_disk(tally.unclear, tally.used)
            known = _Measured(exceeded, limits, time.monotonic() + REST * tally.work)
            self._full[name] = known
        if known.exceeded is not None:
            raise known.exceeded.error(name, ended=False)


async def _measured(folders: tuple[str, ...], limits: Limits) -> Tally:
    """Measure for as long as a turn of it may take; what is not known by then is too much."""
    tally, began = Tally(limits.disk_bytes), time.monotonic()
    measuring = aside(partial(measure, folders, limits, hurry=True, tally=tally))
    try:
        done, _ = await asyncio.wait({measuring}, timeout=TURN_SECONDS)
    except asyncio.CancelledError:
        tally.given_up = True
        raise
    if done:
        return measuring.result()
    tally.given_up, tally.work = True, time.monotonic() - began
    tally.unclear = f"measuring it takes longer than {TURN_SECONDS:g} seconds"
    return tally
