"""Writes ``docs/reference/manifest.md`` from the manifest's JSON Schema; a test fails when it is stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.model.manifest_schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "manifest.md"
HEAD = """\
# The manifest, plugin.yaml

What yesman knows of a plugin without running it. `yesman plugin validate DIR` checks it and names file, line,
key and what to write instead; `yesman plugin validate --schema` prints the JSON Schema for editors, from
which this page is generated. Keys that are not listed are errors.

YAML is read strictly: no anchors, aliases, tags, merge keys or keys that stand twice.

```yaml
name: notes
version: 1.0.0
description: "Show a note of the project"
type: command
provides:
  - commands:
      - name: note
        description: "Show a note"
permissions:
  - name: session.read
    reason: "to find the folder of the session"
config:
  properties:
    file: {type: string, default: notes.md}
```
"""
LONGEST_PATTERN = 60
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
}


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *_section("Top level", json_schema())]).rstrip() + "\n"


def _section(title: str, schema: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {title}", "", "| key | value | |", "|---|---|---|")
    within = []
    for key, value in schema["properties"].items():
        told = _sentence(value.get("description", ""), required=key in schema.get("required", ()))
        yield f"| `{key}` | {_kind(value)} | {told} |"
        path = key if title == "Top level" else f"{title.strip('`')}.{key}"
        within += [(f"`{path}`", form) for form in _objects(value)]
    yield ""
    for name, form in within:
        yield from _section(name, form)


def _sentence(text: str, *, required: bool) -> str:
    parts = [text, "Required"] if required else [text]
    return " ".join(f"{part}." for part in parts if part)


def _objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what has keys of its own: a mapping, that of a list's items, that of a mapping's values."""
    for form in (schema, *schema.get("anyOf", ())):
        if "properties" in form:
            yield form
        elif form.get("type") == "array":
            yield from _objects(form["items"])
        elif isinstance(form.get("additionalProperties"), dict):
            yield from _objects(form["additionalProperties"])


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return ", or ".join(map(_kind, schema["anyOf"]))
    if "enum" in schema and isinstance(schema["enum"], list):
        named = " or ".join(f"`{value}`" for value in schema["enum"])
    elif "const" in schema:
        named = f"`{schema['const']}`"
    elif schema.get("type") == "array":
        named = f"list of: {_kind(schema['items'])}"
    else:
        named = _types(schema)
    return "; ".join([named, *_limits(schema)])


def _types(schema: dict[str, Any]) -> str:
    kinds: list[str] = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    words = {"string": "text", "object": "mapping", "boolean": "`true` or `false`", "array": "list"}
    if kinds == ["object"] and "properties" in schema:
        return "mapping, below"
    return " or ".join(words.get(kind, kind) for kind in kinds)


def _limits(schema: dict[str, Any]) -> Iterator[str]:
    for key, text in LIMITS.items():
        if key in schema and (key, schema[key]) != ("minLength", 1):
            yield text.format(schema[key])
    if len(schema.get("pattern", "")) in range(1, LONGEST_PATTERN):
        yield f"matches `{schema['pattern']}`".replace("|", "\\|")
    if "default" in schema and not isinstance(schema["default"], dict):
        yield f"default `{json.dumps(schema['default']).strip(chr(34))}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
