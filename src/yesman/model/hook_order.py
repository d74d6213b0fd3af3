"""In which order plugins are asked. Values in, values out.

Higher priority comes first, names break ties, and what a plugin says about ``before`` and ``after``
goes above both. A cycle is refused with the plugins that form it: an order that depends on
who was installed first is none.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Place(NamedTuple):
    """Where a plugin wants to stand for one event.

    Attributes:
        plugin: Its name.
        priority: -100 to 100, higher is asked earlier.
        before: Plugins that must come later; those that are not there do not matter.
        after: Plugins that must come earlier.
    """

    plugin: str
    priority: int = 0
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def in_order(places: Iterable[Place], event: str) -> tuple[str, ...]:
    """Return the plugins in the order in which they are asked about ``event``.

    Raises:
        UsageError: What they say about each other is a cycle; the message names it.
    """
    rank = {place.plugin: (-place.priority, place.plugin) for place in places}
    later = _edges(tuple(places), rank)
    waiting = dict.fromkeys(rank, 0)
    for followers in later.values():
        for plugin in followers:
            waiting[plugin] += 1
    ready = [rank[plugin] for plugin, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        _, plugin = heapq.heappop(ready)
        ordered.append(plugin)
        for follower in later[plugin]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, rank[follower])
    if len(ordered) < len(rank):
        raise _cycle_error(_cycle(later, set(rank) - set(ordered)), event)
    return tuple(ordered)


def _edges(places: tuple[Place, ...], known: Mapping[str, object]) -> dict[str, set[str]]:
    later: dict[str, set[str]] = {plugin: set() for plugin in known}
    for place in places:
        later[place.plugin] |= {other for other in place.before if other in known}
        for other in place.after:
            if other in known:
                later[other].add(place.plugin)
    return later


def _cycle(later: Mapping[str, set[str]], left: set[str]) -> list[str]:
    """Return plugins of which each comes before the next and the last before the first; the same every time.

    Everything left over is in a cycle or after one; going backwards from anywhere ends in one.
    """
    earlier = {
        plugin: min(o for o in left if plugin in later[o])
        for plugin in left
        if any(plugin in later[o] for o in left)
    }
    path = [min(earlier)]
    while (previous := earlier[path[-1]]) not in path:
        path.append(previous)
    cycle = path[path.index(previous) :][::-1]
    start = cycle.index(min(cycle))
    return cycle[start:] + cycle[:start]


def _cycle_error(cycle: list[str], event: str) -> UsageError:
    told = ", ".join(
        f"'{one}' before '{other}'" for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True)
    )
    return UsageError(
        f"the plugins' wishes about '{event}' contradict each other: {told}",
        "Disable one of them, and tell their authors",
    )
