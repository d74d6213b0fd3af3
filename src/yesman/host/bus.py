"""The event bus: who hears of what, in which order, and that one listener never stops another.

Each plugin has a queue of its own and hears its events in the order of their sequence numbers, one
at a time unless all its hooks that wait allow more. A plugin that hangs or fails delays nobody but
itself. What waits is bounded, whoever publishes: passing events give way and the plugin is told of the
gap; durable ones are kept on disk until handled, also across the server's end.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from collections import defaultdict, deque
from contextvars import Context
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from yesman.host.queues import Queue, Waiting
from yesman.host.subscriptions import Subscriptions
from yesman.model.errors import PluginFailedError, UsageError, YesmanError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.host.audience import Listener
    from yesman.host.outbox import Outbox
    from yesman.host.queues import Gap
    from yesman.host.subscriptions import Subscriber
    from yesman.model.manifest import DeclaredHook

MAX_PAYLOAD = 16 * 1024
"""Bytes of one payload as JSON."""
SCHEMA_VERSION = 1
GAP = "bus.gap"
TRIES = 3
"""How often a durable event is given to a plugin that dies of it."""
RETRY_SECONDS = 1.0
REMEMBERED: Final = 500
"""Events that were published last, for people to look at."""
NOTHING: Final = msgspec.Raw(b"{}")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,128}")
_DEADLY: Final = frozenset({"crashed", "timeout", "memory"})


class Listeners(Protocol):
    """What the bus needs of the plugin manager."""

    def audience(self, event: str) -> Iterable[Listener]:
        """Return the enabled plugins with hooks on ``event``."""
        ...

    def sees_session(self, plugin: str, session: str) -> bool:
        """Tell whether ``plugin`` may read ``session``."""
        ...

    def can_hear(self, plugin: str) -> bool:
        """Tell whether it makes sense to start ``plugin`` at this moment."""
        ...

    async def ready(self, plugin: str) -> None:
        """Start ``plugin`` if need be; raise if it cannot be."""
        ...

    async def deliver(self, plugin: str, event: dict[str, Any], hooks: tuple[str, ...]) -> None:
        """Hand ``event`` to these hooks and the subscriptions of ``plugin``, which is ready."""
        ...

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        ...


class Bus:
    """Publishes events to plugins.

    Args:
        outbox: Where durable events are kept, and sequence numbers come from.

    Attributes:
        recent: The events that were published last, oldest first, each with its payload as JSON.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self.recent: deque[tuple[dict[str, Any], bytes]] = deque(maxlen=REMEMBERED)
        self._listeners: Listeners | None = None
        self._queues: dict[str, Queue] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._running: defaultdict[str, dict[asyncio.Task[None], int]] = defaultdict(dict)
        self._subscriptions = Subscriptions()
        self._closed = False

    def attach(self, listeners: Listeners) -> None:
        """Set whom to deliver to."""
        self._listeners = listeners

    def resume(self, only: str = "") -> None:
        """Deliver what was kept for plugins, or ``only`` one, that can be started now."""
        for plugin in self._outbox.plugins():
            if only in {"", plugin}:
                self._wake(plugin)

    def publish(
        self,
        name: str,
        payload: dict[str, Any],
        *,
        source: str,
        session: str | None = None,
        besides: str = "",
    ) -> None:
        """Queue one event for everybody who listens, but for the plugin ``besides``; returns at once.

        Raises:
            UsageError: The name is malformed, or the payload too large.
        """
        encoded = self.checked(name, payload)
        self.spread(self.envelope(name, source=source, session=session), payload, encoded, besides)

    def spread(self, event: dict[str, Any], payload: dict[str, Any], encoded: bytes, besides: str) -> None:
        """Queue an event that :meth:`publish` has checked, for everybody who listens but ``besides``."""
        self.recent.append((event, encoded))
        for plugin, hooks in self._audience(event["name"]).items():
            if plugin != besides:
                self._enqueue(plugin, hooks, event, payload, encoded)

    def checked(self, name: str, payload: object) -> bytes:
        """Return ``payload`` as JSON; raise :class:`UsageError` if it or ``name`` is out of bounds."""
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
        return encoded

    def envelope(self, name: str, *, source: str, session: str | None) -> dict[str, Any]:
        """Return a new event without its payload (:class:`yesman.plugins.Event`)."""
        return {
            "id": uuid.uuid4().hex,
            "time": time.time(),
            "seq": self._outbox.next_sequence(),
            "name": name,
            "source": source,
            "session": session,
            "version": SCHEMA_VERSION,
        }

    async def handled(self, plugin: str) -> None:
        """Wait until ``plugin`` has handled all that waits for it, or cannot be started."""
        while tasks := {task for task in self._doing(plugin) if not task.done()}:
            await asyncio.wait(tasks)

    def is_heard(self, name: str) -> bool:
        """Tell whether anybody listens to events of that name."""
        return bool(self._audience(name))

    def subscriber(self, plugin: str) -> Subscriber:
        """Return the subscriptions of one process of ``plugin``, to be closed when that ends."""
        return self._subscriptions.subscriber(plugin)

    def removed(self, plugin: str) -> None:
        """Drop all that waits for a plugin that is no longer installed."""
        self._queues.pop(plugin, None)
        for task in self._tasks(plugin):
            task.cancel()
        self._outbox.forget(plugin)

    async def close(self) -> None:
        """Stop delivering; what is published from now on is kept if it is durable, else lost."""
        self._closed = True
        tasks = [task for plugin in list(self._workers) for task in self._tasks(plugin)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _doing(self, plugin: str) -> list[asyncio.Task[None]]:
        worker = self._workers.get(plugin)
        return [*self._running.get(plugin, ()), *([worker] if worker else ())]

    def _tasks(self, plugin: str) -> list[asyncio.Task[None]]:
        doing = self._doing(plugin)
        self._workers.pop(plugin, None)
        self._running.pop(plugin, None)
        return doing

    def _audience(self, name: str) -> dict[str, tuple[DeclaredHook, ...]]:
        if self._listeners is None:
            return {}
        heard = {listener.plugin: listener.hooks for listener in self._listeners.audience(name)}
        for plugin in self._subscriptions.to(name):
            heard.setdefault(plugin, ())
        return heard

    def _enqueue(
        self,
        plugin: str,
        hooks: tuple[DeclaredHook, ...],
        event: dict[str, Any],
        payload: dict[str, Any],
        encoded: bytes,
    ) -> None:
        assert self._listeners is not None  # noqa: S101 - there is an audience, so there is one
        session = event["session"]
        hidden = session is not None and not self._listeners.sees_session(plugin, session)
        wanted = [hook for hook in hooks if hook.wants(event["name"], session, {} if hidden else payload)]
        if not wanted and not self._subscriptions.has(plugin, event["name"]):
            return
        waiting = Waiting(
            event,
            NOTHING if hidden else msgspec.Raw(encoded),
            tuple(hook.name for hook in wanted),
            min((hook.concurrency for hook in wanted), default=1),
            any(hook.durable for hook in wanted),
        )
        queue = self._queue(plugin)
        try:
            queue.put(waiting)
        except YesmanError as error:  # told from memory, then: only the end of the server would lose it
            self._listeners.log(plugin, logging.ERROR, f"{waiting} is told, but not kept: {error.message}")
            queue.put(msgspec.structs.replace(waiting, durable=False))
        self._wake(plugin)

    def _queue(self, plugin: str) -> Queue:
        if plugin not in self._queues:
            self._queues[plugin] = Queue(plugin, self._outbox)
        return self._queues[plugin]

    def _wake(self, plugin: str) -> None:
        worker = self._workers.get(plugin)
        if not self._closed and (worker is None or worker.done()):
            # In a context of its own: what it delivers is not caused by whoever happened to publish first.
            work = self._work(plugin, self._queue(plugin))
            self._workers[plugin] = asyncio.get_running_loop().create_task(work, context=Context())

    async def _work(self, plugin: str, queue: Queue) -> None:
        """Deliver until nothing waits; events that may be together run as tasks of their own."""
        running = self._running[plugin]
        while (head := queue.head()) is not None:
            await _room(running, head.together)
            ready = await self._ready(plugin, head)
            if queue.head() is not head:  # it had to give way meanwhile
                continue
            if not ready:
                if head.durable:
                    return  # kept until it can be started: the next event or :meth:`resume` tries again
                queue.take()
                continue
            gap, waiting = queue.take_gap(), queue.take()
            if gap is not None:
                await self._tell_gap(plugin, gap)
            if waiting.together == 1:
                await self._deliver(plugin, queue, waiting)
            else:
                task = asyncio.ensure_future(self._deliver(plugin, queue, waiting))
                running[task] = waiting.together
                task.add_done_callback(lambda done: running.pop(done, None))

    async def _ready(self, plugin: str, waiting: Waiting) -> bool:
        """Tell whether ``plugin`` runs now, so that it can be given what waits."""
        assert self._listeners is not None  # noqa: S101 - as above
        if not self._listeners.can_hear(plugin):
            return False
        try:
            await self._listeners.ready(plugin)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from starting, other plugins hear theirs
            self._listeners.log(plugin, logging.ERROR, f"{waiting}: {error}")
            return False
        return True

    async def _deliver(self, plugin: str, queue: Queue, waiting: Waiting) -> None:
        assert self._listeners is not None  # noqa: S101 - as above
        for attempt in range(1, TRIES + 1):
            try:
                await self._listeners.deliver(plugin, self._told(plugin, waiting), waiting.hooks)
            except Exception as error:  # noqa: BLE001 - whatever one event meets, the next is delivered
                self._listeners.log(plugin, logging.ERROR, f"{waiting}: {error}")
                if not (waiting.durable and _died(error)) or attempt == TRIES:
                    break
                await asyncio.sleep(RETRY_SECONDS * attempt)
                if not await self._ready(plugin, waiting):
                    queue.put_back(waiting)
                    return
            else:
                break
        try:
            queue.done(waiting)
        except YesmanError as error:
            self._listeners.log(plugin, logging.ERROR, f"{waiting} may come again: {error.message}")

    def _told(self, plugin: str, waiting: Waiting) -> dict[str, Any]:
        """Return the event as ``plugin`` may see it now; it may have waited for long."""
        assert self._listeners is not None  # noqa: S101 - as above
        session = waiting.event["session"]
        hidden = session is not None and not self._listeners.sees_session(plugin, session)
        return {**waiting.event, "payload": {} if hidden else msgspec.json.decode(waiting.payload)}

    async def _tell_gap(self, plugin: str, gap: Gap) -> None:
        assert self._listeners is not None  # noqa: S101 - as above
        self._listeners.log(plugin, logging.ERROR, str(gap))
        hooks = dict(self._audience(GAP)).get(plugin)
        if hooks is None:
            return
        event = {**self.envelope(GAP, source="host", session=None), "payload": msgspec.to_builtins(gap)}
        try:
            await self._listeners.deliver(plugin, event, tuple(hook.name for hook in hooks))
        except Exception as error:  # noqa: BLE001 - as for every event
            self._listeners.log(plugin, logging.ERROR, f"event {GAP}: {error}")


async def _room(running: dict[asyncio.Task[None], int], together: int) -> None:
    """Wait until one more event may be given, given that ``together`` is the most it allows."""
    while running and len(running) >= min(together, *running.values()):
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            running.pop(task, None)


def _died(error: Exception) -> bool:
    return isinstance(error, PluginFailedError) and error.failure in _DEADLY
