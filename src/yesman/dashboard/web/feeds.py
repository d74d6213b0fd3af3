"""What is asked again and again while somebody looks, once for all who look."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeVar

from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")


class Feed(Generic[T]):
    """The latest answer to one question.

    What always holds: it is asked only while somebody watches, and once every so often however many do; who
    watches gets each answer that differs from the one before, or the latest of those that came meanwhile.

    Args:
        ask: The question.
        seconds: Between an answer and the next question.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._latest: T | YesmanError | None = None
        self._number = 0
        self._watchers = 0
        self._news = asyncio.Condition()
        self._soon = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None

    async def watch(self) -> AsyncIterator[T | YesmanError]:
        """Yield answers, and what went wrong instead of one, for ever."""
        self._watchers += 1
        if self._asking is None:
            self._number, self._latest = 0, None
            self._asking = asyncio.create_task(self._go_on())
        seen = 0
        try:
            while True:
                async with self._news:
                    while self._number == seen:
                        await self._news.wait()
                seen, latest = self._number, self._latest
                assert latest is not None  # noqa: S101 - a number was counted up with it
                yield latest
        finally:
            self._watchers -= 1
            if not self._watchers and self._asking is not None:
                self._asking.cancel()
                self._asking = None

    @property
    def watched(self) -> bool:
        """Whether anybody watches."""
        return self._watchers > 0

    def hurry(self) -> None:
        """Ask at once: something has changed."""
        self._soon.set()

    async def _go_on(self) -> None:
        while True:
            self._soon.clear()
            answer: T | YesmanError
            try:
                answer = await self._ask()
            except YesmanError as error:
                answer = error
            except Exception:  # a mistake of ours must not leave everybody waiting
                logging.getLogger(__name__).exception("A question failed")
                answer = YesmanError("The dashboard made a mistake", "Look into its log and report it")
            if not _same(answer, self._latest):
                async with self._news:
                    self._latest, self._number = answer, self._number + 1
                    self._news.notify_all()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._soon.wait()


def _same(one: object, other: object) -> bool:
    if isinstance(one, YesmanError) and isinstance(other, YesmanError):
        return str(one) == str(other)
    return one == other
