"""The same command for Click. Imported only on demand.

Required, default and flag rules are left to Click; nothing here repeats them.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import click

from yesman.plugins._options import TYPES, parameter_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.plugins._command import PluginCommand


def build(command: PluginCommand) -> click.Command:
    """Return a Click command with the same name, help, options and handler."""
    described = command.describe()
    params: list[click.Parameter] = [_option(option) for option in described["options"]]
    callback = _blocking(command.handler)
    return click.Command(command.name, help=command.description, params=params, callback=callback)


def _option(option: dict[str, Any]) -> click.Option:
    spellings = [option["name"], option["short"], parameter_name(option)]
    # A default of None is left out: Click tells "no default" from "the default is None".
    default = {} if option["default"] is None else {"default": option["default"]}
    return click.Option(
        [spelling for spelling in spellings if spelling],
        type=TYPES[option["type"]],
        required=option["required"],
        multiple=option["multiple"],
        is_flag=option["is_flag"],
        help=option["help"] or None,
        **default,
    )


def _blocking(handler: Callable[..., Any]) -> Callable[..., Any]:
    def run(**values: Any) -> Any:
        result = handler(**values)
        if not inspect.isawaitable(result) or _loop_runs():
            return result
        return asyncio.run(_finish(result))

    return run


async def _finish(result: Awaitable[Any]) -> Any:
    return await result


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
