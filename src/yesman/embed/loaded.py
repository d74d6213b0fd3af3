"""``LoadedPlugin``: a plugin that runs in its sandbox, and how an embedder uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from yesman import plugins
from yesman.plugins import IProvider, PluginCommand
from yesman.plugins._proxies import stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from yesman.embed.calls import Calls

NO_TERMINAL: Final = {"terminal": {"in": False, "out": False, "err": False}, "columns": 80, "lines": 24}
NOWHERE: Final = {"session": None, "cwd": "/", "tmux": None, "tmux_pane": None}
"""A program that calls is in no session."""


class PluginInstance:
    """Stands for the plugin's own object, which never leaves its sandbox.

    Its commands and providers have the names and options that the plugin's have; what is called is
    done there, whether or not the process it once ran in has ended meanwhile. Its hooks are
    called by the server's event bus and by nobody else.

    Args:
        name: Of the plugin.
        offered: What the server says it has: ``commands`` and ``providers``.
        calls: To the server.
    """

    def __init__(self, name: str, offered: Mapping[str, Any], calls: Calls) -> None:
        self._name = name
        self._offered = offered
        self._calls = calls

    def get_commands(self) -> list[PluginCommand]:
        """Return its commands; each ``handler`` is awaited with options by parameter name.

        What is left out has its default. A handler raises TypeError for options that do not fit,
        and else as :meth:`PluginLoader.load_plugin` does; what the plugin prints is printed.
        """
        return [self._command(row) for row in self._offered["commands"]]

    def get_providers(self) -> dict[str, IProvider]:
        """Return its providers by name, each with the methods of its interface, to be awaited.

        They raise :class:`yesman.plugins.ProviderError`.
        """
        rows = self._offered["providers"].items()
        return {
            name: stand_in(getattr(plugins, interface), partial(self._provide, name))
            for name, interface in rows
        }

    def _command(self, row: Mapping[str, Any]) -> PluginCommand:
        async def handler(**given: Any) -> Any:
            return await self._run(command, given)

        command = PluginCommand(row["name"], row["description"], handler, list(row["options"]))
        return command

    async def _run(self, command: PluginCommand, given: dict[str, Any]) -> Any:
        params = {"plugin": self._name, "command": command.name, "options": _options(command, given)}
        answer = await self._calls.call(
            "command.run", f"it ran '{command.name}'", {**params, **NO_TERMINAL, **NOWHERE}
        )
        return json.loads(answer.blob or b"null")

    async def _provide(self, provider: str, operation: str, arguments: dict[str, Any]) -> Any:
        params = {"name": provider, "operation": operation, "arguments": arguments}
        return (await self._calls.call("provider.call", f"'{provider}' did it", params)).value


@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin that was started in its sandbox.

    Attributes:
        name: Of the plugin.
        manifest: What its ``plugin.yaml`` says, and its folder as ``path``.
        module: The file of its code, ``src/main.py``; it is imported in the sandbox and nowhere else.
        instance: What its code is used by.
        venv_dir: The folder of its third-party packages, read-only; None without any.
    """

    name: str
    manifest: dict[str, Any]
    module: Path
    instance: PluginInstance
    venv_dir: Path | None


def _options(command: PluginCommand, given: dict[str, Any]) -> dict[str, Any]:
    """Return ``given`` with defaults; raise TypeError as a function with these parameters would."""
    known = {PluginCommand.parameter_name(option): option for option in command.options}
    unknown = sorted(given.keys() - known.keys())
    missing = [name for name, option in known.items() if option["required"] and name not in given]
    if unknown or missing:
        wrong = f"has no option '{unknown[0]}'" if unknown else f"needs the option '{missing[0]}'"
        raise TypeError(f"the command '{command.name}' {wrong}")
    return {name: option["default"] for name, option in known.items()} | given
