"""What a plugin contributes, and reading it from the ``provides`` part of a manifest.

What always holds of what was read: names are unique within their kind, every hook's name
is an event or a pattern that can match one, and every interface is one that yesman knows.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from yesman.model import manifest_fields as fields
from yesman.model.interfaces import INTERFACES
from yesman.model.manifest_schema import (
    EVENT_FAMILIES,
    EVENT_NAMES,
    GLOB,
    GLOB_RULE,
    HANDLER,
    MAX_CONCURRENCY,
    MAX_NEIGHBOURS,
    MAX_PRIORITY,
    MAX_TITLE,
    NAME,
    NAME_RULE,
    SLOTS,
    is_event_pattern,
    keys,
)
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections import abc
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
    """A hook on the event or pattern ``name``; ``handler`` as for commands, in ``src/hooks.py``.

    Attributes:
        name: An event's name, or a pattern with ``*``.
        handler: See above.
        priority: Higher is asked earlier (:mod:`yesman.model.hook_order`).
        before: Plugins that are to be asked later.
        after: Plugins that are to be asked earlier.
        on_error: ``closed`` if failing counts as a denial, "" for what the event's spec says.
        session: A glob for the session's name, "" for any and for none.
        where: Values that the payload must have.
        durable: Whether its events are kept until it has handled them, across restarts.
        concurrency: How many of its events it is given at a time.
    """

    name: str
    handler: str | None = None
    priority: int = 0
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    on_error: str = ""
    session: str = ""
    where: dict[str, str | int | float | bool] = {}
    durable: bool = False
    concurrency: int = 1

    def wants(self, event: str, session: str | None, payload: abc.Mapping[str, object]) -> bool:
        """Tell whether this hook is for such an event."""
        return (
            fnmatchcase(event, self.name)
            and (not self.session or (session is not None and fnmatchcase(session, self.session)))
            and all(key in payload and _same(payload[key], value) for key, value in self.where.items())
        )


class DeclaredProvider(msgspec.Struct, frozen=True):
    """A service provider, and the name of the interface class it implements."""

    name: str
    interface: str


class DeclaredPanel(msgspec.Struct, frozen=True):
    """A panel of the dashboards.

    Attributes:
        name: What the plugin calls it.
        title: What people call it.
        slot: ``tab`` if it stands by itself, ``session`` if it belongs to each session.
    """

    name: str
    title: str
    slot: str = "tab"


_Declared = TypeVar("_Declared", DeclaredCommand, DeclaredHook, DeclaredProvider, DeclaredPanel)


class Provided(NamedTuple):
    """All that a manifest declares to contribute."""

    commands: tuple[DeclaredCommand, ...]
    hooks: tuple[DeclaredHook, ...]
    providers: tuple[DeclaredProvider, ...]
    panels: tuple[DeclaredPanel, ...]


def read_provides(node: Node | None) -> Provided:
    """Read the node of the key ``provides``: a list of maps, each with one kind as its key.

    Raises:
        AuthorError: Something in it is not a contribution.
    """
    lists: dict[str, list[Node]] = {kind: [] for kind in Provided._fields}
    for item in fields.sequence(node):
        entry = fields.mapping(item, keys("provides", "[]"))
        if len(entry.entries) != 1:
            raise item.error(
                f"{shown(item.path)} must have one key, but has {len(entry.entries)}",
                "Start each of 'commands', 'hooks', 'providers' and 'panels' with its own '-'",
            )
        for kind, contributions in entry.entries.items():
            lists[kind].extend(fields.sequence(contributions))
    return Provided(
        _unique(lists["commands"], _command, "command"),
        _unique(lists["hooks"], _hook, "hook"),
        _unique(lists["providers"], _provider, "provider"),
        _unique(lists["panels"], _panel, "panel"),
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
    return DeclaredHook(name, _handler(entry), **_wishes(entry))


def _wishes(entry: Mapping) -> dict[str, Any]:
    """Return what a hook says of itself beside its name and handler; absent keys are left out."""
    read: dict[str, Callable[[Node], Any]] = {
        "priority": lambda node: _whole(node, -MAX_PRIORITY, MAX_PRIORITY),
        "before": _plugins,
        "after": _plugins,
        "on_error": lambda node: fields.choice(node, "word for 'on_error'", ("closed",)),
        "session": lambda node: fields.matching(node, GLOB, "pattern of session names", GLOB_RULE),
        "where": _values,
        "durable": fields.boolean,
        "concurrency": lambda node: _whole(node, 1, MAX_CONCURRENCY),
    }
    wishes = {key: read[key](node) for key, node in entry.entries.items() if key in read}
    both = set(wishes.get("before", ())) & set(wishes.get("after", ()))
    if both:
        name = min(both)
        raise entry.entries["after"].error(f"'{name}' cannot come both before and after", "Keep one of them")
    return wishes


def _whole(node: Node, least: int, most: int) -> int:
    value = fields.number(node)
    if not isinstance(value, int) or not least <= value <= most:
        raise node.error(f"{shown(node.path)} must be a whole number from {least} to {most}")
    return value


def _plugins(node: Node) -> tuple[str, ...]:
    items = fields.sequence(node)
    if len(items) > MAX_NEIGHBOURS:
        raise node.error(f"{shown(node.path)} names more than {MAX_NEIGHBOURS} plugins")
    return tuple(fields.matching(item, NAME, "plugin name", NAME_RULE) for item in items)


def _values(node: Node) -> dict[str, str | int | float | bool]:
    return {key: _value(inner) for key, inner in fields.mapping(node).entries.items()}


def _value(node: Node) -> str | int | float | bool:
    value = fields.scalar(node).value
    return value if isinstance(value, bool | int | float) else fields.text(node)


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _provider(node: Node) -> DeclaredProvider:
    entry = fields.mapping(node, keys("provides", "[]", "providers", "[]"))
    name = fields.matching(fields.required(entry, "name"), NAME, "provider name", NAME_RULE)
    interface = fields.required(entry, "interface")
    return DeclaredProvider(name, fields.choice(interface, "interface", tuple(INTERFACES)))


def _panel(node: Node) -> DeclaredPanel:
    entry = fields.mapping(node, keys("provides", "[]", "panels", "[]"))
    name = fields.matching(fields.required(entry, "name"), NAME, "panel name", NAME_RULE)
    title = fields.text(fields.required(entry, "title"), MAX_TITLE)
    slot = entry.entries.get("slot")
    return DeclaredPanel(name, title, fields.choice(slot, "slot", SLOTS) if slot else SLOTS[0])


def _handler(entry: Mapping) -> str | None:
    written = entry.entries.get("handler")
    if written is None:
        return None
    return fields.matching(written, HANDLER, "handler name", "Name a method or function, such as on_created")
