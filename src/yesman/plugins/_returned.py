"""What the context's services return: plain values that may also be awaited.

A plugin calls ``session_manager.get_session("x")`` from sync and async code alike. The call has
finished when it returns, so awaiting its value gives the value itself and never suspends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")


class Returned:
    """Mixin: ``await value`` is ``value``."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self


class Items(Returned, list[T]):
    """A list that may be awaited."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]  # list says None; see below
        # asyncio.gather() keeps its arguments in a dict. A constant stays right when the list changes.
        return hash(Items)


class Text(Returned, str):
    """A str that may be awaited."""

    __slots__ = ()


class Done(Returned):
    """The value of a call that has nothing to tell; false, and equal to no other kind of value."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "Done"


DONE: Final = Done()
