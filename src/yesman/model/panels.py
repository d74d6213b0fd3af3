"""What a panel shows, as the host and both dashboards take it: typed, bounded, its texts harmless.

What always holds of what :func:`read_panel` returns: no text in it that is shown holds a control, bidi or
invisible character but line ends where a text may have them; it is no larger, no deeper and no longer than
the bounds below; rows are as long as their columns and series as their labels; a form's schema is one of
settings. An action's arguments, which nobody is shown, stay as they are to the last character. What has been
read reads the same once more. The nodes are those of :mod:`yesman.plugins.ui`, field by field.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from yesman.model.errors import AuthorError
from yesman.model.manifest_config import read_config
from yesman.model.plain_text import shown, unsafe_character
from yesman.model.strict_yaml import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.model.config_schema import ConfigSchema

MAX_BYTES: Final = 256 * 1024
MAX_NODES: Final = 2_000
"""Nodes, and items of trees."""
MAX_DEPTH: Final = 12
"""Nodes and items within each other, the outermost counted."""
_MAX_NESTED: Final = 3 * MAX_DEPTH + 10
"""Containers of JSON data within each other: three a level, and what a table or a schema has inside."""
MAX_SAID: Final = 2_000
"""Characters of what an action says."""
MAX_INTEGER: Final = 2**53
"""Beyond that, a browser takes one whole number for another."""
MAX_SCHEMA: Final = 8 * 1024
"""Bytes of a form's schema as JSON."""
_LONG_TEXTS: Final = frozenset({"text", "confirm", "hint"})
"""Fields whose line ends are kept, if they are not a tree's; anywhere else they become spaces."""
_VERBATIM: Final = frozenset({"arguments", "schema"})
"""Fields that are handed back as they came: to alter a file's name would be to act on another file."""
_PICTURES: Final = 0x2400  # U+2400 and following show control characters

Tone = Literal["plain", "muted", "good", "warning", "bad"]
Format = Literal["text", "number", "money", "percent", "bytes", "time", "duration"]
Line: TypeAlias = Annotated[str, Meta(max_length=2_000)]
Long: TypeAlias = Annotated[str, Meta(max_length=50_000)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_-]*\Z")]
Integer: TypeAlias = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
Cell: TypeAlias = Line | Integer | float | bool | None
Number: TypeAlias = Annotated[float, Meta(ge=-1e300, le=1e300)]


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See :class:`yesman.plugins.ui.Action`, as for all that follows."""

    name: Name
    arguments: Annotated[dict[Name, Cell], Meta(max_length=32)] = {}
    confirm: Long = ""


class _Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag=str.lower):
    """A node; its tag is its name in lower case."""


class Text(_Node, frozen=True):  # noqa: D101 - see Action
    text: Long
    tone: Tone = "plain"
    strong: bool = False


class Markdown(_Node, frozen=True):  # noqa: D101 - see Action
    text: Long


class KeyValue(_Node, frozen=True):  # noqa: D101 - see Action
    rows: Annotated[tuple[tuple[Line, Cell], ...], Meta(max_length=500)]


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):  # noqa: D101 - see Action
    label: Line
    format: Format = "text"


class Table(_Node, frozen=True):  # noqa: D101 - see Action
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=30)]
    rows: Annotated[tuple[tuple[Cell, ...], ...], Meta(max_length=1_000)]
    sort: Annotated[int, Meta(ge=0)] | None = None
    descending: bool = False
    page: Annotated[int, Meta(ge=1, le=200)] = 20
    empty: Line = "Nothing to show"


class Metric(_Node, frozen=True):  # noqa: D101 - see Action
    label: Line
    value: Cell
    format: Format = "number"
    delta: Number | None = None
    better: Literal["up", "down", ""] = ""
    trend: Annotated[tuple[Number, ...], Meta(max_length=200)] = ()


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):  # noqa: D101 - see Action
    label: Line
    values: Annotated[tuple[Number | None, ...], Meta(max_length=500)]


class Chart(_Node, frozen=True):  # noqa: D101 - see Action
    labels: Annotated[tuple[Line, ...], Meta(max_length=500)]
    series: Annotated[tuple[Series, ...], Meta(max_length=8)]
    form: Literal["line", "bar"] = "line"
    format: Format = "number"
    title: Line = ""


class Progress(_Node, frozen=True):  # noqa: D101 - see Action
    label: Line
    value: Annotated[float, Meta(ge=0, le=1)] | None = None


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):  # noqa: D101 - see Action
    text: Line
    children: tuple[Item, ...] = ()
    open: bool = False
    tone: Tone = "plain"


class Tree(_Node, frozen=True):  # noqa: D101 - see Action
    items: tuple[Item, ...]


class Log(_Node, frozen=True):  # noqa: D101 - see Action
    lines: Annotated[tuple[Line, ...], Meta(max_length=1_000)]


class Image(_Node, frozen=True):  # noqa: D101 - see Action
    asset: Annotated[
        str, Meta(max_length=200, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*\Z")
    ]
    alt: Line


class Button(_Node, frozen=True):  # noqa: D101 - see Action
    label: Line
    action: Action
    tone: Tone = "plain"


class Menu(_Node, frozen=True):  # noqa: D101 - see Action
    label: Line
    items: Annotated[tuple[Button, ...], Meta(max_length=50)]


class Form(_Node, frozen=True):  # noqa: D101 - see Action
    schema: dict[str, Any]
    action: Action
    submit: Line = "Send"

    @property
    def fields(self) -> ConfigSchema:
        """The fields.

        Raises:
            AuthorError: The schema is none.
        """
        return _schema(json.dumps(self.schema, ensure_ascii=False))


class Tab(msgspec.Struct, frozen=True, forbid_unknown_fields=True):  # noqa: D101 - see Action
    title: Line
    content: Node


class Tabs(_Node, frozen=True):  # noqa: D101 - see Action
    tabs: Annotated[tuple[Tab, ...], Meta(min_length=1, max_length=20)]


class Stack(_Node, frozen=True):  # noqa: D101 - see Action
    children: tuple[Node, ...]
    direction: Literal["down", "across"] = "down"
    title: Line = ""


class Empty(_Node, frozen=True):  # noqa: D101 - see Action
    text: Long
    hint: Long = ""


class Error(_Node, frozen=True):  # noqa: D101 - see Action
    text: Long
    hint: Long = ""


Node: TypeAlias = (
    Text
    | Markdown
    | KeyValue
    | Table
    | Metric
    | Chart
    | Progress
    | Tree
    | Log
    | Image
    | Button
    | Menu
    | Form
    | Tabs
    | Stack
    | Empty
    | Error
)
Interactive: TypeAlias = Button | Form


def read_panel(value: Any) -> Node:
    """Return the tree of a panel from JSON data of at most :data:`MAX_BYTES`.

    Raises:
        AuthorError: It is none, or beyond a bound; the message says where, as a path.
    """
    _bound_nesting(value)
    try:
        node: Node = msgspec.convert(_harmless(value), Node)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).rpartition(" - at `")
        raise _refused(problem or place, place.removesuffix("`") if problem else "$") from None
    for at, (path, part) in enumerate(walk(node)):
        if at >= MAX_NODES:
            raise _refused(f"it has more than {MAX_NODES} parts", _place(path))
        if problem := _problem(part):
            raise _refused(problem, _place(path))
        if len(_steps(path)) >= MAX_DEPTH:
            raise _refused(f"it is deeper than {MAX_DEPTH} levels", _place(path))
    return node


def read_said(value: Any) -> str:
    """Return what an action says as harmless text of at most :data:`MAX_SAID` characters, "" for nothing."""
    return _shown(value[:MAX_SAID], "\n\t") if isinstance(value, str) else ""


def walk(node: Node | Item, path: str = "") -> Iterator[tuple[str, Node | Item]]:
    """Yield every node and item of a tree, each with its path below ``node``, outermost first."""
    yield path, node
    if isinstance(node, Stack | Item):
        below: Any = [(f"children/{n}", child) for n, child in enumerate(node.children)]
    elif isinstance(node, Tabs):
        below = [(f"tabs/{n}/content", tab.content) for n, tab in enumerate(node.tabs)]
    elif isinstance(node, Tree | Menu):
        below = [(f"items/{n}", item) for n, item in enumerate(node.items)]
    else:
        return
    for step, child in below:
        yield from walk(child, f"{path}/{step}")


def pressed(node: Node, path: str) -> Interactive | None:
    """Return the button or form at ``path``, None where there is none."""
    found = next((part for here, part in walk(node) if here == path), None)
    return found if isinstance(found, Button | Form) else None


def _problem(part: Node | Item) -> str:
    if isinstance(part, Table):
        width = len(part.columns)
        if any(len(row) != width for row in part.rows):
            return f"a row does not have {width} cells"
        return "there is no such column to sort by" if part.sort is not None and part.sort >= width else ""
    if isinstance(part, Chart):
        count = len(part.labels)
        return (
            f"a series does not have {count} values"
            if any(len(s.values) != count for s in part.series)
            else ""
        )
    if isinstance(part, Form):
        try:
            return "" if part.fields.properties else "a form without fields"
        except AuthorError as error:
            return f"in a form's {error.message}"
    return ""


def _refused(problem: str, place: str) -> AuthorError:
    """Return the author's error; what the plugin wrote may stand in both, and is shown harmless and short."""
    said, where = shown(problem, 300)[1:-1], shown(place, 200)[1:-1]
    return AuthorError(f"what it shows is no panel: {said} - at `{where}`", "Its author must mend that")


