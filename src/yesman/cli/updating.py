"""What an update changes, as the user is shown it before they are asked; all of it is escaped and bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yesman.cli import render
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROWS: Final = 12
"""Packages, and files, that are shown before the question."""
LONGEST: Final = 400
"""Characters of a line of a file."""


def news(plugin: Mapping[str, Any]) -> Sequence[str]:
    """Return what is new in an update beside permissions, and must be agreed to, as the server calls it."""
    found: Sequence[str] = (plugin.get("difference") or {}).get("news", ())
    return found


def describe(difference: Mapping[str, Any] | None, width: int) -> list[str]:
    """Return lines about what is new, and what else is not as it was; of no update there are none."""
    if difference is None:
        return []
    lines = []
    if difference["signer"]:
        lines += ["\nIt is signed with another key of its publisher:\n", f"+ {plain(difference['signer'])}"]
    if packages := list(_packages(difference)):
        lines += ["\nIts packages are not the same:\n", *_bounded(packages, "packages", width)]
    if files := [_file(row) for row in difference["files"]]:
        rows = _bounded(files, "files", width, difference["more"])
        lines += ["\nIts files are not the same (--diff shows how):\n", *rows]
    return lines


def shown(lines: Sequence[str]) -> list[str]:
    """Return lines of a difference as a terminal may show them."""
    if not lines:
        return ["\nThere is nothing to compare it with."]
    return ["", *(plain(line[:LONGEST]) for line in lines)]


def _packages(difference: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"+ {text}" for text in difference["added"])
    yield from (f"~ {row['name']} {row['before']} becomes {row['after']}" for row in difference["moved"])
    yield from (f"- {text}" for text in difference["dropped"])


def _file(row: Mapping[str, Any]) -> str:
    mark = {"added": "+", "removed": "-"}.get(row["kind"], "~")
    if row["lines_added"] is None:
        return f"{mark} {row['path']} (no text)"
    return f"{mark} {row['path']} (+{row['lines_added']} -{row['lines_removed']} lines)"


def _bounded(texts: Sequence[str], what: str, width: int, more: int = 0) -> list[str]:
    """Return the first of a stranger's texts as lines that none of ours begin like."""
    rows = [render.wrap(plain(text), max(width - 4, render.NARROWEST)) for text in texts[:ROWS]]
    lines = [line for first, *rest in rows for line in (first, *(f"    {each}" for each in rest))]
    left = len(texts[ROWS:]) + more
    return [*lines, f"and {left} more {what}"] if left else lines
