"""A plugin whose own folders are too full is not started until they are not.

A fresh server does not know yet; then the plugin starts, is measured, and is ended. However often
somebody wants it started, its folders are measured a tenth of the time at most.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

from yesman.runtime.disk import measure
from yesman.runtime.exceeded import too_much_disk

if TYPE_CHECKING:
    from yesman.model.limits import Limits
    from yesman.runtime.plugin import LivePlugin
    from yesman.sandbox.policy import Policy


REST = 10
"""Times the work of measuring before it is done again."""


class _Measured(NamedTuple):
    used: int
    limits: Limits | None
    good_until: float


class Quota:
    """Remembers which plugins were ended for what they keep on the disk."""

    def __init__(self) -> None:
        self._full: dict[str, _Measured] = {}

    def note(self, name: str, live: LivePlugin) -> None:
        """Take note of how a process of ``name`` ended."""
        if live.exceeded is not None and live.exceeded.limit == "disk":
            self._full[name] = _Measured(0, None, 0.0)

    async def check(self, name: str, policy: Policy) -> None:
        """Measure again if need be.

        Raises:
            PluginFailedError: The plugin still keeps more than ``policy`` allows.
        """
        known, limits, folders = self._full.get(name), policy.limits, (policy.data, policy.tmp)
        if known is None:
            return
        if known.limits != limits or time.monotonic() > known.good_until:
            tally = await asyncio.to_thread(measure, folders, limits, hurry=True)
            if not (limits.disk_bytes and tally.full):
                del self._full[name]
                return
            known = _Measured(tally.used, limits, time.monotonic() + REST * tally.work)
            self._full[name] = known
        raise too_much_disk(known.used, limits, folders).error(name, ended=False)
