"""The event bus of a plugin's context.

Handlers stay inside the plugin; the host only learns which patterns somebody here listens to.
A pattern is told once when its first handler comes and taken back when its last one goes.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from yesman.plugins._permission import needs
from yesman.plugins._returned import DONE, Done

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yesman.plugins._events import Event
    from yesman.plugins._transport import Transport

    Handler = Callable[[Event], Any]


class EventBus:
    """Publishes this plugin's events and listens to others'.

    Args:
        transport: Carries the calls to the host.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._handlers: dict[str, tuple[Handler, ...]] = {}

    @needs("", call="bus.publish")
    def publish(self, name: str, payload: Mapping[str, Any] | None = None) -> Done:
        """Tell everybody who listens that something happened.

        Args:
            name: ``plugin.NAME.…``, where NAME is this plugin's own name.
            payload: JSON data for the listeners; None means nothing more to say.

        Raises:
            PermissionError: The name is not below this plugin's own.
        """
        self._transport.call("bus.publish", name=name, payload=dict(payload or {}))
        return DONE

    @needs("", call="bus.subscribe")
    def subscribe(self, pattern: str, handler: Handler) -> Done:
        """Call a handler with every event whose name matches.

        Subscribing the same handler to the same pattern again changes nothing.

        Args:
            pattern: An event's name, or one with ``*``, ``?`` and ``[…]`` as in shell patterns.
            handler: A function of one :class:`Event`, sync or async.

        Raises:
            ValueError: The handler cannot be called.
        """
        _refuse_uncallable(pattern, handler)
        held = self._handlers.get(pattern, ())
        if not held:
            self._transport.call("bus.subscribe", pattern=pattern)
        if handler not in held:
            self._handlers[pattern] = (*held, handler)
        return DONE

    @needs("", call="bus.unsubscribe")
    def unsubscribe(self, pattern: str, handler: Handler) -> Done:
        """Stop calling a handler for a pattern; raise LookupError when it was not subscribed."""
        held = self._handlers.get(pattern, ())
        if handler not in held:
            raise LookupError(f"{handler!r} is not subscribed to {pattern!r}")
        left = tuple(other for other in held if other != handler)
        if left:
            self._handlers[pattern] = left
        else:
            self._transport.call("bus.unsubscribe", pattern=pattern)
            del self._handlers[pattern]
        return DONE

    def handlers_for(self, name: str) -> list[Handler]:
        """Return whom to call for an event of that name, each once, oldest pattern first.

        For whoever delivers events; a plugin has no need of it.
        """
        found: list[Handler] = []
        for pattern, held in tuple(self._handlers.items()):
            if fnmatchcase(name, pattern):
                found += [handler for handler in held if handler not in found]
        return found


def _refuse_uncallable(pattern: str, handler: object) -> None:
    if callable(handler):
        return
    raise ValueError(f"the handler for {pattern!r} cannot be called: {handler!r}")
