"""The event bus: who hears of what, in which order, and that one listener never stops another.

Each plugin has a queue of its own and hears its events one at a time, in the order of their
sequence numbers. A plugin that hangs or fails delays nobody but itself.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

from yesman.model.errors import UsageError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.sessions.model import Session

QUEUE_LENGTH = 1_000
"""Events waiting for one plugin; beyond that its oldest are dropped and its log says so."""
MAX_SUBSCRIPTIONS = 64
SCHEMA_VERSION = 1


class Listeners(Protocol):
    """What the bus needs of the plugin manager."""

    def hooked(self, event: str) -> Iterable[str]:
        """Return the enabled plugins whose recorded hooks match ``event``."""
        ...

    def sees_session(self, plugin: str, session: str) -> bool:
        """Tell whether ``plugin`` may read ``session``."""
        ...

    async def deliver(self, plugin: str, event: dict[str, Any]) -> None:
        """Hand ``event`` to ``plugin``, starting it if need be."""
        ...

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        ...


class Bus:
    """Publishes events to plugins."""

    def __init__(self) -> None:
        self._listeners: Listeners | None = None
        self._sequence = 0
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: dict[str, set[str]] = defaultdict(set)

    def attach(self, listeners: Listeners) -> None:
        """Set whom to deliver to."""
        self._listeners = listeners

    def publish(self, name: str, payload: dict[str, Any], *, source: str, session: str | None = None) -> None:
        """Queue one event for everybody who listens; returns at once."""
        self._sequence += 1
        event = {
            "id": uuid.uuid4().hex,
            "time": time.time(),
            "seq": self._sequence,
            "name": name,
            "source": source,
            "session": session,
            "version": SCHEMA_VERSION,
            "payload": payload,
        }
        for plugin in self._audience(name):
            self._enqueue(plugin, event)

    def session_event(self, name: str, session: Session, *, source: str = "host", **more: Any) -> None:
        """Publish an event about ``session``; only who may read the session hears more than its name."""
        self.publish(
            name, {"cwd": session.cwd, "id": session.id, **more}, source=source, session=session.name
        )

    def subscribe(self, plugin: str, pattern: str) -> None:
        """Deliver what matches ``pattern`` to ``plugin`` for as long as its process lives."""
        if len(self._subscriptions[plugin]) >= MAX_SUBSCRIPTIONS:
            raise UsageError(f"plugin '{plugin}' has more than {MAX_SUBSCRIPTIONS} subscriptions")
        self._subscriptions[plugin].add(pattern)

    def unsubscribe(self, plugin: str, pattern: str) -> None:
        """Undo :meth:`subscribe`."""
        self._subscriptions[plugin].discard(pattern)

    def forget(self, plugin: str) -> None:
        """Drop the subscriptions of a process that has ended."""
        self._subscriptions.pop(plugin, None)

    async def close(self) -> None:
        """Stop delivering."""
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)

    def _audience(self, name: str) -> list[str]:
        if self._listeners is None:
            return []
        hooked = dict.fromkeys(self._listeners.hooked(name))
        for plugin, patterns in self._subscriptions.items():
            if any(fnmatchcase(name, pattern) for pattern in patterns):
                hooked[plugin] = None
        return list(hooked)

    def _enqueue(self, plugin: str, event: dict[str, Any]) -> None:
        assert self._listeners is not None  # noqa: S101 - there is an audience, so there is one
        session = event["session"]
        if session is not None and not self._listeners.sees_session(plugin, session):
            event = {**event, "payload": {}}
        queue = self._queues.setdefault(plugin, asyncio.Queue(QUEUE_LENGTH))
        if queue.full():
            dropped = queue.get_nowait()
            self._listeners.log(plugin, 40, f"event {dropped['name']} #{dropped['seq']} dropped: too slow")
        queue.put_nowait(event)
        worker = self._workers.get(plugin)
        if worker is None or worker.done():
            self._workers[plugin] = asyncio.ensure_future(self._work(plugin, queue))

    async def _work(self, plugin: str, queue: asyncio.Queue[dict[str, Any]]) -> None:
        assert self._listeners is not None  # noqa: S101 - as above
        while not queue.empty():
            event = queue.get_nowait()
            try:
                await self._listeners.deliver(plugin, event)
            except YesmanError as error:
                self._listeners.log(plugin, 40, f"event {event['name']} #{event['seq']}: {error}")
