"""A plugin's command, built from the index and run by the server.

What always holds: nothing of the plugin is needed for help or to find a wrong option; with
``--json`` stdout holds the result's JSON and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import render
from yesman.cli.display import Display
from yesman.cli.group import CONTEXT, example
from yesman.cli.invocation import surroundings
from yesman.cli.program import OURS
from yesman.cli.terminal import block, plain
from yesman.model.errors import PlatformError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from yesman.cli.invocation import Invocation
    from yesman.host.index import CommandIndex

TYPES: Final = {"str": str, "int": int, "float": float, "bool": bool}
# No option of a plugin can get these names: theirs begin with a letter.
JSON: Final = "_json"
SESSION: Final = "_session"
FALLBACK_SIZE: Final = (80, 24)
"""Columns and lines that a plugin is told where there is no terminal."""
LONGEST_EXAMPLE: Final = 12
"""Characters of an option's name that are used as the example of its value."""


def from_index(name: str, index: CommandIndex, program: str = OURS) -> click.Command:
    """Return the Click command that the index has as ``name``; ``program`` is what users type before it.

    Raises:
        VerificationError: The index does not hold what it should.
    """
    try:
        return build(name, index.detail(name), program)
    except (KeyError, TypeError, ValueError) as error:
        raise VerificationError(
            f"What yesman recorded of the command '{plain(name)}' cannot be read",
            "Delete commands.index in yesman's folder, and run: yesman server stop; yesman plugin list",
        ) from error


def build(name: str, detail: Mapping[str, Any], program: str = OURS) -> click.Command:
    """Return the Click command for one entry of the index.

    Args:
        name: What stands in the list of commands.
        detail: What :meth:`yesman.host.index.CommandIndex.detail` says of it.
        program: What its users type before it.
    """
    return click.Command(
        name,
        help=f"{block(detail['description'])}\n\nA command of the plugin {plain(detail['plugin'])}.",
        params=[*map(_option, detail["options"]), *_common()],
        callback=_runner(detail["plugin"], detail["name"]),
        context_settings=CONTEXT,
        epilog=example(_usage(f"{program} {name}", detail["options"])),
    )


def parameter_name(option: str) -> str:
    """Return the handler's parameter for an option: ``--dry-run`` gives ``dry_run``."""
    return option.lstrip("-").replace("-", "_").lower()


def _option(option: Mapping[str, Any]) -> click.Option:
    spellings = [option["name"], option["short"], parameter_name(option["name"])]
    default = option["default"]
    # A default of None is left out: Click tells "no default" from "the default is None".
    given = {} if default is None else {"default": default}
    told = "" if default is None or option["is_flag"] else render.cell(default)
    return click.Option(
        [spelling for spelling in spellings if spelling],
        type=TYPES[option["type"]],
        required=option["required"],
        multiple=option["multiple"],
        is_flag=option["is_flag"],
        help=block(option["help"]) or None,
        show_default=_shown_default(told, default),
        **given,
    )


def _shown_default(told: str, default: object) -> bool | str:
    """Return what Click is to show: text of ours it puts in brackets, even none at all."""
    return bool(told) if told in {"", str(default)} else told


def _common() -> list[click.Parameter]:
    return [
        click.Option(["--session", SESSION], metavar="NAME", help="The session to work on."),
        click.Option(["--json", JSON], is_flag=True, help="Print what the command returns as JSON."),
    ]


def _usage(typed: str, options: list[Mapping[str, Any]]) -> str:
    values = (
        f"{option['name']} {re.sub('[^A-Z]', '', option['name'].upper())[:LONGEST_EXAMPLE]}"
        for option in options
        if option["required"]
    )
    return " ".join((plain(typed), *values))


def _runner(plugin: str, command: str) -> Callable[..., None]:
    @click.pass_obj
    def run(invocation: Invocation, /, **values: Any) -> None:
        as_json, session = values.pop(JSON), values.pop(SESSION)
        display = Display(out=sys.stderr if as_json else sys.stdout)
        columns, lines = _size()
        params = {
            "plugin": plugin,
            "command": command,
            "options": {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()},
            "session": session,
            "terminal": _terminals(as_json=as_json),
            "columns": columns,
            "lines": lines,
            **surroundings(),
        }
        answer = invocation.converse("command.run", f"it ran '{command}'", params, display)
        _show(_value(answer.blob, command), as_json=as_json, printed=display.printed)

    return run


def _show(value: Any, *, as_json: bool, printed: bool) -> None:
    if as_json:
        render.show_json(value)
    elif value is not None and not printed:
        render.say(render.value_text(value))


def _value(blob: bytes, command: str) -> Any:
    try:
        return json.loads(blob or b"null", parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise PlatformError(f"What '{command}' returned cannot be read: {error}") from error


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _terminals(*, as_json: bool) -> dict[str, bool]:
    """Tell the handler what its streams lead to; with ``--json`` what it prints goes to stderr."""
    out = sys.stderr if as_json else sys.stdout
    return {"in": sys.stdin.isatty(), "out": out.isatty(), "err": sys.stderr.isatty()}


def _size() -> tuple[int, int]:
    columns, lines = 0, 0
    with suppress(OSError, ValueError):  # no terminal
        columns, lines = os.get_terminal_size(sys.stdout.fileno())
    wanted = render.columns()
    narrow = columns if wanted == render.UNLIMITED else wanted
    return narrow or FALLBACK_SIZE[0], lines or FALLBACK_SIZE[1]
