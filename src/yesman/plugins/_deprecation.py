"""Public names that are on their way out: who uses one is told what takes its place, and when it goes.

What always holds: a deprecated name does what it always did; the warning names the version that removes it,
and a test fails once that version is reached. In the sandbox the warning goes into the plugin's log, once for
each line of code that uses the name. See ``docs/reference/stability.md``.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class ApiDeprecationWarning(DeprecationWarning):
    """A plugin uses a name of the author API that a later version removes."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Why a name is not to be used any more.

    Attributes:
        name: As an author writes it: ``"EventBus.publish(data)"``.
        since: The first version that warns.
        gone: The version that removes it.
        instead: What to write, or ``""`` where nothing takes its place.
    """

    name: str
    since: str
    gone: str
    instead: str = ""

    def __str__(self) -> str:
        what = f"{self.name} is deprecated since yesman {self.since} and goes away in {self.gone}"
        return f"{what}; use {self.instead}" if self.instead else what


def warn(deprecation: Deprecation, depth: int = 1) -> None:
    """Warn whoever called the function that calls this.

    Args:
        deprecation: What they used.
        depth: How many more callers up they are, plus one.
    """
    warnings.warn(str(deprecation), ApiDeprecationWarning, stacklevel=depth + 2)


def deprecated(deprecation: Deprecation) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a function or method: it works, and warns at each place that calls it."""

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def warning(*args: P.args, **kwargs: P.kwargs) -> R:
            warn(deprecation)
            return function(*args, **kwargs)

        return warning

    return mark
