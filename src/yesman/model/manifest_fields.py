"""Typed access to the nodes of a manifest: each call gives the value asked for or one sentence.

What always holds: text that leaves here is one line, bounded, stripped and not empty, and
every refusal names file, line and key, and the near miss where there is one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yesman.model.manifest_schema import MAX_TEXT
from yesman.model.nearmiss import did_you_mean, unknown
from yesman.model.plain_text import shown, unsafe_character
from yesman.model.strict_yaml import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Collection

    from yesman.model.errors import AuthorError

_UNQUOTED: Final = (bool, int, float)


def mapping(node: Node, allowed: Collection[str] | None = None) -> Mapping:
    """Return ``node`` as keys and values, all keys among ``allowed`` unless that is None."""
    if not isinstance(node, Mapping):
        raise wrong_type(node, "a map of keys and values")
    for key in node.entries:
        if allowed is not None and key not in allowed:
            here = Node(node.file, node.key_lines[key], node.path)
            raise here.error(*unknown("key", key, allowed, node.inside))
    return node


def placed(node: Node, error: AuthorError) -> AuthorError:
    """Return ``error`` with file, line and key of ``node``, its near miss still at the end."""
    head, hint, near = error.message.partition("; did you mean")
    return node.error(f"{head}{node.inside}{hint}{near}", error.next_step)


def required(node: Mapping, key: str) -> Node:
    """Return the value of ``key``, which must be there."""
    if key not in node.entries:
        raise node.error(f"missing key '{key}'{node.inside}")
    return node.entries[key]


def sequence(node: Node | None) -> tuple[Node, ...]:
    """Return the items of a list; an absent list has none."""
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        raise wrong_type(node, "a list")
    return node.items


def scalar(node: Node, wanted: str = "one value") -> Scalar:
    """Return ``node`` as a single value."""
    if not isinstance(node, Scalar):
        raise wrong_type(node, wanted)
    return node


def boolean(node: Node) -> bool:
    """Return ``true`` or ``false``."""
    value = scalar(node, "true or false").value
    if not isinstance(value, bool):
        raise wrong_type(node, "true or false")
    return value


def text(node: Node, limit: int = MAX_TEXT) -> str:
    """Return one line of at most ``limit`` characters, stripped (a folded block ends in a newline)."""
    value = scalar(node, "text").value
    if not isinstance(value, str):
        raise wrong_type(node, "text")
    line = value.strip()
    if not line:
        raise node.error(f"{shown(node.path)} is empty")
    if len(line) > limit:
        raise node.error(f"{shown(node.path)} has {len(line)} characters, more than the {limit} allowed")
    if unsafe_character(line) is not None:
        raise node.error(f"{shown(node.path)} must be one line without tabs", "Fold longer text with '>'")
    return line


def matching(node: Node, pattern: str, what: str, rule: str) -> str:
    """Return text that matches ``pattern`` whole; ``what`` it is and its ``rule`` are for the refusal."""
    written = text(node)
    check_pattern(node, written, pattern, what, rule)
    return written


def check_pattern(node: Node, written: str, pattern: str, what: str, rule: str) -> None:
    """Refuse ``written`` unless it matches ``pattern`` whole; suggest the nearest spelling that does."""
    if re.fullmatch(pattern, written, re.ASCII):
        return
    fixed = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")
    hint = f"; did you mean '{fixed}'?" if re.fullmatch(pattern, fixed) else ""
    raise node.error(f"{shown(written)} in {shown(node.path)} is not a valid {what}{hint}", rule)


def number(node: Node, *, least: int | None = None) -> int | float:
    """Return a number; with ``least``, a whole number that is not below it."""
    value = scalar(node, "a number").value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(node, "a number")
    if least is not None and (not isinstance(value, int) or value < least):
        raise wrong_type(node, f"a whole number of at least {least}")
    return value


def choice(node: Node, what: str, known: Collection[str]) -> str:
    """Return one of the ``known`` words."""
    written = text(node)
    if written not in known:
        raise node.error(*unknown(what, written, known, node.inside))
    return written


def wrong_type(node: Node, wanted: str) -> AuthorError:
    """Return the error that says what stands where ``wanted`` should."""
    where = shown(node.path) if node.path else "the file"
    message = f"{where} must be {wanted}, but is {_kind(node)}"
    if isinstance(node, Scalar) and isinstance(node.value, _UNQUOTED) and wanted == "text":
        return node.error(message, f'Quote it: "{node.text}"')
    if wanted == "true or false" and isinstance(node, Scalar):
        return node.error(
            message + did_you_mean(_YES_NO.get(node.text.lower(), node.text), ("true", "false"))
        )
    return node.error(message)


_YES_NO: Final = {"yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"}


def _kind(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if not isinstance(node, Scalar):
        return "a map of keys and values"
    if node.value is None:
        return "empty"
    if isinstance(node.value, str):
        return f"the text {shown(node.value)}"
    return f"the {'word' if isinstance(node.value, bool) else 'number'} {node.text}"
