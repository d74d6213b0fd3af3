"""The bus and the listeners of a test's host: the real ones, which also remember what went over them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from yesman.host.bus import Bus
from yesman.host.listening import Listening
from yesman.model.errors import YesmanError
from yesman.plugins import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.manager import PluginManager
    from yesman.host.outbox import Outbox


class HeardBus(Bus):
    """A bus that keeps what is published.

    Attributes:
        events: All of it, oldest first.
    """

    def __init__(self, outbox: Outbox) -> None:
        super().__init__(outbox)
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def spread(self, event: dict[str, Any], payload: dict[str, Any], encoded: bytes, besides: str) -> None:
        """Keep the event and hand it out."""
        super().spread(event, payload, encoded, besides)
        self.events.append(Event(**event, payload=payload))
        self._more.set()

    async def first(self, wanted: Callable[[Event], bool]) -> Event:
        """Return the first event that is wanted, however long that takes."""
        seen = 0
        while True:
            for event in self.events[seen:]:
                if wanted(event):
                    return event
            seen = len(self.events)
            self._more.clear()
            await self._more.wait()


class HeardListening(Listening):
    """Plugins as listeners, whose failures are kept as well.

    Attributes:
        failures: What handlers raised, oldest first.
    """

    def __init__(self, manager: PluginManager) -> None:
        super().__init__(manager)
        self.failures: list[YesmanError] = []

    async def deliver(self, plugin: str, event: dict[str, Any], hooks: tuple[str, ...]) -> None:
        """See :class:`Listening`."""
        try:
            await super().deliver(plugin, event, hooks)
        except YesmanError as error:
            self.failures.append(error)
            raise

    async def ask(
        self, plugin: str, method: Literal["ask", "filter"], event: dict[str, Any], hooks: tuple[str, ...]
    ) -> Any:
        """See :class:`Listening`."""
        try:
            return await super().ask(plugin, method, event, hooks)
        except YesmanError as error:
            self.failures.append(error)
            raise