def _steps(path: str) -> list[str]:
    """Return the numbers in a path of :func:`walk`, one for each step into a node."""
    return [step for step in path.split("/") if step.isdigit()]


def _place(path: str) -> str:
    """Return a path of :func:`walk` as decoders write theirs."""
    steps = path.split("/")[1:]
    return "$" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)


@lru_cache(maxsize=64)
def _schema(text: str) -> ConfigSchema:
    data = text.encode()
    if len(data) > MAX_SCHEMA:
        raise AuthorError(f"schema: it has more than {MAX_SCHEMA} bytes")
    return read_config(load(data, file="schema"))


def _bound_nesting(value: Any) -> None:
    """Refuse what is nested too deeply to be read at all."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > _MAX_NESTED:
            raise _refused(f"it is deeper than {MAX_DEPTH} levels", "$")
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]


def _harmless(value: Any, allowed: str = "") -> Any:
    if isinstance(value, str):
        return _shown(value, allowed)
    if isinstance(value, dict):
        long = _LONG_TEXTS if "kind" in value else _LONG_TEXTS - {"text"}  # an item has a text as well
        return {
            _shown(name, ""): inner if name in _VERBATIM else _harmless(inner, "\n\t" if name in long else "")
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_harmless(inner) for inner in value]
    return value


def _shown(text: str, allowed: str) -> str:
    """Return ``text`` with a harmless character for each unsafe one; a million of the same cost as one."""
    if text.isascii() and text.isprintable():
        return text
    unsafe = (c for c in set(text) if unsafe_character(c, allowed=allowed) is not None)
    return text.translate({ord(c): _picture(c) for c in unsafe})


def _picture(character: str) -> str:
    if character in "\n\t":
        return " "
    code = ord(character)
    return chr(_PICTURES + code) if code < ord(" ") else "\N{REPLACEMENT CHARACTER}"
