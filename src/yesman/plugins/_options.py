"""What the options of a plugin command may say.

:func:`normalise` turns what an author wrote into complete, JSON-ready dicts, or raises ValueError
with one sentence that names the option. Normalising twice changes nothing.
"""

from __future__ import annotations

import difflib
import math
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEYS: Final = ("name", "short", "type", "default", "required", "multiple", "is_flag", "help")
TYPES: Final[dict[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
# Every plugin command gets these from the command line itself.
RESERVED: Final = frozenset({"--json", "--session", "--help", "-h"})
_LONG: Final = re.compile(r"--[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_SHORT: Final = re.compile(r"-[A-Za-z0-9]")
_MAX_NAME: Final = 64  # characters


def normalise(options: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the options with all of :data:`KEYS`, in their order.

    ``type`` becomes its name; left out, it follows ``is_flag`` or ``default``, else ``"str"``.

    Raises:
        ValueError: An option cannot be used, or two of them clash.
    """
    complete = [_one(position, option) for position, option in enumerate(options, 1)]
    _refuse_twins(complete)
    return complete


def parameter_name(option: Mapping[str, Any] | str) -> str:
    """Return the handler's parameter for an option or its name: ``--dry-run`` gives ``dry_run``."""
    name = option if isinstance(option, str) else option["name"]
    return str(name).lstrip("-").replace("-", "_").lower()


def _one(position: int, raw: Mapping[str, Any]) -> dict[str, Any]:
    label = f"option {raw.get('name', position)!r}"
    _refuse_unknown_keys(label, raw)
    name = _long(label, raw.get("name"))
    flags = {key: _yes_or_no(label, key, raw.get(key)) for key in ("required", "multiple", "is_flag")}
    kind = _type_name(label, raw, is_flag=flags["is_flag"])
    _require(kind == "bool" or not flags["is_flag"], f"{label}: a flag has type bool, not {kind}")
    _require(not (flags["is_flag"] and flags["multiple"]), f"{label} cannot be a flag and multiple")
    return {
        "name": name,
        "short": _short(label, raw.get("short")),
        "type": kind,
        "default": _default(label, raw.get("default"), kind, flags),
        **flags,
        "help": _help(label, raw.get("help")),
    }


def _refuse_unknown_keys(label: str, raw: Mapping[str, Any]) -> None:
    for key in raw:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(KEYS)}"
            raise ValueError(f"{label} has the unknown key {key!r}; {hint}")


def _long(label: str, given: object) -> str:
    name = given if isinstance(given, str) else ""
    name = name if name.startswith("-") else f"--{name}"
    usable = bool(_LONG.fullmatch(name)) and len(name) <= _MAX_NAME
    _require(usable, f"{label}: the name must look like '--title' or 'title'")
    _require(name not in RESERVED, f"{label} clashes with {name}, which every command has")
    return name


def _short(label: str, given: object) -> str | None:
    if not given:
        return None
    short = given if isinstance(given, str) else ""
    short = short if short.startswith("-") else f"-{short}"
    _require(bool(_SHORT.fullmatch(short)), f"{label}: 'short' must look like '-t', not {given!r}")
    _require(short not in RESERVED, f"{label} clashes with {short}, which every command has")
    return short


def _yes_or_no(label: str, key: str, given: object) -> bool:
    _require(
        given is None or isinstance(given, bool), f"{label}: {key!r} must be True or False, not {given!r}"
    )
    return bool(given)


def _help(label: str, given: object) -> str:
    _require(given is None or isinstance(given, str), f"{label}: 'help' must be text, not {given!r}")
    return str(given or "")


def _type_name(label: str, raw: Mapping[str, Any], *, is_flag: bool) -> str:
    given = raw.get("type")
    if given is None:
        return "bool" if is_flag else _type_of_default(raw.get("default"))
    for name, kind in TYPES.items():
        if given is kind or given == name:
            return name
    raise ValueError(f"{label}: 'type' must be one of {', '.join(TYPES)}, not {given!r}")


def _type_of_default(default: object) -> str:
    sample = default[0] if isinstance(default, list | tuple) and default else default
    name = type(sample).__name__
    return name if name in TYPES else "str"


def _default(label: str, given: object, kind: str, flags: Mapping[str, bool]) -> object:
    if given is None:
        return False if flags["is_flag"] and not flags["required"] else None
    if not flags["multiple"]:
        return _value(label, given, kind)
    if isinstance(given, list | tuple):
        return [_value(label, item, kind) for item in given]
    raise ValueError(f"{label} is multiple, so its default must be a list, not {given!r}")


def _value(label: str, given: object, kind: str) -> object:
    # Exact types: True is an int too, and only plain values are the same after a trip through JSON.
    value = float(given) if kind == "float" and type(given) is int else given
    _require(type(value) is TYPES[kind], f"{label}: the default must be of type {kind}, not {given!r}")
    finite = not isinstance(value, float) or math.isfinite(value)
    _require(finite, f"{label}: the default must be a finite number")
    return value


def _refuse_twins(options: list[dict[str, Any]]) -> None:
    seen: dict[str, str] = {}
    for option in options:
        for spelling in filter(None, (parameter_name(option), option["short"])):
            if spelling in seen:
                raise ValueError(f"options {seen[spelling]!r} and {option['name']!r} share {spelling!r}")
            seen[spelling] = option["name"]


def _require(fulfilled: bool, sentence: str) -> None:  # noqa: FBT001 - a condition, as in assert
    if not fulfilled:
        raise ValueError(sentence)
