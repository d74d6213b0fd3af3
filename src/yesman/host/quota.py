"""A plugin whose own folders are too full is not started until they are not.

A fresh server does not know yet; then the plugin starts, is measured, and is ended.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from yesman.runtime.disk import measure
from yesman.runtime.exceeded import too_much_disk

if TYPE_CHECKING:
    from yesman.runtime.plugin import LivePlugin
    from yesman.sandbox.policy import Policy


class Quota:
    """Remembers which plugins were ended for what they keep on the disk."""

    def __init__(self) -> None:
        self._full: set[str] = set()

    def note(self, name: str, live: LivePlugin) -> None:
        """Take note of how a process of ``name`` ended."""
        if live.exceeded is not None and live.exceeded.limit == "disk":
            self._full.add(name)

    async def check(self, name: str, policy: Policy) -> None:
        """Measure again if need be.

        Raises:
            PluginFailedError: The plugin still keeps more than ``policy`` allows.
        """
        if name not in self._full:
            return
        folders = (policy.data, policy.tmp)
        if policy.limits.disk_bytes:
            tally = await asyncio.to_thread(measure, folders, policy.limits, hurry=True)
            if tally.full:
                raise too_much_disk(tally.used, policy.limits, folders).error(name, ended=False)
        self._full.discard(name)
