"""What waits for one plugin: in the order of sequence numbers, bounded, and what was dropped is counted.

Passing events live in memory and give way to newer ones. Durable ones live in the outbox, from
which a few at a time are read; nothing makes them give way.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.host.outbox import Kept

if TYPE_CHECKING:
    from yesman.host.outbox import Outbox

LENGTH: Final = 1_000
"""Passing events for one plugin; beyond that its oldest are dropped."""
BYTES: Final = 4 * 1024 * 1024
"""Their payloads, as JSON; beyond that its oldest are dropped as well."""
READ_AT_ONCE: Final = 100


class Waiting(msgspec.Struct, frozen=True):
    """One event for one plugin.

    Attributes:
        event: The envelope, without the payload.
        payload: JSON, shared by all queues: as values it would take many times the memory.
        hooks: Names of the plugin's hooks that are to hear it; its subscriptions do so anyway.
        together: How many events the plugin may be given at a time while this is one of them.
        durable: Whether it is kept until it was handled.
    """

    event: dict[str, Any]
    payload: msgspec.Raw
    hooks: tuple[str, ...] = ()
    together: int = 1
    durable: bool = False

    @property
    def seq(self) -> int:
        """Its place in the order in which the host saw events."""
        return int(self.event["seq"])

    def __str__(self) -> str:
        return f"event {self.event['name']} #{self.seq}"


class Gap(msgspec.Struct, frozen=True):
    """Events that were dropped, one after the other."""

    missed: int
    first: int
    last: int

    def __str__(self) -> str:
        events = "1 event was" if self.missed == 1 else f"{self.missed} events were"
        return f"{events} dropped (#{self.first} to #{self.last}): too slow"

    def and_also(self, seq: int) -> Gap:
        """Return the gap with one more event at its end."""
        return Gap(self.missed + 1, self.first, seq)


class Queue:
    """What waits for one plugin.

    Args:
        plugin: Whose.
        outbox: Where durable events are kept.
    """

    def __init__(self, plugin: str, outbox: Outbox) -> None:
        self._plugin = plugin
        self._outbox = outbox
        self._passing: deque[Waiting] = deque()
        self._bytes = 0
        self._gap: Gap | None = None
        self._durable: deque[Waiting] = deque()
        self._read_up_to = 0
        self._more = plugin in outbox.plugins()

    def put(self, waiting: Waiting) -> None:
        """Add one event; the oldest passing ones give way to it.

        Raises:
            PlatformError: It is durable and cannot be kept.
        """
        if waiting.durable:
            self._outbox.add(self._plugin, Kept(waiting.seq, msgspec.json.encode(waiting)))
            self._more = True
            for seq in self._outbox.give_up(self._plugin):
                self._missed(seq)
            return
        self._passing.append(waiting)
        self._bytes += len(bytes(waiting.payload))
        while len(self._passing) > LENGTH or self._bytes > BYTES:
            self._missed(self._take_passing().seq)

    def head(self) -> Waiting | None:
        """Return the oldest event."""
        if not self._durable and self._more:
            self._read()
        heads = [waiting[0] for waiting in (self._passing, self._durable) if waiting]
        return min(heads, key=lambda waiting: waiting.seq, default=None)

    def take(self) -> Waiting:
        """Remove the oldest event from what waits and return it; see :meth:`done`."""
        head = self.head()
        assert head is not None  # noqa: S101 - asked for only when there is one
        return self._durable.popleft() if head.durable else self._take_passing()

    def put_back(self, waiting: Waiting) -> None:
        """Undo :meth:`take` of a durable event: it could not be told."""
        self._durable = deque(sorted((waiting, *self._durable), key=lambda one: one.seq))

    def done(self, waiting: Waiting) -> None:
        """Say that an event was handled, or given up.

        Raises:
            PlatformError: It is durable and that cannot be written down.
        """
        if waiting.durable:
            self._outbox.done(self._plugin, waiting.seq)

    def take_gap(self) -> Gap | None:
        """Return what was dropped since this was last asked."""
        gap, self._gap = self._gap, None
        return gap

    def _take_passing(self) -> Waiting:
        waiting = self._passing.popleft()
        self._bytes -= len(bytes(waiting.payload))
        return waiting

    def _read(self) -> None:
        found = self._outbox.oldest(self._plugin, self._read_up_to, READ_AT_ONCE)
        self._more = len(found) == READ_AT_ONCE
        self._durable += (msgspec.json.decode(kept.event, type=Waiting) for kept in found)
        if found:
            self._read_up_to = found[-1].seq

    def _missed(self, seq: int) -> None:
        self._gap = self._gap.and_also(seq) if self._gap else Gap(1, seq, seq)
