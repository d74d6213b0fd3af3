"""The compiled index of plugin commands: one flat file, read without starting anything.

The command line reads it at every start, so it imports nothing but the standard library and
parses only what is asked for. Layout, all UTF-8::

    yesman-commands 1 <registry stamp>
    <name> TAB <plugin> TAB <offset> TAB <length> TAB <help>     one line a command
    (empty line)
    <JSON of one command> …                                      at offset, from here on

A file that is missing, torn or of another layout reads as empty: the server writes a new one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAGIC = "yesman-commands 1"


class Row(NamedTuple):
    """One command as the list of commands shows it.

    Attributes:
        name: What the user types: the command's name, or ``plugin:name`` after a clash.
        plugin: The plugin that contributes it.
        help: One line.
        offset: Where its details start in the details part.
        length: Their size in bytes.
    """

    name: str
    plugin: str
    help: str
    offset: int = 0
    length: int = 0


class CommandIndex:
    """The commands of all enabled plugins."""

    def __init__(self, rows: dict[str, Row], details: bytes, stamp: str = "") -> None:
        self.rows = rows
        self.stamp = stamp
        self._details = details

    @classmethod
    def read(cls, path: Path) -> CommandIndex:
        """Return the index at ``path``, empty when there is no sound one."""
        try:
            head, _, details = path.read_bytes().partition(b"\n\n")
            first, *lines = head.decode().split("\n")
            rows = [_parse(line) for line in lines]
            size = rows[-1].offset + rows[-1].length if rows else 0
            if not first.startswith(MAGIC + " ") or size != len(details):
                return cls({}, b"")
        except (OSError, ValueError):
            return cls({}, b"")
        return cls({row.name: row for row in rows}, details, first[len(MAGIC) + 1 :])

    def detail(self, name: str) -> dict[str, Any]:
        """Return ``{"plugin", "name", "description", "options": [...]}`` of the command typed as ``name``.

        ``name`` in the result is the plugin's own name for it. Options are as
        :meth:`yesman.plugins.PluginCommand.describe` gives them.

        Raises:
            KeyError: There is no such command.
        """
        row = self.rows[name]
        detail: dict[str, Any] = json.loads(self._details[row.offset : row.offset + row.length])
        return detail


def compile_index(commands: Iterable[tuple[str, str, dict[str, Any]]], stamp: str) -> bytes:
    """Return the file's bytes.

    Args:
        commands: ``(typed name, plugin, description as JSON data)``, in the order to list them.
        stamp: Identifies the registry this was made from.
    """
    lines, details, offset = [f"{MAGIC} {stamp}"], [], 0
    for name, plugin, description in commands:
        detail = json.dumps({"plugin": plugin, **description}, ensure_ascii=False).encode()
        summary = " ".join(description["description"].split())[:200]
        lines.append(f"{name}\t{plugin}\t{offset}\t{len(detail)}\t{summary}")
        details.append(detail)
        offset += len(detail)
    return "\n".join(lines).encode() + b"\n\n" + b"".join(details)


def _parse(line: str) -> Row:
    name, plugin, offset, length, summary = line.split("\t", 4)
    return Row(name, plugin, summary, int(offset), int(length))
