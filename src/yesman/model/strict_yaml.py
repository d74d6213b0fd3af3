r"""Read YAML written by strangers into a tree that knows its lines.

What always holds of a tree from :func:`load`: it came from at most ``MAX_BYTES`` of
UTF-8, is at most ``MAX_DEPTH`` deep, its keys are unique text, and no text in it holds a
control, bidi or invisible character (newlines excepted, and tabs written as ``\t``). Anchors, aliases, merge
keys, tags and further documents are refused while they are read, so nothing ever expands.

Only the parser's events are used, no constructor. Plain scalars are resolved here, with
YAML 1.2's few words: ``yes``, ``on``, ``1:30`` and ``2024-01-01`` are text, as authors expect.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

import msgspec
import yaml

from yesman.model.errors import AuthorError
from yesman.model.plain_text import code_point, shown, unsafe_character

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 20
MAX_KEY: Final = 128  # characters of one key
LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value: TypeAlias = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER: Final = 40  # characters; checked before converting, which is quadratic
_INT64: Final = 2**63  # what every JSON reader of the registry can hold
_NOT_YAML: Final = re.compile("[^\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Node(msgspec.Struct, frozen=True):
    """One place in the file: ``line`` counts from 1, ``path`` is like ``config.properties``."""

    file: str
    line: int
    path: str

    @property
    def inside(self) -> str:
        """Where this is, for the end of a sentence: ``" in 'config.properties'"``."""
        return f" in {shown(self.path)}" if self.path else ""

    def error(self, message: str, next_step: str = "") -> AuthorError:
        """Return the author's error at this place."""
        return AuthorError(f"{self.file}:{self.line}: {message}", next_step)


class Scalar(Node, frozen=True):
    """One value; ``text`` is what was written, ``value`` what it means."""

    value: Value
    text: str


class Sequence(Node, frozen=True):
    """A list."""

    items: tuple[Node, ...]


class Mapping(Node, frozen=True):
    """Keys and values in written order, with the line of each key."""

    entries: dict[str, Node]
    key_lines: dict[str, int]


def load(data: bytes, *, file: str = "plugin.yaml", loader: Any = LOADER) -> Node:
    """Parse one YAML document.

    Args:
        data: The whole file.
        file: How errors name it.
        loader: The PyYAML loader class whose parser is used.

    Raises:
        AuthorError: The bytes are not the strict YAML described above.
    """
    start = Node(file, 1, "")
    if len(data) > MAX_BYTES:
        raise start.error(f"the file has {len(data)} bytes, more than the {MAX_BYTES} allowed")
    text = _decode(data, start)
    try:
        return _Builder(file, yaml.parse(text, Loader=loader)).document()
    except yaml.YAMLError as error:
        raise _syntax_error(error, file) from None
    except (ValueError, OverflowError) as error:
        # the pure Python scanner lets chr() and int() fail on absurd escapes and directives
        raise start.error(f"not readable as YAML: {shown(str(error))}") from None


def plain_data(node: Node) -> Any:
    """Return what is written at ``node`` and below it as dicts, lists and values."""
    if isinstance(node, Mapping):
        return {key: plain_data(value) for key, value in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain_data(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def _decode(data: bytes, start: Node) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Node(start.file, line, "").error("the file is not UTF-8 text", "Save it as UTF-8") from None
    forbidden = _NOT_YAML.search(text)
    index = forbidden.start() if forbidden else unsafe_character(text, allowed="\n\r")
    if index is not None:
        raise _refused(text[index], Node(start.file, text.count("\n", 0, index) + 1, ""))
    return text


def _refused(character: str, here: Node) -> AuthorError:
    if character == "\t":  # libyaml takes them where PyYAML's own parser does not
        return here.error("a tab is refused", "Use spaces")
    return here.error(
        f"control or invisible character {code_point(character)} is refused{here.inside}", "Remove it"
    )


def _syntax_error(error: yaml.YAMLError, file: str) -> AuthorError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "unreadable text"
    line = mark.line + 1 if mark else 1
    return Node(file, line, "").error(f"not valid YAML: {str(problem).splitlines()[0]}")


class _Builder:
    """Turns the parser's events into nodes, refusing what is not strict as it appears."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self._file = file
        self._events = events

    def document(self) -> Node:
        next(self._events)  # the stream's start
        if isinstance(event := next(self._events), yaml.StreamEndEvent):
            raise self._at(event).error("the file is empty")
        root = self._node(next(self._events), "", 1)
        next(self._events)  # the document's end
        if not isinstance(event := next(self._events), yaml.StreamEndEvent):
            raise self._at(event).error("a second document is refused", "Keep one document in the file")
        return root

    def _at(self, event: Any, path: str = "") -> Node:
        return Node(self._file, event.start_mark.line + 1, path)

    def _node(self, event: Any, path: str, depth: int) -> Node:
        here = self._at(event, path)
        _refuse_indirection(event, here)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, here)
        if depth > MAX_DEPTH:
            raise here.error(f"nested more than {MAX_DEPTH} levels deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(here, depth)
        return self._mapping(here, depth)

    def _sequence(self, here: Node, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, f"{here.path}[{len(items)}]", depth + 1))
        return Sequence(here.file, here.line, here.path, tuple(items))

    def _mapping(self, here: Node, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = _key(event, self._at(event, here.path))
            if key in entries:
                raise self._at(event).error(f"duplicate key {shown(key)}, first on line {lines[key]}")
            lines[key] = event.start_mark.line + 1
            path = f"{here.path}.{key}" if here.path else key
            entries[key] = self._node(next(self._events), path, depth + 1)
        return Mapping(here.file, here.line, here.path, entries, lines)


def _refuse_indirection(event: Any, here: Node) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise here.error(
            f"YAML anchors and aliases are refused{here.inside}", "Write the value out where it is needed"
        )
    if event.tag is not None:
        raise here.error(f"the YAML tag {shown(event.tag)} is refused{here.inside}", "Write the plain value")


def _key(event: Any, here: Node) -> str:
    _refuse_indirection(event, here)
    if not isinstance(event, yaml.ScalarEvent):
        raise here.error("a key must be plain text, not a list or a map")
    key = event.value
    if key == "<<" and event.implicit[0]:
        raise here.error(f"the YAML merge key '<<' is refused{here.inside}", "Write the keys out")
    if len(key) > MAX_KEY or unsafe_character(key) is not None:
        raise here.error(f"the key {shown(key)} is too long or holds control characters")
    return str(key)


def _scalar(event: Any, here: Node) -> Scalar:
    text: str = event.value
    index = unsafe_character(text, allowed="\t\n")
    if index is not None:
        raise _refused(text[index], here)
    value = _resolve(text, here) if event.implicit[0] else text
    return Scalar(here.file, here.line, here.path, value, text)


def _resolve(text: str, here: Node) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    if not _FLOAT.fullmatch(text):
        return text
    if len(text) > _LONGEST_NUMBER:
        _refuse_number(text, here)
    number = int(text) if _INTEGER.fullmatch(text) else float(text)
    if isinstance(number, int) and not -_INT64 <= number < _INT64:
        _refuse_number(text, here)
    if math.isinf(number):
        _refuse_number(text, here)
    return number


def _refuse_number(text: str, here: Node) -> NoReturn:
    raise here.error(
        f"the number {shown(text)}{here.inside} is out of range", "Quote it if it is meant as text"
    )
