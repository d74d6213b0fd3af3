"""Finds, builds and initialises the plugin's class, and lists what it contributes."""

from __future__ import annotations

import importlib
import inspect
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yesman.plugins import PluginBase, PluginCommand, PluginContext
from yesman.plugins.ui import Panel

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

ENTRY = "src.main"
MAX_MODULES = 4_000
HANDLER_MODULES = {"commands": "src.commands", "hooks": "src.hooks"}


class LoadError(Exception):
    """The plugin cannot be loaded, by its author's fault; the message says what to mend."""


@dataclass
class Loaded:
    """A live plugin: the instance and what it contributes, by name."""

    instance: PluginBase
    commands: dict[str, PluginCommand] = field(default_factory=dict)
    hooks: dict[str, Callable[..., Any]] = field(default_factory=dict)
    providers: dict[str, Any] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return what it contributes as JSON data, for the host's index."""
        return {
            "commands": [command.describe() for command in self.commands.values()],
            "hooks": sorted(self.hooks),
            "panels": sorted(self.panels),
            "exports": self._defines("export_state"),
            "imports": self._defines("import_state"),
        }

    def _defines(self, method: str) -> bool:
        return getattr(type(self.instance), method) is not getattr(PluginBase, method)


async def maybe_await(value: Any) -> Any:
    """Return ``value``, awaited first if a coroutine or other awaitable was returned."""
    return await value if inspect.isawaitable(value) else value


async def load(context: PluginContext, declared: dict[str, list[dict[str, Any]]]) -> Loaded:
    """Import the plugin's entry, build its one class and run ``initialize``.

    Args:
        context: What the plugin is given.
        declared: The manifest's commands and hooks; rows with a ``handler`` add contributions.

    Raises:
        LoadError: No entry, no class, two classes, or a contribution that makes no sense.
        Exception: Whatever the plugin's own code raises.
    """
    plugin_class = find_class(import_entry())
    instance = plugin_class(context)
    await maybe_await(instance.initialize())
    return _collect(instance, declared)


def import_entry() -> ModuleType:
    """Import ``src/main.py`` as ``src.main``."""
    try:
        return importlib.import_module(ENTRY)
    except SyntaxError as error:
        where = f"{(error.filename or '').rpartition('/src/')[2]}:{error.lineno}"
        raise LoadError(f"src/{where} is not valid Python: {error.msg}") from error
    except ModuleNotFoundError as error:
        if error.name in ("src", ENTRY):
            raise LoadError("src/main.py is missing; the plugin's entry must be there") from error
        raise LoadError(
            f"it imports '{error.name}', which is neither in its files nor in its dependencies"
        ) from error


def imported(known: set[str], code: str) -> list[str]:
    """Return the names of modules that were imported since ``known`` and are not the plugin's own.

    Args:
        known: Names of those that were there before.
        code: The plugin's folder.
    """
    found = []
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        places = [
            getattr(spec, "origin", None) or "",
            *(getattr(spec, "submodule_search_locations", None) or ()),
        ]
        if spec is not None and name not in known and not any(p.startswith(f"{code}/") for p in places):
            found.append(name)
    return found[:MAX_MODULES]


def find_class(module: ModuleType) -> type[PluginBase]:
    """Return the one concrete plugin class that ``module`` defines or imports from the plugin's own code."""
    own = {
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, PluginBase)
        and value.__module__.partition(".")[0] == "src"
    }
    leaves = sorted(
        (c for c in own if not any(c is not other and issubclass(other, c) for other in own)),
        key=lambda c: c.__name__,
    )
    if not leaves:
        raise LoadError("src/main.py defines no plugin class; derive one from yesman.plugins.CommandPlugin")
    if len(leaves) > 1:
        names = " and ".join(c.__name__ for c in leaves)
        raise LoadError(f"src/main.py defines {len(leaves)} plugin classes ({names}); keep one")
    missing = sorted(leaves[0].__abstractmethods__)
    if missing:
        raise LoadError(f"class {leaves[0].__name__} does not define {', '.join(missing)}()")
    return leaves[0]


def _collect(instance: PluginBase, declared: dict[str, list[dict[str, Any]]]) -> Loaded:
    loaded = Loaded(instance)
    for command in instance.get_commands() or []:
        if not isinstance(command, PluginCommand):
            raise LoadError(f"get_commands() must return PluginCommand objects, not {type(command).__name__}")
        if command.name in loaded.commands:
            raise LoadError(f"get_commands() names '{command.name}' twice")
        loaded.commands[command.name] = command
    hooks = instance.get_hooks() or {}
    for name, handler in hooks.items():
        if not callable(handler):
            raise LoadError(f"get_hooks() gives '{name}' something that cannot be called")
    loaded.hooks.update(hooks)
    _collect_named(loaded, declared)
    loaded.providers |= {str(name): provider for name, provider in (instance.get_providers() or {}).items()}
    loaded.panels |= _panels(instance)
    return loaded


def _panels(instance: PluginBase) -> dict[str, Panel]:
    found: dict[str, Panel] = {}
    for panel in instance.get_panels() or []:
        if not isinstance(panel, Panel):
            raise LoadError(f"get_panels() must return ui.Panel objects, not {type(panel).__name__}")
        if panel.name in found:
            raise LoadError(f"get_panels() names '{panel.name}' twice")
        found[str(panel.name)] = panel
    return found


def _collect_named(loaded: Loaded, declared: dict[str, list[dict[str, Any]]]) -> None:
    """Add what only the manifest names, by ``handler``, where that is to be found."""
    for row in declared.get("commands", ()):
        wanted = row.get("handler") and row["name"] not in loaded.commands
        if wanted and (found := _handler(loaded.instance, "commands", row["handler"])):
            loaded.commands[row["name"]] = PluginCommand(row["name"], row["description"], found)
    for row in declared.get("hooks", ()):
        if not row.get("handler") or row["name"] in loaded.hooks:
            continue
        if found := _handler(loaded.instance, "hooks", row["handler"]):
            loaded.hooks[row["name"]] = found
        elif row.get("on_error") == "closed":  # whoever relies on it must not be left with a warning
            raise LoadError(f"the handler '{row['handler']}' of a hook that fails closed is nowhere")


def public_method(instance: PluginBase, name: str) -> Callable[..., Any]:
    """Return the method ``name`` of a plugin.

    Raises:
        AttributeError: There is none, or it is private.
    """
    method = None if name.startswith("_") else getattr(instance, name, None)
    if not callable(method):
        raise AttributeError(f"{type(instance).__name__} has no public method '{name}'")  # noqa: TRY004 - it is not there
    return method  # type: ignore[no-any-return]  # narrowed to callable only


def _handler(instance: PluginBase, kind: str, name: str) -> Callable[..., Any] | None:
    """Resolve a manifest's ``handler``: a method of the class, else a function in ``src/<kind>.py``.

    One that is nowhere is not delivered, of which the host warns (design §6); the plugin's log says why.
    """
    method = getattr(instance, name, None)
    if callable(method):
        return method  # type: ignore[no-any-return]  # narrowed to callable only
    module = HANDLER_MODULES[kind]
    try:
        function = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        if error.name != module:  # it is there, and lacks something itself
            raise
        function = None
    if callable(function):
        return function  # type: ignore[no-any-return]  # same
    instance.context.logger.warning(
        "plugin.yaml names the handler '%s', which is neither a method of %s nor a function in src/%s.py",
        name,
        type(instance).__name__,
        kind,
    )
    return None
