"""Work that may take long, in a thread of its own that nobody has to wait for.

Not in asyncio's executor: its few threads serve everybody, and the end of the process waits for them.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
NAME = "aside"
"""Of the threads."""


def aside(work: Callable[[], _T]) -> asyncio.Future[_T]:
    """Start ``work`` and return what becomes of it; cancelling that does not end the work."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()
    threading.Thread(target=_run, args=(work, loop, future), name=NAME, daemon=True).start()
    return future


def _run(work: Callable[[], _T], loop: asyncio.AbstractEventLoop, future: asyncio.Future[_T]) -> None:
    settle: Callable[[], None]
    try:
        settle = partial(future.set_result, work())
    except Exception as error:  # noqa: BLE001 - raised again where the future is awaited
        settle = partial(future.set_exception, error)
    with suppress(RuntimeError):  # the loop has closed
        loop.call_soon_threadsafe(_settle, future, settle)


def _settle(future: asyncio.Future[_T], settle: Callable[[], None]) -> None:
    if not future.done():
        settle()
