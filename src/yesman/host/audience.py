"""Who hears of an event: the hooks of installed plugins, by event, in the order they are asked.

Derived from the registry and made anew when that changes, so that an event costs the same
whether ten plugins are installed or a thousand.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from yesman.model.errors import UsageError
from yesman.model.hook_order import Place, in_order
from yesman.model.hook_specs import BY_NAME
from yesman.model.manifest import DeclaredHook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.host.registry import Record, Registry

MAX_KEPT = 1_000
"""Events whose audience is kept; plugins may publish under any number of names."""


class Listener(NamedTuple):
    """A plugin and its hooks that match the name of an event."""

    plugin: str
    hooks: tuple[DeclaredHook, ...]


class Audience:
    """Answers who hears of an event.

    Args:
        registry: What is installed.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._generation = -1
        self._all: tuple[Listener, ...] = ()
        self._kept: dict[str, tuple[Listener, ...]] = {}

    def of(self, event: str) -> tuple[Listener, ...]:
        """Return the enabled plugins with hooks on ``event``, those to be asked earlier first."""
        if self._generation != self._registry.generation or len(self._kept) > MAX_KEPT:
            self._generation = self._registry.generation
            enabled = (item for item in self._registry.all().items() if item[1].enabled)
            self._all = tuple(_listeners(enabled))
            self._kept.clear()
        if event not in self._kept:
            self._kept[event] = self._in_order(event)
        return self._kept[event]

    def _in_order(self, event: str) -> tuple[Listener, ...]:
        try:
            return _ordered(self._all, event)
        except UsageError:  # a registry that somebody else wrote; events must go on
            return _ordered(self._all, event, heeding=False)

    def check(self, name: str, record: Record) -> None:
        """Refuse a plugin whose wishes about the order contradict those of the installed ones.

        All installed plugins count, enabled or not: so no set of enabled ones can be contradictory.
        One that says nothing about others is at no fault, whatever others have said of its name; then
        what they say of each other does not count for the events that it concerns.

        Raises:
            UsageError: The plugins that form the cycle are named.
        """
        own = msgspec.convert(record.manifest.get("hooks", ()), tuple[DeclaredHook, ...])
        if not any(hook.before or hook.after for hook in own):
            return
        listeners = tuple(_listeners({**self._registry.all(), name: record}.items()))
        for event in BY_NAME:
            _ordered(listeners, event)


def _listeners(records: Iterable[tuple[str, Record]]) -> Iterable[Listener]:
    for name, record in records:
        if record.hooks:
            declared = msgspec.convert(record.manifest.get("hooks", ()), tuple[DeclaredHook, ...])
            yield Listener(name, tuple(hook for hook in declared if hook.name in record.hooks))


def _ordered(listeners: Iterable[Listener], event: str, *, heeding: bool = True) -> tuple[Listener, ...]:
    """Return who hears of ``event``, in order; without ``heeding`` what they say about each other."""
    matching = (
        Listener(plugin, tuple(hook for hook in hooks if fnmatchcase(event, hook.name)))
        for plugin, hooks in listeners
    )
    found = {listener.plugin: listener for listener in matching if listener.hooks}
    places = tuple(map(_place, found.values()))
    if not heeding:
        places = tuple(Place(place.plugin, place.priority) for place in places)
    return tuple(found[name] for name in in_order(places, event))


def _place(listener: Listener) -> Place:
    hooks = listener.hooks
    return Place(
        listener.plugin,
        max(hook.priority for hook in hooks),
        tuple(other for hook in hooks for other in hook.before),
        tuple(other for hook in hooks for other in hook.after),
    )
