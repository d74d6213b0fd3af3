"""Writes ``docs/reference/events.md`` from the table of events; a test fails when the page is stale."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from yesman.model import hook_specs

if TYPE_CHECKING:
    from yesman.model.hook_specs import HookSpec

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "events.md"
HEAD = """\
# Events

A plugin hears of an event through a hook that its manifest declares (`provides: - hooks:`) and `get_hooks()`
delivers, or through `event_bus.subscribe(pattern, handler)` while it runs. A handler takes one `Event`, is
sync or async, and one that fails or hangs harms no other. This page is generated from
`yesman.model.hook_specs`.

## Kinds

A *notify* event is told after the fact. The others are asked beforehand, through hooks only.

| kind | a handler may answer | outcome |
|---|---|---|
| notify | nothing | none |
| filter | a `dict` of changed payload fields | each handler sees what the one before it left |
| first | anything but `None` | the first answer; later handlers are not asked |
| veto | `Deny(reason)` | goes ahead unless somebody denies |
| vote | `Allow(option)` or `Deny(reason)` | needs an allow, no denial, no failure, and agreement |

No answer is never a yes. Who does not answer by the deadline has failed, and is stopped if it does not return
soon. The deadline counts from the question on, for all handlers of a plugin together; starting the plugin, if
it must be, comes on top. A plugin that is busy with something else by then has failed as well, but what it
does goes on.

What failing stands for is the event's `on_error`: *open*, it might as well not exist; *closed*, it has
denied. A hook may say `on_error: closed` for itself, so that nothing passes a guard that is dead. The user
passes every guard: `yesman session close NAME --no-hooks`.

Only plugins that hold the permission named are asked, and never about what they do themselves. One whose own
answer to another question has led to this one waits for the outcome and could not answer: it has failed, so
what it guards with *closed* stays forbidden. Two plugins that act in their handlers and need each other's
answer for it are cut off by the deadline.

## What a hook may say of itself

| key | meaning |
|---|---|
| `name` | an event below, a pattern such as `session.*`, or `plugin.NAME.EVENT` |
| `handler` | a method of the plugin's class or a function in `src/hooks.py`; else `get_hooks()` |
| `priority` | -100 to 100, asked earlier if higher; names break ties |
| `before`, `after` | plugins to be asked later, earlier; a cycle is refused where it closes |
| `on_error` | `closed`, see above |
| `session` | a glob: only events of sessions with such a name |
| `where` | values that the payload must have, such as `{state: waiting}` |
| `durable` | `true`: its events are kept on disk until handled, across crashes and restarts |
| `concurrency` | 1 to 16, how many events it is given at a time; by default one, in order |

Events wait for a plugin that is busy: 1 000 of them or 4 MiB. Beyond that the oldest are dropped, and the
plugin is told by `bus.gap`. Durable ones wait on disk, 100 000 of them or 64 MiB, also for a plugin that is
disabled or does not start. One may come twice, with the same `id`, to a plugin that died while handling it,
and is given up after three such deaths.

The payload is empty for a plugin that may not read the session (`session.read`).

No plugin is told that it was itself loaded, unloaded or denied something, or that it crashed.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, "## All events", "", *map(_section, hook_specs.SPECS)]).rstrip() + "\n"


def _section(spec: HookSpec) -> str:
    facts = [f"*{spec.kind.value}*"]
    if spec.kind is not hook_specs.Kind.NOTIFY:
        facts += [
            f"{spec.deadline:g} s",
            f"on error {spec.on_error}",
            f"asked of plugins with `{spec.needs}`",
        ]
    planned = " **Not emitted yet.**" if spec.planned else ""
    lines = [
        f"### `{spec.name}`",
        "",
        f"{spec.told[0].upper()}{spec.told[1:]}. {', '.join(facts)}.{planned}",
        "",
    ]
    lines += ["| field | type | |", "|---|---|---|"]
    lines += [_row(field) for field in msgspec.structs.fields(spec.payload)]
    return "\n".join([*lines, ""])


def _row(field: msgspec.structs.FieldInfo) -> str:
    schema = msgspec.json.schema(field.type)
    description = schema.pop("description")
    kinds = [part.get("type", "") for part in schema.get("anyOf", [schema])]
    items = next((part["items"]["type"] for part in schema.get("anyOf", [schema]) if "items" in part), "")
    told = " or ".join(re.sub("array", f"list of {items}s", kind) for kind in kinds)
    return f"| `{field.name}` | {told} | {description} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
