"""What a panel shows, in its author's own words, and what a test presses in it.

What always holds: a tree that a test sees has passed the host's border, so it is within the bounds, and its
texts are as people see them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec

from yesman.model.errors import UsageError
from yesman.model.panels import Button, Form, walk
from yesman.plugins import ui

if TYPE_CHECKING:
    from yesman.model import panels


def as_author(tree: panels.Node) -> ui.Node:
    """Return a tree as the classes of :mod:`yesman.plugins.ui`, which have the same fields."""
    return cast("ui.Node", _author(tree))


def _author(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        kind = getattr(ui, type(value).__name__)
        return kind(**{name: _author(getattr(value, name)) for name in value.__struct_fields__})
    return tuple(map(_author, value)) if isinstance(value, tuple) else value


def offered(tree: panels.Node, wanted: str | ui.Button | ui.Form) -> panels.Interactive:
    """Return the button or form that is ``wanted``, or that says it.

    Raises:
        UsageError: The panel has none, or several that do not do the same.
    """
    every = [part for _, part in walk(tree) if isinstance(part, Button | Form)]
    found = [part for part in every if wanted in (_label(part), as_author(part))]
    if not found or any(part != found[0] for part in found):
        said = ", ".join(repr(_label(part)) for part in every) or "nothing"
        raise UsageError(f"{len(found)} parts to press are {wanted!r}; the panel offers {said}")
    return found[0]


def _label(part: panels.Interactive) -> str:
    return part.label if isinstance(part, Button) else part.submit
