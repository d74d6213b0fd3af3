"""Writes ``docs/reference/panels.md`` from the classes of ``yesman.plugins.ui`` and the host's bounds."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.json import schema_components

from yesman.host.panels import KEPT, MAX_LOOKS, REST_SECONDS
from yesman.model import panels
from yesman.plugins import ui

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "panels.md"
HEAD = f"""\
# Panels

What a panel shows is a tree of nodes, made of the classes below, which are those of `yesman.plugins.ui`;
each dashboard draws them. How to write one: [show a panel](../how-to/panels.md). This page is generated from
the code.

## What always holds

- A panel is rendered while somebody looks: at first, after each of its actions, and after
  `context.panels.changed()`; for each who looks at most once in {REST_SECONDS:g} s. It has the time of an
  event's handler ([limits](limits.md), `event`), and so has an action.
- Whatever goes wrong is shown in its place: an exception, too much time, a tree beyond a bound, a permission
  that is missing.
- An action is called only for what was shown, with the arguments that it was shown with: by who looks, from
  one of the last {KEPT} states that they were shown. What was filled in fits the form's schema.
- A panel in the slot `session` is told the name of the session only with `session.read` for it.
- Texts are shown, never interpreted: control characters, and those that are not seen or that turn the
  direction of writing, are made visible. HTML is text.

## Bounds

| what | at most |
|---|---|
| nodes and lines of trees | {panels.MAX_NODES:,} |
| levels | {panels.MAX_DEPTH} |
| all of it as JSON | {panels.MAX_BYTES // 1024} KiB |
| a form's schema as JSON | {panels.MAX_SCHEMA // 1024} KiB |
| panels that are looked at, of all plugins | {MAX_LOOKS} |

Beyond them the panel is an error. Bounds of single fields stand beside them.
"""
ABOVE = ("Panel", "View", "Act", "Action")
HUGE = 1e300
"""A bound that only keeps numbers finite."""
LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "maxLength": "at most {:,} characters",
    "minItems": "at least {}",
    "maxItems": "at most {:,}",
    "maxProperties": "at most {}",
}


def page() -> str:
    """Return the page."""
    sections = [HEAD, "## Around the nodes", "", *map(_section, ABOVE), "## Nodes", ""]
    kinds = [name for name, value in vars(ui).items() if _is_part(value) and name not in ABOVE]
    return "\n".join([*sections, *map(_section, kinds), *_words()]).rstrip() + "\n"


def _is_part(value: object) -> bool:
    return isinstance(value, type) and dataclasses.is_dataclass(value) and value.__module__ == ui.__name__


def _section(name: str) -> str:
    kind = getattr(ui, name)
    about, _, rest = (inspect.getdoc(kind) or "").partition("\n\nAttributes:\n")
    told = dict(_attributes(rest))
    schema = _schema(name)
    lines = [f"### {name}", "", _markdown(about), "", "| field | type | |", "|---|---|---|"]
    for field in dataclasses.fields(kind):
        notes = [told.get(field.name, ""), _limits(schema.get(field.name, {})), _default(field)]
        lines.append(f"| `{field.name}` | {_type(field.type)} | {' '.join(note for note in notes if note)} |")
    return "\n".join([*lines, ""])


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"^    (\w+): (.*(?:\n {8}.*)*)", text, re.MULTILINE):
        yield found[1], _markdown(" ".join(found[2].split()))


def _markdown(text: str) -> str:
    text = re.sub(r":\w+:`(?:[\w.]*\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`").replace("|", "\\|")


def _schema(name: str) -> dict[str, Any]:
    """Return the host's bounds by field; none of what only plugins see."""
    if not hasattr(panels, name):
        return {}
    _, definitions = schema_components([getattr(panels, name)])
    found: dict[str, Any] = definitions[name]["properties"]
    return found


def _limits(schema: dict[str, Any]) -> str:
    forms = [schema, *schema.get("anyOf", ())]
    each = ((text, form[key]) for form in forms for key, text in LIMITS.items() if key in form)
    found = [text.format(limit) for text, limit in each if abs(limit) < HUGE]
    return f"{'; '.join(found).capitalize()}." if found else ""


def _type(annotation: Any) -> str:
    return f"`{annotation}`".replace("|", "\\|")


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default == () or field.default_factory is not dataclasses.MISSING:
        return "May be left out."
    return "" if field.default is dataclasses.MISSING else f"Default: `{field.default!r}`."


def _words() -> Iterator[str]:
    yield from ("## Words", "", "| | one of |", "|---|---|")
    for name in ("Tone", "Format"):
        words = ", ".join(f"`{word}`" for word in getattr(ui, name).__args__)
        yield f"| `{name}` | {words} |"
    yield "| `Cell` | a text, a number, a truth value or `None` |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
