"""Which parts of a panel are to be drawn anew when it has changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.model.panels import Item, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.model.panels import Node


def stale(changed: Iterable[str], node: Node) -> list[str]:
    """Return the paths of the parts to draw anew: the innermost that hold each change, no part of another.

    Args:
        changed: Paths of what has changed, as in patches.
        node: The whole panel, as it is now.
    """
    parts = {path for path, found in walk(node) if not isinstance(found, Item)}
    inner = set()
    for change in changed:
        path = change
        while path not in parts:
            path = path.rpartition("/")[0]
        inner.add(path)
    return sorted(path for path in inner if not any(path.startswith(f"{o}/") for o in inner if o != path))
