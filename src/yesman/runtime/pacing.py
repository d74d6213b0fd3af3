"""Token buckets: what a plugin may cost the host per second before it has to wait.

Pure but for the clocks they are given. A bucket never refuses: it says how long to wait.
"""

from __future__ import annotations

import time
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

T = TypeVar("T")

TURN_SECONDS = 0.0005
"""How long the event loop works for one plugin before it looks after the others."""


class Bucket:
    """Fills steadily up to ``burst`` tokens; may be overdrawn by one expense.

    Args:
        rate: Tokens a second.
        burst: How many it holds; it starts full.
        clock: Seconds, monotonic.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._at = clock()

    def spend(self, tokens: float) -> float:
        """Take ``tokens`` and return after how many seconds the next expense is welcome, 0 for now."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate) - tokens
        self._at = now
        return max(0.0, -self._tokens / self._rate)


class Share:
    """One plugin's share of the event loop: in short turns, and of all turns together a part.

    What is counted is processor time, so that an honest plugin is not slowed down by what
    else the machine does.

    Args:
        rate: Seconds a second.
        burst: Seconds that may be saved up.
        clock: Seconds, monotonic.
        spent: Processor seconds of the loop's thread.
    """

    def __init__(
        self,
        rate: float,
        burst: float,
        clock: Callable[[], float] = time.monotonic,
        spent: Callable[[], float] = time.thread_time,
    ) -> None:
        self._bucket = Bucket(rate, burst, clock)
        self._spent = spent

    def wait(self) -> float:
        """Return after how many seconds the next turn is welcome, 0 for now."""
        return self._bucket.spend(0)

    def turn(self) -> Turn:
        """Begin a turn."""
        return Turn(self._bucket, self._spent)

    async def billed(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what ``work`` returns; each of its steps is a turn."""
        return await _in_turns(work, self.turn)


class Turn:
    """Time that the loop spends on one plugin, from its making until :meth:`end`."""

    def __init__(self, bucket: Bucket, spent: Callable[[], float]) -> None:
        self._bucket = bucket
        self._spent = spent
        self._from = spent()

    def over(self) -> bool:
        """Tell whether it is somebody else's turn."""
        return self._spent() - self._from > TURN_SECONDS

    def end(self) -> None:
        """Pay for it."""
        self._bucket.spend(self._spent() - self._from)


@coroutine
def _in_turns(work: Coroutine[Any, Any, T], begin: Callable[[], Turn]) -> Generator[Any, Any, T]:
    """Do what ``await work`` does, with each step between two suspensions as a turn."""
    step: Callable[[], Any] = partial(work.send, None)
    while True:
        turn = begin()
        try:
            awaited = step()
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            turn.end()
        try:
            step = partial(work.send, (yield awaited))
        except BaseException as error:  # noqa: BLE001 - a cancellation, say: what to make of it is for the work
            step = partial(work.throw, error)


class Quiet:
    """Lets through so many lines a second and counts the rest.

    Args:
        rate: Lines a second.
        burst: Lines at once.
        clock: Seconds, monotonic.
    """

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = Bucket(rate, burst - 1, clock)  # overdrawn by the last one
        self._held_back = 0

    def line(self, text: str) -> str | None:
        """Return ``text`` with how many were left out before it, or None to leave it out."""
        if self._bucket.spend(0):
            self._held_back += 1
            return None
        self._bucket.spend(1)
        before, self._held_back = self._held_back, 0
        return f"{text} (and {before} more before it)" if before else text
