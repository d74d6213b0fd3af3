"""The settings a plugin declares, and checking what a user gives for them.

What always holds: a default fits its own property; values that :meth:`ConfigSchema.check`
returns fit the schema and are JSON data. Messages never repeat a setting's value, because
it may be a secret.

Both spellings of "required" are understood: ``required: true`` inside a property (plan
section 2) and JSON Schema's list beside ``properties``.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from yesman.model.errors import UsageError
from yesman.model.nearmiss import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

Single: TypeAlias = str | bool | int | float
Setting: TypeAlias = Single | tuple[Single, ...]

MAX_SETTING: Final = 64 * 1024  # characters of one value, items of one list
_NOUNS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
}
_PYTHON: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
}
_SECRET_ENDINGS: Final = ("token", "secret", "password", "key")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BOOLEANS: Final = {"true": True, "yes": True, "on": True, "1": True} | {
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Property(msgspec.Struct, frozen=True, kw_only=True):
    """One setting.

    ``default`` is None when there is none, since null is no setting's value. ``choices`` are
    the values allowed; for an array, those allowed for each item, which is of type ``items``.
    ``secret`` is None where the author does not say; see :attr:`is_secret`.
    """

    name: str
    type: str
    description: str = ""
    required: bool = False
    default: Setting | None = None
    secret: bool | None = None
    choices: tuple[Single, ...] = ()
    minimum: int | float | None = None
    maximum: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    items: str = "string"

    @property
    def is_secret(self) -> bool:
        """Whether its value is kept apart and never shown: as the author says, else by its name.

        ``githubToken``, ``API-KEY`` and ``apikey`` end in such a word; so does ``monkey``, whose author
        has to say that it is none.
        """
        if self.secret is not None:
            return self.secret
        return self.name.lower().rstrip("_-").endswith(_SECRET_ENDINGS)

    def problem(self, value: object) -> str | None:
        """Return what ``value`` must be and is not (such as ``"must be text"``), or None when it fits."""
        if not is_of_type(value, self.type):
            return f"must be {_NOUNS[self.type]}"
        if isinstance(value, list | tuple):
            return self._list_problem(value)
        if self.choices and not any(_same(value, allowed) for allowed in self.choices):
            return f"must be one of {', '.join(json.dumps(c, ensure_ascii=False) for c in self.choices)}"
        return self._bounds_problem(value)

    def _list_problem(self, value: list[object] | tuple[object, ...]) -> str | None:
        if not all(is_of_type(item, self.items) for item in value):
            return f"must be a list in which each item is {_NOUNS[self.items]}"
        if self.choices and not all(any(_same(item, c) for c in self.choices) for item in value):
            return f"may only hold {', '.join(json.dumps(c, ensure_ascii=False) for c in self.choices)}"
        return None if len(value) <= MAX_SETTING else f"must have at most {MAX_SETTING} items"

    def _bounds_problem(self, value: object) -> str | None:
        if isinstance(value, str):
            return self._length_problem(len(value))
        if isinstance(value, int | float):
            if self.minimum is not None and value < self.minimum:
                return f"must be at least {self.minimum}"
            if self.maximum is not None and value > self.maximum:
                return f"must be at most {self.maximum}"
        return None

    def _length_problem(self, length: int) -> str | None:
        if self.min_length is not None and length < self.min_length:
            return f"must have at least {self.min_length} characters"
        longest = MAX_SETTING if self.max_length is None else min(self.max_length, MAX_SETTING)
        return f"must have at most {longest} characters" if length > longest else None


class ConfigSchema(msgspec.Struct, frozen=True):
    """All settings of one plugin, in the order its manifest declares them."""

    properties: tuple[Property, ...] = ()
    description: str = ""

    def check(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return ``values`` with defaults applied.

        A required setting without a value is not refused here: see :meth:`missing`.

        Raises:
            UsageError: An unknown setting, or a value that does not fit.
        """
        for key, value in values.items():
            problem = self._property(key).problem(value)
            if problem:
                raise UsageError(f"the setting '{key}' {problem}")
        defaults = {p.name: _data(p.default) for p in self.properties if p.default is not None}
        return defaults | {key: _data(value) for key, value in values.items()}

    @property
    def secrets(self) -> frozenset[str]:
        """The names of settings that are secrets."""
        return frozenset(p.name for p in self.properties if p.is_secret)

    @property
    def plain(self) -> tuple[str, ...]:
        """The names of the others."""
        return tuple(p.name for p in self.properties if not p.is_secret)

    def missing(self, values: Mapping[str, object]) -> tuple[str, ...]:
        """Return the required settings that have neither a value nor a default."""
        return tuple(
            p.name for p in self.properties if p.required and p.default is None and p.name not in values
        )

    def parse_text(self, key: str, text: str) -> object:
        """Return the value that ``text`` from a command line means for setting ``key``.

        A list is written ``a,b`` or as JSON.

        Raises:
            UsageError: An unknown setting, or text that does not fit it.
        """
        wanted = self._property(key)
        value = _list(wanted.items, text) if wanted.type == "array" else _single(wanted.type, text)
        problem = wanted.problem(value)
        if problem:
            raise UsageError(f"the setting '{key}' {problem}")
        return value

    def _property(self, key: str) -> Property:
        for candidate in self.properties:
            if candidate.name == key:
                return candidate
        message, listing = unknown("setting", key, [p.name for p in self.properties])
        raise UsageError(message, listing if self.properties else "This plugin has no settings")


def is_of_type(value: object, name: str) -> bool:
    """Tell whether ``value`` is of the JSON Schema type ``name`` and can be stored as JSON.

    Booleans are no numbers; integers beyond 64 bits, infinities and half characters (what a
    command line makes of bytes that are not UTF-8) are refused.
    """
    if isinstance(value, bool) and name != "boolean":
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return False
    if isinstance(value, str) and not value.isascii() and _SURROGATE.search(value):
        return False
    return isinstance(value, _PYTHON[name])


def _same(one: object, other: object) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _data(value: Any) -> object:
    return list(value) if isinstance(value, tuple) else value


def _list(items: str, text: str) -> object:
    if text.lstrip().startswith("["):
        return _json(text)
    return [_single(items, part.strip()) for part in text.split(",")] if text.strip() else []


def _single(kind: str, text: str) -> object:
    if kind == "string":
        return text
    if kind == "boolean":
        return _BOOLEANS.get(text.strip().lower(), text)
    return _json(text) if re.fullmatch(r"-?[0-9][0-9.eE+-]{0,39}", text.strip()) else text


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None  # fits no property, so the caller names what is wanted
