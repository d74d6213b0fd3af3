"""The vocabulary of ``plugin.yaml``, and the JSON Schema that editors read.

What always holds: the parser takes its keys and patterns from here, so the printed schema
and the parser cannot drift apart. The schema is the looser of the two: versions,
requirements and path scopes are judged by the parser alone.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import Any, Final

from yesman.model.hook_specs import BY_NAME
from yesman.model.interfaces import INTERFACES
from yesman.model.permissions import NAMES

PLUGIN_TYPES: Final = ("command", "hook", "provider", "ui", "integration")  # plan, "Plugin Types"
DEFAULT_TYPE: Final = "integration"  # may contribute every kind
PROPERTY_TYPES: Final = ("string", "integer", "number", "boolean", "array")
ITEM_TYPES: Final = ("string", "integer", "number", "boolean")
# What limits a value of each type, beside ``type description required default secret``.
LIMITS_OF_TYPE: Final[dict[str, frozenset[str]]] = {
    "string": frozenset({"enum", "minLength", "maxLength"}),
    "integer": frozenset({"enum", "minimum", "maximum"}),
    "number": frozenset({"enum", "minimum", "maximum"}),
    "boolean": frozenset(),
    "array": frozenset({"items"}),
}

EVENT_NAMES: Final = frozenset(BY_NAME)  # plugins publish more of them below ``plugin.NAME.``
EVENT_FAMILIES: Final = frozenset(f"{name.partition('.')[0]}.*" for name in EVENT_NAMES)
NAME: Final = r"[a-z0-9][a-z0-9-]{0,63}"
NAME_RULE: Final = "Use a-z, 0-9 and '-', at most 64 characters, starting with a letter or digit"
HANDLER: Final = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
SETTING: Final = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
HOMEPAGE: Final = r"https?://[!-~]{1,490}"
_HOOK: Final = r"[a-z0-9_.*-]{1,128}"
GLOB: Final = r"[A-Za-z0-9_.*?\[\]!-]{1,128}"
GLOB_RULE: Final = "Write it like 'work-*', without spaces"
SLOTS: Final = ("tab", "session")  # where a panel is shown, the usual place first
MAX_NEIGHBOURS: Final = 20
MAX_PRIORITY: Final = 100
MAX_CONCURRENCY: Final = 16
_OWN_EVENT: Final = re.compile(r"plugin\.[a-z0-9*][a-z0-9*-]*(?:\.[a-z0-9_*-]+)+")

_HANDLER: Final = "A method of the plugin's class, or a function in src/commands.py or src/hooks.py"
_SECRECY: Final = (
    "Kept apart and never shown; without it, so is what has a name ending in token, secret, password or key"
)

MAX_TEXT: Final = 500  # characters of a description or reason
MAX_TITLE: Final = 60  # characters of a panel's title
MAX_LINE: Final = 200  # characters of a name-like text: author, license, version, requirement


def is_event_pattern(pattern: str) -> bool:
    """Tell whether a hook on ``pattern`` can ever fire.

    True for a known event, a pattern with ``*`` that matches one, and anything of the
    form ``plugin.NAME.EVENT``, which plugins publish themselves.
    """
    if not re.fullmatch(_HOOK, pattern):
        return False
    if _OWN_EVENT.fullmatch(pattern):
        return True
    return any(fnmatch.fnmatchcase(name, pattern) for name in EVENT_NAMES)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``plugin.yaml`` as plain data."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "yesman plugin manifest",
        **_closed(_top_level(), required=("name", "version")),
    }


@functools.cache
def keys(*path: str) -> frozenset[str]:
    """Return the keys allowed below ``path``; ``"[]"`` steps into list items, ``"*"`` into any key.

    The form with keys is followed where an item may also be written as plain text.
    """
    here = _closed(_top_level())
    for step in path:
        if step == "[]":
            here = here["items"]
        elif step == "*":
            here = here["additionalProperties"]
        else:
            here = here["properties"][step]
        here = next((form for form in here.get("anyOf", ()) if "properties" in form), here)
    return frozenset(here["properties"])


def _top_level() -> dict[str, Any]:
    return {
        "name": {**_pattern(NAME), "description": "What users type to install it"},
        "version": {**_text(MAX_LINE), "description": "As in PEP 440; quote it when it looks like a number"},
        "author": {**_text(MAX_LINE), "description": "Shown with the words 'as the plugin says'"},
        "description": {**_text(), "description": "What it does, in one line"},
        "homepage": {**_pattern(HOMEPAGE), "description": "Where to read more"},
        "license": {**_text(MAX_LINE), "description": "An SPDX identifier"},
        "yesman": {**_versions(), "description": "Which versions of yesman it works with, ends included"},
        "type": {
            "enum": list(PLUGIN_TYPES),
            "default": DEFAULT_TYPE,
            "description": "How it is presented; each may contribute every kind",
        },
        "provides": {**_list(_provided()), "description": "What it contributes"},
        "dependencies": {**_dependencies(), "description": "What it needs: packages, other plugins"},
        "permissions": {**_list(_permission()), "description": "What it may do, if the user agrees"},
        "config": {**_config(), "description": "Its settings"},
        "activation": {**_activation(), "description": "When it is started; without, when it is needed"},
    }


def _versions() -> dict[str, Any]:
    return _closed({"min_version": _text(MAX_LINE), "max_version": _text(MAX_LINE)})


def _activation() -> dict[str, Any]:
    startup = {"type": "boolean", "default": False, "description": "Start it with the server"}
    return _closed({"on_startup": startup})


def _dependencies() -> dict[str, Any]:
    packages = {**_list(_text(MAX_LINE)), "description": "Requirements as in PEP 508, without URLs"}
    plugins = {**_list(_text(MAX_LINE)), "maxItems": MAX_NEIGHBOURS, "description": "Like name>=1.0,<2"}
    return {"anyOf": [packages, _closed({"packages": packages, "plugins": plugins})]}


def _provided() -> dict[str, Any]:
    handler = {**_pattern(HANDLER), "description": _HANDLER}
    command = {
        "name": {**_pattern(NAME), "description": "What users type after 'yesman'"},
        "description": {**_text(), "description": "What help says of it"},
        "handler": handler,
    }
    event = {**_pattern(_HOOK), "description": "The event, or a pattern such as session.*"}
    hook = {"name": event, "handler": handler, **_hook_wishes()}
    provider = {
        "name": {**_pattern(NAME), "description": "What others call it by"},
        "interface": {"enum": sorted(INTERFACES), "description": "What it can do"},
    }
    panel = {
        "name": {**_pattern(NAME), "description": "What the plugin calls it"},
        "title": {**_text(MAX_TITLE), "description": "What people call it"},
        "slot": {
            "enum": list(SLOTS),
            "default": SLOTS[0],
            "description": "By itself, or with each session",
        },
    }
    kinds = {
        "commands": {**_list(_closed(command, required=("name",))), "description": "Commands"},
        "hooks": {**_list(_closed(hook, required=("name",))), "description": "Hooks on events"},
        "providers": {
            **_list(_closed(provider, required=("name", "interface"))),
            "description": "Services for other plugins",
        },
        "panels": {
            **_list(_closed(panel, required=("name", "title"))),
            "description": "Panels of the dashboards",
        },
    }
    return {**_closed(kinds), "minProperties": 1, "maxProperties": 1}


def _hook_wishes() -> dict[str, Any]:
    plugins = {**_list(_pattern(NAME)), "maxItems": MAX_NEIGHBOURS}
    values = {"type": ["string", "number", "boolean"]}
    return {
        "priority": {
            "type": "integer",
            "minimum": -MAX_PRIORITY,
            "maximum": MAX_PRIORITY,
            "default": 0,
            "description": "Asked earlier if higher",
        },
        "before": {**plugins, "description": "Plugins that are to be asked later"},
        "after": {**plugins, "description": "Plugins that are to be asked earlier"},
        "on_error": {"enum": ["closed"], "description": "If this handler fails, it counts as a denial"},
        "session": {**_pattern(GLOB), "description": "Only events of sessions whose name matches"},
        "where": {
            "type": "object",
            "additionalProperties": values,
            "description": "Only events whose payload has these values",
        },
        "durable": {
            "type": "boolean",
            "default": False,
            "description": "Kept until handled, across restarts",
        },
        "concurrency": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_CONCURRENCY,
            "default": 1,
            "description": "How many events it is given at a time",
        },
    }


def _permission() -> dict[str, Any]:
    names = "|".join(re.escape(name) for name in sorted(NAMES))
    written = _pattern(rf"(?:{names})(?::.+)?")
    named = {**written, "description": "A permission, with its scope behind a colon"}
    reason = {**_text(), "description": "Why; users read it before anything of the plugin runs"}
    return {"anyOf": [written, _closed({"name": named, "reason": reason}, required=("name",))]}


def _config() -> dict[str, Any]:
    return _closed(
        {
            "type": {"const": "object"},
            "description": _text(),
            "required": {**_list({"type": "string"}), "description": "Which of them must be set"},
            "properties": {
                "type": "object",
                "propertyNames": _pattern(SETTING),
                "additionalProperties": _property(),
                "description": "The settings by their names",
            },
        }
    )


def _property() -> dict[str, Any]:
    bounds = {key: {"type": "number", "description": "Of a number"} for key in ("minimum", "maximum")}
    length = {"type": "integer", "minimum": 0, "description": "Of a text, in characters"}
    lengths = dict.fromkeys(("minLength", "maxLength"), length)
    scalar = {"type": ["string", "number", "boolean"]}
    choices = {**_list(scalar), "minItems": 1}
    return _closed(
        {
            "type": {"enum": list(PROPERTY_TYPES), "description": "What kind of value it takes"},
            "description": {**_text(), "description": "What it is for"},
            "required": {"type": "boolean", "description": "Without it the plugin waits to be configured"},
            "secret": {"type": "boolean", "description": _SECRECY},
            "default": {
                "type": ["string", "number", "boolean", "array"],
                "items": scalar,
                "description": "Its value where the user gives none",
            },
            "enum": {**choices, "description": "The values allowed"},
            **bounds,
            **lengths,
            "items": {
                **_closed({"type": {"enum": list(ITEM_TYPES)}, "enum": choices}, required=("type",)),
                "description": "What an array holds",
            },
        },
        required=("type",),
    )


def _closed(properties: dict[str, Any], *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _text(limit: int = MAX_TEXT) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": limit}


def _pattern(expression: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{expression}$"}
