"""What a plugin contributes, and reading it from the ``provides`` part of a manifest.

What always holds of what was read: names are unique within their kind, and every hook's name
is an event or a pattern that can match one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from yesman.model import manifest_fields as fields
from yesman.model.manifest_schema import (
    EVENT_FAMILIES,
    EVENT_NAMES,
    HANDLER,
    INTERFACE,
    NAME,
    NAME_RULE,
    is_event_pattern,
    keys,
)
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.strict_yaml import Mapping, Node


class Option(msgspec.Struct, frozen=True):
    """One option of a command, as recorded when the plugin was activated at install.

    ``name`` and ``short`` hold their dashes; ``type`` is ``str``, ``int``, ``float``,
    ``bool``, ``path`` or another word of the author API; ``default`` is JSON data.
    """

    name: str
    short: str | None = None
    type: str = "str"
    default: Any = None
    required: bool = False
    multiple: bool = False
    is_flag: bool = False
    help: str = ""


class DeclaredCommand(msgspec.Struct, frozen=True):
    """A command; ``handler`` names a method of the plugin, else a function in ``src/commands.py``."""

    name: str
    description: str = ""
    handler: str | None = None


class DeclaredHook(msgspec.Struct, frozen=True):
    """A hook on the event or pattern ``name``; ``handler`` as for commands, in ``src/hooks.py``."""

    name: str
    handler: str | None = None


class DeclaredProvider(msgspec.Struct, frozen=True):
    """A service provider, and the name of the interface class it implements."""

    name: str
    interface: str


_Declared = TypeVar("_Declared", DeclaredCommand, DeclaredHook, DeclaredProvider)
Provided = tuple[tuple[DeclaredCommand, ...], tuple[DeclaredHook, ...], tuple[DeclaredProvider, ...]]


def read_provides(node: Node | None) -> Provided:
    """Read the node of the key ``provides``: a list of maps, each with one kind as its key.

    Raises:
        AuthorError: Something in it is not a contribution.
    """
    lists: dict[str, list[Node]] = {"commands": [], "hooks": [], "providers": []}
    for item in fields.sequence(node):
        entry = fields.mapping(item, keys("provides", "[]"))
        if len(entry.entries) != 1:
            raise item.error(
                f"{shown(item.path)} must have one key, but has {len(entry.entries)}",
                "Start each of 'commands', 'hooks' and 'providers' with its own '-'",
            )
        for kind, contributions in entry.entries.items():
            lists[kind].extend(fields.sequence(contributions))
    return (
        _unique(lists["commands"], _command, "command"),
        _unique(lists["hooks"], _hook, "hook"),
        _unique(lists["providers"], _provider, "provider"),
    )


def _unique(nodes: list[Node], read: Callable[[Node], _Declared], what: str) -> tuple[_Declared, ...]:
    found: dict[str, _Declared] = {}
    for node in nodes:
        declared = read(node)
        if declared.name in found:
            raise node.error(f"the {what} '{declared.name}' is declared twice")
        found[declared.name] = declared
    return tuple(found.values())


def _command(node: Node) -> DeclaredCommand:
    entry = fields.mapping(node, keys("provides", "[]", "commands", "[]"))
    name = fields.matching(fields.required(entry, "name"), NAME, "command name", NAME_RULE)
    written = entry.entries.get("description")
    return DeclaredCommand(name, fields.text(written) if written else "", _handler(entry))


def _hook(node: Node) -> DeclaredHook:
    entry = fields.mapping(node, keys("provides", "[]", "hooks", "[]"))
    written = fields.required(entry, "name")
    name = fields.text(written)
    if not is_event_pattern(name):
        raise written.error(*unknown("event", name, EVENT_NAMES | EVENT_FAMILIES, written.inside))
    return DeclaredHook(name, _handler(entry))


def _provider(node: Node) -> DeclaredProvider:
    entry = fields.mapping(node, keys("provides", "[]", "providers", "[]"))
    name = fields.matching(fields.required(entry, "name"), NAME, "provider name", NAME_RULE)
    interface = fields.required(entry, "interface")
    rule = "Name the class, such as IVersionControlProvider"
    return DeclaredProvider(name, fields.matching(interface, INTERFACE, "interface name", rule))


def _handler(entry: Mapping) -> str | None:
    written = entry.entries.get("handler")
    if written is None:
        return None
    return fields.matching(written, HANDLER, "handler name", "Name a method or function, such as on_created")
