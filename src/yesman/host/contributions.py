"""What a plugin declares against what it delivers.

What it declares and does not deliver is a warning; what it delivers and did not declare is
ignored and named. Pure: values in, values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.logs import printable
from yesman.model.errors import AuthorError
from yesman.model.manifest import Option  # noqa: TC001 - msgspec reads the annotations of _Command
from yesman.model.plain_text import shown, unsafe_character
from yesman.plugins import PluginCommand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest
    from yesman.runtime.contributed import Contributed

MAX_COMMANDS = 200
MAX_TEXT = 2_000
MAX_OPTIONS = 100
MAX_REASON = 200


class _Command(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    description: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Comparison:
    """What counts of a plugin's contributions, and what its author should hear."""

    commands: tuple[dict[str, Any], ...]
    hooks: tuple[str, ...]
    providers: tuple[str, ...]
    warnings: tuple[str, ...]


def declared_data(manifest: Manifest) -> dict[str, Any]:
    """Return the parts of the manifest that the worker resolves handlers from."""
    return {
        "commands": msgspec.to_builtins(manifest.commands),
        "hooks": msgspec.to_builtins(manifest.hooks),
        "providers": msgspec.to_builtins(manifest.providers),
    }


def declared_only(manifest: Manifest) -> tuple[dict[str, Any], ...]:
    """Return commands as far as a manifest alone tells: names, no options."""
    return tuple(
        {"name": command.name, "description": command.description, "options": []}
        for command in manifest.commands
    )


def compare(manifest: Manifest, contributed: Contributed) -> Comparison:
    """Return what of ``contributed`` was declared, with warnings for the rest.

    Raises:
        AuthorError: A contributed command is not of the form the author API makes.
    """
    delivered = {command.name: command for command in map(_checked, contributed.commands[:MAX_COMMANDS])}
    commands = {command.name for command in manifest.commands}
    hooks = {hook.name for hook in manifest.hooks}
    unmet = _unmet(manifest, contributed)
    providers = {provider.name for provider in manifest.providers} - unmet.keys()
    warnings = [
        *_differences("command", commands, delivered),
        *_differences("hook", hooks, contributed.hooks),
        *_differences("panel", {panel.name for panel in manifest.panels}, contributed.panels),
        *_differences("provider", providers, set(contributed.providers) - unmet.keys()),
        *unmet.values(),
    ]
    kept = tuple(msgspec.to_builtins(delivered[name]) for name in sorted(commands & set(delivered)))
    return Comparison(
        commands=kept,
        hooks=tuple(sorted(hooks & set(contributed.hooks))),
        providers=tuple(sorted(providers & set(contributed.providers))),
        warnings=tuple(warnings),
    )


def _unmet(manifest: Manifest, contributed: Contributed) -> dict[str, str]:
    """Return a warning for each declared provider that is not what it is declared to be."""
    return {
        declared.name: f"provider '{declared.name}' is declared as {declared.interface} and is none: "
        f"{shown(printable(contributed.unmet[declared.name]), MAX_REASON)}"
        for declared in manifest.providers
        if declared.name in contributed.unmet
    }


def _checked(data: dict[str, Any]) -> _Command:
    try:
        command = msgspec.convert(data, _Command)
    except msgspec.ValidationError as error:
        raise AuthorError(f"the plugin describes a command wrongly: {error}") from None
    _check_texts(command)
    try:
        # The author API's own checks: the plugin may have got around those on its side.
        options = msgspec.to_builtins(command.options)
        made = PluginCommand(command.name, command.description, print, list(options))
    except ValueError as error:
        raise AuthorError(f"the plugin describes a command wrongly: {printable(str(error))[:300]}") from None
    return msgspec.convert(made.describe(), _Command)


def _check_texts(command: _Command) -> None:
    name = shown(command.name)
    texts = [command.name, command.description]
    for option in command.options:
        texts += [option.name, option.help, *map(str, _defaults(option))]
    if any(len(text) > MAX_TEXT for text in texts) or len(command.options) > MAX_OPTIONS:
        raise AuthorError(
            f"the command {name} has a text longer than {MAX_TEXT} characters, or over {MAX_OPTIONS} options"
        )
    if any(unsafe_character(text, allowed="\n\t") is not None for text in texts):
        raise AuthorError(f"a text of the command {name} holds control or invisible characters")


def _defaults(option: Option) -> Sequence[object]:
    return option.default if isinstance(option.default, list | tuple) else (option.default,)


def _differences(kind: str, declared: set[str], delivered: Iterable[str]) -> list[str]:
    there = set(delivered)
    return [
        *(
            f"{kind} '{name}' is declared but the plugin does not provide it"
            for name in sorted(declared - there)
        ),
        *(
            f"{kind} '{name[:60]}' is provided but not declared in plugin.yaml, so it is ignored"
            for name in sorted(there - declared)
        ),
    ]


def typed_names(records: dict[str, Record]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return ``(name to type, plugin, command)`` of all enabled plugins.

    The first to be installed keeps a name that two want; later ones get ``plugin:name``.
    """
    taken: set[str] = set()
    rows = []
    for plugin, record in records.items():
        if not record.enabled:
            continue
        for command in record.commands:
            name = command["name"] if command["name"] not in taken else f"{plugin}:{command['name']}"
            taken.add(name)
            rows.append((name, plugin, command))
    return sorted(rows)
