"""The form of a plugin's settings, of its manifest's schema. A secret is never shown, only replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.model.config_schema import ConfigSchema, Property

if TYPE_CHECKING:
    from collections.abc import Mapping


def schema_of(found: Mapping[str, Any]) -> ConfigSchema:
    """Return the schema in an answer of ``plugin.show``."""
    return ConfigSchema(msgspec.convert(found["schema"], tuple[Property, ...]))


def rows(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each setting: ``field``, its value as text, and of a secret whether it is set."""
    return [
        {
            "field": field,
            "text": _text(found["config"].get(field.name)),
            "is_set": bool(found["secrets"].get(field.name)),
            "lacks": field.name in found["missing_config"],
        }
        for field in schema_of(found).properties
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
