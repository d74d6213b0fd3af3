"""Forms: what their fields say and hold, and what was filled in as checked values. Pure.

What always holds: a field that nobody has touched reads as its default.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.model.config_schema import ConfigSchema, Property, Single

UNCHOSEN: Final = "Choose…"
CHECKED: Final = "true"
"""What a field that is on or off sends when it is on."""


def label(field: Property) -> str:
    """Return the name of a field, and whether it has to be filled in."""
    return f"{field.name} (required)" if field.required else field.name


def is_chosen(field: Property) -> bool:
    """Tell whether a field is filled in by choosing one of its values."""
    return bool(field.choices) and field.type not in {"array", "boolean"}


def text_of(value: Single) -> str:
    """Return a value as it is filled in."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def filled(field: Property) -> str:
    """Return what stands in a field at first, "" where nothing does."""
    if field.type == "boolean":
        return CHECKED if field.default else ""
    if field.default is None:
        return ""
    if not isinstance(field.default, tuple):
        # 1 may be the default where 1.0 is the choice.
        return text_of(next((choice for choice in field.choices if choice == field.default), field.default))
    items = [text_of(item) for item in field.default]
    if any(not item or "," in item or item != item.strip() or item.startswith("[") for item in items):
        return json.dumps(field.default, ensure_ascii=False)
    return ", ".join(items)


def read_fields(schema: ConfigSchema, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return what was filled in as values that fit ``schema``, with its defaults.

    Args:
        schema: The fields.
        texts: What stands in each, by name. Nothing stands in a field that was left empty, and one that is
            on or off is off then.

    Raises:
        UsageError: A field that there is not, a text that does not fit its field, or a required field
            without one.
    """
    off = {field.name: "false" for field in schema.properties if field.type == "boolean"}
    sent = off | {name: text for name, text in texts.items() if text}
    values = schema.check({name: schema.parse_text(name, text) for name, text in sent.items()})
    if lacking := schema.missing(values):
        raise UsageError(f"the form lacks {', '.join(lacking)}")
    return values
