"""The printed JSON Schema: closed at every level, and as strict as the parser about keys."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from yesman.model.hook_specs import SPECS
from yesman.model.manifest import json_schema, parse_manifest
from yesman.model.manifest_schema import EVENT_NAMES, is_event_pattern, keys
from yesman.model.strict_yaml import Mapping, Node, Scalar, Sequence, load

PYTHON = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


def fits(schema: dict[str, Any], value: object) -> bool:
    """Judge a value by the part of JSON Schema that ours uses."""
    kinds = schema.get("type", list(PYTHON))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(isinstance(value, PYTHON[kind]) for kind in kinds) or value not in schema.get("enum", [value]):
        return False
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return False
    if isinstance(value, list) and not all(fits(schema.get("items", {}), item) for item in value):
        return False
    if isinstance(value, dict) and not fits_object(schema, value):
        return False
    return not schema.get("anyOf") or any(fits(form, value) for form in schema["anyOf"])


def fits_object(schema: dict[str, Any], value: dict[str, object]) -> bool:
    other = schema.get("additionalProperties", {})
    return set(schema.get("required", ())) <= value.keys() and all(
        fits(schema["properties"][key], entry)
        if key in schema.get("properties", {})
        else other is not False and fits(other, entry)
        for key, entry in value.items()
    )


def data_of(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [data_of(item) for item in node.items]
    assert isinstance(node, Mapping)
    return {key: data_of(value) for key, value in node.entries.items()}


def test_the_plans_example_fits_the_schema(plan_text: str) -> None:
    (example,) = re.findall(r"```yaml\n(# plugin\.yaml\n.*?)```", plan_text, re.DOTALL)
    assert fits(json_schema(), data_of(load(example.encode())))


def test_a_manifest_with_every_key_fits_the_schema(whole: str) -> None:
    assert fits(json_schema(), data_of(load(whole.encode())))
    assert keys() == data_of(load(whole.encode())).keys()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("permissions:", "permisions:"),
        ("min_version", "minimum_version"),
        ("- hooks:", "- hook:"),
        ("handler: show", "handlr: show"),
        ("minLength", "minlength"),
        ("reason:", "why:"),
        ("on_startup", "startup"),
        ("- session.read", "- session.reed"),
        ("name: session-diary", "name: Diary"),
        ("type: hook", "type: hok"),
    ],
)
def test_schema_and_parser_refuse_the_same(whole: str, refusal: Any, old: str, new: str) -> None:
    assert refusal(old, new)
    assert not fits(json_schema(), data_of(load(whole.replace(old, new).encode())))


def test_every_level_with_named_keys_is_closed() -> None:
    def open_levels(schema: Any) -> list[object]:
        if isinstance(schema, list):
            return [found for item in schema for found in open_levels(item)]
        if not isinstance(schema, dict):
            return []
        bare = schema.get("type") == "object" and "properties" in schema
        mine = [schema] if bare and schema.get("additionalProperties") is not False else []
        return mine + [found for item in schema.values() for found in open_levels(item)]

    assert open_levels(json_schema()["properties"]) == []
    assert json_schema()["additionalProperties"] is False


def test_the_schema_is_json_and_each_call_gives_its_own_copy() -> None:
    changed = json_schema()
    changed["properties"].clear()
    assert json.loads(json.dumps(json_schema())) == json_schema() != changed
    assert parse_manifest(b"name: a\nversion: 1.0.0\n").name == "a"


@pytest.mark.parametrize(
    "pattern", ["session.create", "sess*d", "plugin.", "plugin.x.", "Session.*", "a?", "", "pane.*.x"]
)
def test_a_hook_that_can_never_fire_is_no_event_pattern(pattern: str) -> None:
    assert is_event_pattern(pattern) == (pattern == "sess*d")


def test_every_known_event_is_its_own_pattern() -> None:
    assert len(EVENT_NAMES) == len(SPECS)
    assert all(is_event_pattern(name) for name in EVENT_NAMES)
