"""What has changed between two values of JSON data, as replacements at paths (RFC 6901 pointers). Pure.

What always holds: :func:`patched` of the old value and the changes is the new value; there are no more
changes than :data:`MAX_CHANGES`, and together they hold no more than the new value; nothing that was handed
in is altered, so parts of it may be shared.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Change: TypeAlias = tuple[str, Any]
"""Where, and what stands there now; the path "" is the whole."""
MAX_CHANGES: Final = 1_000
"""Beyond that many, the whole is shorter than their paths."""


def changes(old: Any, new: Any) -> list[Change]:
    """Return what leads from ``old`` to ``new``: inner values where the outer ones have kept their form."""
    found = list(islice(_differences(old, new, ""), MAX_CHANGES + 1))
    return found if len(found) <= MAX_CHANGES else [("", new)]


def patched(value: Any, made: list[Change]) -> Any:
    """Return ``value`` with the changes made.

    Raises:
        LookupError: A path leads nowhere.
        ValueError: Likewise.
    """
    for path, new in made:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
        value = _replaced(value, steps, new)
    return value


def _differences(old: Any, new: Any, at: str) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        for key in new:
            yield from _differences(old[key], new[key], f"{at}/{_escaped(key)}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, two, f"{at}/{index}")
    elif old != new or type(old) is not type(new):
        yield at, new


def _replaced(value: Any, steps: list[str], new: Any) -> Any:
    """Return ``value`` with another inner value; what is not on the way to that is shared."""
    if not steps:
        return new
    first, *rest = steps
    if isinstance(value, dict):
        return value | {first: _replaced(value[first], rest, new)}
    if isinstance(value, list):
        at = int(first)
        return [*value[:at], _replaced(value[at], rest, new), *value[at + 1 :]]
    raise LookupError(f"there is nothing at {first!r}")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
