"""Values for what a test says nothing about: settings that must have one, and fields of an event.

No I/O. Every value fits the schema it was made for; the same schema always gives the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.model.errors import UsageError
from yesman.model.hook_specs import BY_NAME
from yesman.model.nearmiss import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.model.config_schema import ConfigSchema, Property
    from yesman.model.hook_specs import HookSpec

PLUGINS_OWN: Final = "plugin."
_BLANKS: Final[tuple[Any, ...]] = ("", 0, False, None, [], {})


def settings(schema: ConfigSchema, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``given`` with a value for every required setting that has none."""
    missing = schema.missing(given)
    return {**given, **{p.name: _setting(p) for p in schema.properties if p.name in missing}}


def _setting(declared: Property) -> Any:
    if declared.type == "array":
        return []
    if declared.choices:
        return declared.choices[0]
    if declared.type == "string":
        text = f"test-{declared.name}".ljust(declared.min_length or 0, "-")
        return text[: declared.max_length]
    if declared.type == "boolean":
        return False
    low, high = declared.minimum, declared.maximum
    number = max(low, 0) if low is not None else 0
    return min(number, high) if high is not None else number


def spec_of(name: str) -> HookSpec | None:
    """Return what is known of an event; None of one that plugins publish.

    Raises:
        UsageError: There is no such event.
    """
    if name not in BY_NAME and not name.startswith(PLUGINS_OWN):
        raise UsageError(*unknown("event", name, BY_NAME))
    return BY_NAME.get(name)


def payload(spec: HookSpec, given: Mapping[str, Any]) -> Any:
    """Return the payload that ``spec`` names, with blanks where ``given`` has nothing.

    Raises:
        UsageError: ``given`` does not fit.
    """
    blank = {
        field.name: _blank(field.type)
        for field in msgspec.structs.fields(spec.payload)
        if field.required and field.name not in given
    }
    try:
        return msgspec.convert({**blank, **given}, spec.payload)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"that is no payload of {spec.name}: {error}", "See docs/reference/events.md"
        ) from None


def _blank(wanted: Any) -> Any:
    for value in _BLANKS:
        try:
            return msgspec.convert(value, wanted)
        except msgspec.ValidationError:
            continue
    raise UsageError(f"there is no blank {wanted}", "Give the whole payload")
