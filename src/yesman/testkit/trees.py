"""What a test finds in the tree that a panel shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from yesman.plugins import ui

if TYPE_CHECKING:
    from collections.abc import Iterator

N = TypeVar("N", bound=ui.Node)


def parts(tree: ui.Node, kind: type[N]) -> list[N]:
    """Return all parts of one kind that a panel shows, outermost first, those of hidden tabs too.

    Example: ``(table,) = parts(await self.panel("todos"), ui.Table)``
    """
    return [part for part in _within(tree) if isinstance(part, kind)]


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for inner in value:
            yield from _within(inner)
    elif isinstance(value, ui.Node | ui.Tab):
        yield value
        yield from _within(tuple(vars(value).values()))
