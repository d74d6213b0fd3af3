"""What crosses into the sandbox: a function by file and qualified name, its arguments as JSON data.

Nothing is ever pickled. What always holds of a :class:`Target`: whoever imports its file
anew finds, under its name, the function that was asked for, unless the file has changed since.
"""

from __future__ import annotations

import inspect
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.wire.frames import LIMITS, UnserialisableError, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REMEDY = "pass a function that a module defines at its top level, and give it what it needs as arguments"
MAIN = "__main__"
NOT_MAIN = "__sandboxed_main__"
"""What ``__main__`` is called in there, as in multiprocessing: what its guard holds back must not run."""
MAX_ARGUMENTS = LIMITS.body - 16 * 1024
"""Bytes of JSON that all arguments of one call may have together."""


@dataclass(frozen=True)
class Target:
    """A function, as the sandbox finds it again.

    Attributes:
        name: Qualified.
        module: Dotted name of its module.
        file: Real path of its source.
        package: Real path of the top-level package's folder, "" for a file on its own.
    """

    name: str
    module: str
    file: str
    package: str

    @property
    def readable(self) -> str:
        """The one path that is opened for it."""
        return self.package or self.file


def target(function: Callable[..., Any]) -> Target:
    """Return how ``function`` is found again.

    Raises:
        TypeError: It cannot be: a lambda, a closure, a bound method, a built-in, without a file.
    """
    if not inspect.isfunction(function):
        raise TypeError(f"{_kind(function)} cannot be run in a sandbox; {REMEDY}")
    name = function.__qualname__
    if function.__name__ == "<lambda>":
        raise _refused("<lambda>", "it has no name")
    if "<locals>" in name:
        raise _refused(name, "it is made inside a function")
    module = sys.modules.get(function.__module__)
    names = vars(module) if module else function.__globals__
    source = names.get("__file__")
    if not source or not os.path.isfile(source):  # noqa: PTH113 - text
        raise _refused(name, f"its module '{function.__module__}' has no file")
    if _find(names, name) is not function:
        raise _refused(name, f"it is not what '{function.__module__}' holds under that name")
    return _located(name, function.__module__, Path(source).resolve())


def _refused(name: str, why: str) -> TypeError:
    return TypeError(f"'{name}' cannot be run in a sandbox, because {why}; {REMEDY}")


def _kind(value: object) -> str:
    if inspect.ismethod(value):
        return f"the bound method '{value.__qualname__}'"
    if inspect.isbuiltin(value):
        return f"the built-in '{value.__qualname__}'"
    return f"a value of type '{type(value).__qualname__}'"


def _find(names: Mapping[str, Any], qualified: str) -> object:
    first, *rest = qualified.split(".")
    found = names.get(first)
    for name in rest:
        found = getattr(found, name, None)
    return found


def _located(name: str, module: str, file: Path) -> Target:
    """Climb to the top-level package, by the ``__init__.py`` files: names in sys.modules may be anything."""
    folder, parts = file.parent, [] if file.name == "__init__.py" else [file.stem]
    top: Path | None = None
    while (folder / "__init__.py").is_file():
        top, parts = folder, [folder.name, *parts]
        folder = folder.parent
    if top is not None:
        return Target(name, ".".join(parts), str(file), str(top))
    return Target(name, NOT_MAIN if module == MAIN else module, str(file), "")


def arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as they cross.

    Raises:
        TypeError: One is not JSON data; the message names it.
        ValueError: They are too large; the message names the largest.
    """
    named = {**{f"{place}": value for place, value in enumerate(args, 1)}, **kwargs}
    sizes = {name: _size(name, value) for name, value in named.items()}
    if sum(sizes.values()) > MAX_ARGUMENTS:
        largest = max(sizes, key=lambda name: sizes[name])
        raise ValueError(
            f"the arguments are too large to cross into the sandbox: argument {_called(largest)} has "
            f"{sizes[largest]} bytes as JSON, and all together may have {MAX_ARGUMENTS}"
        )
    return {"args": list(args), "kwargs": kwargs}


def _size(name: str, value: object) -> int:
    try:
        return len(encode(value)) + len(name)
    except UnserialisableError as error:
        raise TypeError(
            f"argument {_called(name)} cannot cross into the sandbox, because it is {error}; "
            "pass text, numbers, lists and dicts"
        ) from None


def _called(name: str) -> str:
    return name if name.isdigit() else f"'{name}'"
