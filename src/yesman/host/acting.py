"""Which plugins wait for what is being done, and questions to others on their behalf.

What always holds: the chain grows along every call from plugin to host to plugin; whoever asks another
plugin for something waits no longer than it said, and what it no longer waits for is stopped.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, Any, Final, TypeVar

from yesman.runtime.endings import OVERDUE

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")
_ACTING: Final[ContextVar[frozenset[str]]] = ContextVar("yesman_acting", default=frozenset())
"""The plugins whose doing, step by step, has led here.

A plugin's service calls run in the context in which it was called (:mod:`yesman.runtime.peer`).
"""


def acting(source: str) -> frozenset[str]:
    """Return the plugins that wait for what is done here for ``source``: ``plugin:NAME``, or no plugin."""
    name = source.removeprefix("plugin:")
    return _ACTING.get() | ({name} if name != source else frozenset())


async def ask(asking: Coroutine[Any, Any, T], chain: frozenset[str], seconds: float) -> T:
    """Return what ``asking`` returns, done on behalf of the plugins in ``chain``.

    Raises:
        TimeoutError: It did not return in time; it is stopped in the background.
    """
    context = copy_context()
    context.run(_ACTING.set, chain)
    task = asyncio.get_running_loop().create_task(asking, context=context)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _abandon(task)
        raise
    if done:
        return task.result()
    _abandon(task, OVERDUE)
    raise TimeoutError


def _abandon(task: asyncio.Task[Any], why: str | None = None) -> None:
    task.cancel(why)
    task.add_done_callback(_looked_at)


def _looked_at(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()
