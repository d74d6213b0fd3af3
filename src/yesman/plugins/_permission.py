"""Which permission a service method needs, kept as data on the method itself.

The host checks every call against the grants; this record only tells the author, the reference
page and the tests. It decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
_ATTRIBUTE = "__yesman_need__"


@dataclass(frozen=True, slots=True)
class Need:
    """What one service method asks of the host.

    Attributes:
        permission: The permission's name without a scope, or ``""`` when none is needed.
        call: The name of the request that reaches the host, such as ``"session.list"``.
        argument: A parameter that, when given, changes the permission; ``""`` for none.
        then: The permission needed when ``argument`` is given.
    """

    permission: str
    call: str
    argument: str = ""
    then: str = ""


def needs(permission: str, *, call: str, argument: str = "", then: str = "") -> Callable[[F], F]:
    """Record on a method what it needs; the fields are those of :class:`Need`."""
    need = Need(permission, call, argument, then)

    def record(function: F) -> F:
        setattr(function, _ATTRIBUTE, need)
        return function

    return record


def need_of(method: Callable[..., Any]) -> Need:
    """Return the record of a function or bound method; raise LookupError when it has none."""
    need = getattr(method, _ATTRIBUTE, None)
    if isinstance(need, Need):
        return need
    raise LookupError(f"{method!r} records no permission")


def permission_of(method: Callable[..., Any], **arguments: object) -> str:
    """Return the permission that calling ``method`` with these arguments needs (``""`` for none).

    Example: ``permission_of(manager.create_session, command=["top"])`` is ``"session.type"``.

    Raises:
        LookupError: ``method`` is not one of the context's service methods.
    """
    need = need_of(method)
    changed = bool(need.argument) and arguments.get(need.argument) is not None
    return need.then if changed else need.permission
