"""Runs a plugin's handlers for one event, one after the other, and makes their answers data.

Who is asked and what the answers come to is the host's to decide; here it is only carried out.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from yesman.plugins import Allow, Deny
from yesman.worker.loading import maybe_await

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yesman.plugins import Event

    Handler = Callable[[Event], Any]


class AnswerError(Exception):
    """A handler answered what means nothing to this kind of event, by its author's fault."""


async def tell(event: Event, handlers: Iterable[Handler]) -> None:
    """Call each handler; what it returns does not matter."""
    for handler in handlers:
        await maybe_await(handler(event))


async def collect(event: Event, handlers: Iterable[Handler]) -> list[Any]:
    """Return what each handler answers: None, or JSON data."""
    return [_plain(await maybe_await(handler(event))) for handler in handlers]


async def change(event: Event, handlers: Iterable[Handler]) -> dict[str, Any]:
    """Return the payload as the handlers leave it; each sees what the one before it changed.

    Raises:
        AnswerError: One returned neither None nor a dict.
    """
    for handler in handlers:
        changes = await maybe_await(handler(event))
        if changes is not None and not isinstance(changes, dict):
            raise AnswerError(f"the handler of '{event.name}' must return a dict of changes or None")
        event = dataclasses.replace(event, payload={**event.payload, **(changes or {})})
    return event.payload


def _plain(answer: Any) -> Any:
    if isinstance(answer, Allow):
        return {"allow": answer.option}
    return {"deny": answer.reason} if isinstance(answer, Deny) else answer
