"""The event bus: who hears of what, in which order, and that one listener never stops another.

Each plugin has a queue of its own and hears its events one at a time, in the order of their
sequence numbers. A plugin that hangs or fails delays nobody but itself. What waits is bounded, in
number and in bytes, whoever publishes.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections import defaultdict, deque
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from yesman.model.errors import UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

QUEUE_LENGTH = 1_000
"""Events waiting for one plugin; beyond that its oldest are dropped and its log says so."""
QUEUE_BYTES = 4 * 1024 * 1024
"""Their payloads, as JSON, for one plugin; beyond that its oldest are dropped as well."""
MAX_PAYLOAD = 16 * 1024
"""Bytes of one payload as JSON."""
MAX_SUBSCRIPTIONS = 64
SCHEMA_VERSION = 1
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_PATTERN: Final = re.compile(r"[A-Za-z0-9_.*?-]{1,128}")


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


class _Waiting(NamedTuple):
    event: dict[str, Any]  # without the payload
    payload: bytes  # JSON, shared by all queues: as values it would take many times the memory


class _Queue:
    """What waits for one plugin."""

    def __init__(self) -> None:
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0

    def put(self, waiting: _Waiting) -> list[_Waiting]:
        """Add one event; return the oldest ones that have to give way to it."""
        self._waiting.append(waiting)
        self._bytes += len(waiting.payload)
        dropped = []
        while len(self._waiting) > QUEUE_LENGTH or self._bytes > QUEUE_BYTES:
            dropped.append(self.take())
        return dropped

    def take(self) -> _Waiting:
        """Remove the oldest event and return it."""
        waiting = self._waiting.popleft()
        self._bytes -= len(waiting.payload)
        return waiting

    def __bool__(self) -> bool:
        return bool(self._waiting)


class Bus:
    """Publishes events to plugins."""

    def __init__(self) -> None:
        self._listeners: Listeners | None = None
        self._sequence = 0
        self._queues: defaultdict[str, _Queue] = defaultdict(_Queue)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._subscriptions: dict[str, set[str]] = defaultdict(set)

    def attach(self, listeners: Listeners) -> None:
        """Set whom to deliver to."""
        self._listeners = listeners

    def publish(self, name: str, payload: dict[str, Any], *, source: str, session: str | None = None) -> None:
        """Queue one event for everybody who listens; returns at once.

        Raises:
            UsageError: The name is malformed, or the payload too large.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(
                f"{shown(name)} cannot be the name of an event",
                "Use up to 128 letters, digits, '.', '_' and '-'",
            )
        encoded = msgspec.json.encode(payload)
        if len(encoded) > MAX_PAYLOAD:
            raise UsageError(
                f"the payload of the event '{name}' has {len(encoded)} bytes, more than {MAX_PAYLOAD}",
                "Publish where the data is instead of the data",
            )
        self._sequence += 1
        event = {
            "id": uuid.uuid4().hex,
            "time": time.time(),
            "seq": self._sequence,
            "name": name,
            "source": source,
            "session": session,
            "version": SCHEMA_VERSION,
        }
        for plugin in self._audience(name):
            self._enqueue(plugin, _Waiting(event, encoded))

    def is_heard(self, name: str) -> bool:
        """Tell whether anybody listens to events of that name."""
        return bool(self._audience(name))

    def subscribe(self, plugin: str, pattern: str) -> None:
        """Deliver what matches ``pattern`` to ``plugin`` for as long as its process lives.

        Raises:
            UsageError: The pattern is malformed, or there are too many.
        """
        if not _PATTERN.fullmatch(pattern):
            raise UsageError(
                f"{shown(pattern)} matches no event",
                "Use up to 128 letters, digits, '.', '_', '-', and '*' and '?' as wildcards",
            )
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

    def _enqueue(self, plugin: str, waiting: _Waiting) -> None:
        assert self._listeners is not None  # noqa: S101 - there is an audience, so there is one
        session = waiting.event["session"]
        if session is not None and not self._listeners.sees_session(plugin, session):
            waiting = waiting._replace(payload=b"{}")
        queue = self._queues[plugin]
        for dropped in queue.put(waiting):
            self._listeners.log(plugin, logging.ERROR, f"{_told(dropped)} dropped: too slow")
        worker = self._workers.get(plugin)
        if worker is None or worker.done():
            self._workers[plugin] = asyncio.ensure_future(self._work(plugin, queue))

    async def _work(self, plugin: str, queue: _Queue) -> None:
        assert self._listeners is not None  # noqa: S101 - as above
        while queue:
            waiting = queue.take()
            try:
                payload = msgspec.json.decode(waiting.payload)
                await self._listeners.deliver(plugin, {**waiting.event, "payload": payload})
            except Exception as error:  # noqa: BLE001 - whatever one event meets, the next is delivered
                self._listeners.log(plugin, logging.ERROR, f"{_told(waiting)}: {error}")


def _told(waiting: _Waiting) -> str:
    return f"event {waiting.event['name']} #{waiting.event['seq']}"
