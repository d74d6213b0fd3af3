"""What plugins do, told as it happens to whoever looks on; looking on never holds anybody up."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_WAITING: Final = 1_000
"""Notes that wait for one onlooker; of more the oldest are dropped, and counted."""


class Feed:
    """What one onlooker has not seen yet.

    Args:
        kind: What it is about, "" for everything.
    """

    def __init__(self, kind: str = "") -> None:
        self.kind = kind
        self._notes: deque[dict[str, Any]] = deque()
        self._missed = 0
        self._news = asyncio.Event()

    def put(self, kind: str, what: str, **detail: Any) -> None:
        """Add a note."""
        self._notes.append({"time": time.time(), "kind": kind, "what": what, **detail})
        if len(self._notes) > MOST_WAITING:
            self._notes.popleft()
            self._missed += 1
        self._news.set()

    async def take(self) -> list[dict[str, Any]]:
        """Return what is new; wait until there is something."""
        await self._news.wait()
        return self.seen()

    def seen(self) -> list[dict[str, Any]]:
        """Return what is new, if anything is."""
        self._news.clear()
        notes = list(self._notes)
        self._notes.clear()
        if self._missed:
            missed, self._missed = self._missed, 0
            notes.insert(0, {"time": time.time(), "kind": "missed", "what": str(missed)})
        return notes


class Activity:
    """Who looks on at which plugin."""

    def __init__(self) -> None:
        self._feeds: defaultdict[str, set[Feed]] = defaultdict(set)

    @contextmanager
    def follow(self, plugin: str, kind: str = "") -> Iterator[Feed]:
        """Give a feed that hears of what ``plugin`` does (of one ``kind``) for as long as the block runs."""
        feed = Feed(kind)
        self._feeds[plugin].add(feed)
        try:
            yield feed
        finally:
            self._feeds[plugin].discard(feed)
            if not self._feeds[plugin]:
                del self._feeds[plugin]

    def note(self, plugin: str, kind: str, what: str, detail: dict[str, Any]) -> None:
        """Tell whoever looks on at ``plugin``."""
        for feed in self._feeds.get(plugin, ()):
            if feed.kind in {"", kind}:
                feed.put(kind, what, **detail)
