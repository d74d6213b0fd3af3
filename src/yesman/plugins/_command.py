"""A command of a plugin: a name, a handler, and options described as data.

The data survives the host's index, so that help and completion never start the plugin. Click is
imported only by :meth:`PluginCommand.to_click_command`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from yesman.plugins._options import normalise, parameter_name

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class PluginCommand:
    """One command of the command line.

    Args:
        name: Letters, digits, ``-`` and ``_``; at most 64 characters.
        description: What ``--help`` says.
        handler: Called with one keyword argument per option, sync or async; what it returns is the
            command's result.
        options: One dict per option. ``name`` (``"--title"`` or ``"title"``) is required; optional
            are ``short`` (``"-t"``), ``type`` (str, int, float or bool, or its name), ``default``,
            ``required``, ``multiple``, ``is_flag`` and ``help``.

    Raises:
        ValueError: A name, an option or the handler cannot be used; one sentence says why.

    Attributes:
        options: The options, complete: every key present, ``type`` by name.
    """

    def __init__(
        self,
        name: str,
        description: str,
        handler: Callable[..., Any],
        options: list[dict[str, Any]] | None = None,
    ) -> None:
        self.name = _checked_name(name)
        self.description = _checked_description(name, description)
        self.handler = _checked_handler(name, handler)
        self.options = _checked_options(name, options)

    parameter_name = staticmethod(parameter_name)

    def describe(self) -> dict[str, Any]:
        """Return the command as JSON data: ``name``, ``description`` and complete ``options``."""
        return {
            "name": self.name,
            "description": self.description,
            "options": _checked_options(self.name, self.options),
        }

    def to_click_command(self) -> click.Command:
        """Return the same command for Click.

        An async handler is run to its end, unless an event loop already runs here: then the
        command's return value is to be awaited.

        Raises:
            ModuleNotFoundError: Click is not there; inside the sandbox a plugin has to bring it.
        """
        from yesman.plugins._click import build  # noqa: PLC0415 - Click is no dependency of a plugin

        return build(self)


def _checked_name(name: object) -> str:
    if isinstance(name, str) and _NAME.fullmatch(name):
        return name
    raise ValueError(f"command name {name!r} must be 1 to 64 letters, digits, '-' or '_'")


def _checked_description(name: str, description: object) -> str:
    if isinstance(description, str):
        return description
    raise ValueError(f"command {name!r}: the description must be text, not {description!r}")


def _checked_handler(name: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    if callable(handler):
        return handler
    raise ValueError(f"command {name!r}: the handler cannot be called: {handler!r}")


def _checked_options(name: str, options: object) -> list[dict[str, Any]]:
    rows = [] if options is None else options
    if not (isinstance(rows, list | tuple) and all(isinstance(row, dict) for row in rows)):
        raise ValueError(f"command {name!r}: options must be a list of dicts, not {options!r}")
    try:
        return normalise(rows)
    except ValueError as reason:
        raise ValueError(f"command {name!r}: {reason}") from None
