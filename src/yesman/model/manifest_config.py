"""Read the ``config`` part of a manifest into a :class:`ConfigSchema`.

What always holds of the result: each default and each choice fits its own property, and
every required name is a declared property.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from yesman.model import manifest_fields as fields
from yesman.model.config_schema import ConfigSchema, Property, Setting, Single, is_of_type
from yesman.model.manifest_schema import ITEM_TYPES, LIMITS_OF_TYPE, PROPERTY_TYPES, SETTING, keys
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import shown
from yesman.model.strict_yaml import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection

_COMMON: Final = frozenset({"type", "description", "required", "default", "secret"})
_SETTING_RULE: Final = "Use letters, digits, '_' and '-', at most 64, not starting with a digit or '-'"


def read_config(node: Node) -> ConfigSchema:
    """Read the node of the key ``config``.

    Raises:
        AuthorError: Something in it is not a schema of settings.
    """
    config = fields.mapping(node, keys("config"))
    if "type" in config.entries:
        fields.choice(config.entries["type"], "type", ("object",))
    properties = _declared(config.entries.get("properties"))
    demanded = _demanded(config, properties)
    return ConfigSchema(
        tuple(_property(name, entry, demanded=name in demanded) for name, entry in properties.items()),
        _description(config),
    )


def _declared(node: Node | None) -> dict[str, Node]:
    if node is None:
        return {}
    table = fields.mapping(node)
    for name, line in table.key_lines.items():
        fields.check_pattern(Node(table.file, line, table.path), name, SETTING, "setting name", _SETTING_RULE)
    return table.entries


def _demanded(config: Mapping, known: Collection[str]) -> frozenset[str]:
    names = {fields.text(item): item for item in fields.sequence(config.entries.get("required"))}
    for name, item in names.items():
        if name not in known:
            raise item.error(*unknown("property", name, known, item.inside))
    return frozenset(names)


def _description(node: Mapping) -> str:
    written = node.entries.get("description")
    return fields.text(written) if written else ""


def _property(name: str, node: Node, *, demanded: bool) -> Property:
    entry = fields.mapping(node, keys("config", "properties", "*"))
    kind = fields.choice(fields.required(entry, "type"), "type", PROPERTY_TYPES)
    _refuse_foreign_limits(entry, kind)
    items, item_type = _items(entry)
    required, secret = entry.entries.get("required"), entry.entries.get("secret")
    low, high = _bounds(entry, "minimum", "maximum", least=None)
    shortest, longest = _bounds(entry, "minLength", "maxLength", least=0)
    declared = Property(
        name=name,
        type=kind,
        description=_description(entry),
        required=(fields.boolean(required) if required else False) or demanded,
        secret=fields.boolean(secret) if secret else None,
        choices=_choices(items, item_type) if items else _choices(entry, kind),
        minimum=low,
        maximum=high,
        min_length=None if shortest is None else int(shortest),
        max_length=None if longest is None else int(longest),
        items=item_type,
    )
    return _with_default(declared, entry.entries.get("default"))


def _refuse_foreign_limits(entry: Mapping, kind: str) -> None:
    for key in entry.entries:
        if key not in _COMMON | LIMITS_OF_TYPE[kind]:
            here = Node(entry.file, entry.key_lines[key], entry.path)
            raise here.error(f"the key '{key}' in {shown(entry.path)} means nothing for the type '{kind}'")


def _items(entry: Mapping) -> tuple[Mapping | None, str]:
    if "items" not in entry.entries:
        return None, "string"
    items = fields.mapping(entry.entries["items"], keys("config", "properties", "*", "items"))
    return items, fields.choice(fields.required(items, "type"), "type", ITEM_TYPES)


def _bounds(
    entry: Mapping, lower: str, upper: str, *, least: int | None
) -> tuple[int | float | None, int | float | None]:
    low, high = (
        fields.number(entry.entries[key], least=least) if key in entry.entries else None
        for key in (lower, upper)
    )
    if low is not None and high is not None and low > high:
        raise entry.entries[lower].error(f"'{lower}' in {shown(entry.path)} is above '{upper}'")
    return low, high


def _choices(holder: Mapping, kind: str) -> tuple[Single, ...]:
    if "enum" not in holder.entries:
        return ()
    node = holder.entries["enum"]
    found = tuple(_choice(item, kind) for item in fields.sequence(node))
    if not found:
        raise node.error(f"{shown(node.path)} is empty")
    return found


def _choice(item: Node, kind: str) -> Single:
    value = fields.scalar(item).value
    if value is None or not is_of_type(value, kind):
        raise item.error(f"{shown(item.path)} does not fit the type '{kind}'", _quoting(item, kind))
    return value


def _with_default(declared: Property, node: Node | None) -> Property:
    if node is None:
        return declared
    value = _value(node)
    problem = declared.problem(value)
    if value is None or problem:
        raise node.error(f"{shown(node.path)} {problem}", _quoting(node, declared.type))
    return msgspec.structs.replace(declared, default=value)


def _value(node: Node) -> Setting | None:
    if isinstance(node, Sequence):
        values = [fields.scalar(item).value for item in node.items]
        return tuple(value for value in values if value is not None) if None not in values else None
    return fields.scalar(node).value


def _quoting(node: Node, kind: str) -> str:
    if kind != "string" or not isinstance(node, Scalar) or isinstance(node.value, str | None):
        return ""
    return f'Quote it: "{node.text}"'
