"""Reads what is new in the logs below a folder into the store.

What always holds: only regular files that end in ``.jsonl`` are read, links are not followed; a file that
cannot be read, or goes away meanwhile, keeps no other from being read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from .entry import Entry, parse
from .lines import whole_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .store import Store

DEPTH = 4
"""Folders deep: a project's, a session's, and that of the agents it started."""
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
BATCH = 2_000
"""Lines with usage that are kept at once."""


class Scanned(NamedTuple):
    """What was looked at: files, lines that were too long, and files that could not be read."""

    files: int = 0
    too_long: int = 0
    unreadable: int = 0


def scan(folder: Path, store: Store) -> Scanned:
    """Read what is new, oldest files first: an answer counts for the session that had it first.

    Raises:
        OSError: The folder itself cannot be read.
    """
    os.scandir(folder).close()
    found = sorted(_logs(str(folder), DEPTH), key=lambda row: row[1])
    too_long = unreadable = 0
    for path, _ in found:
        try:
            too_long += _read(path, store)
        except OSError:
            unreadable += 1
    return Scanned(len(found), too_long, unreadable)


def _logs(folder: str, depth: int) -> Iterator[tuple[str, float]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and depth:
            yield from _logs(entry.path, depth - 1)
        elif entry.name.endswith(".jsonl") and entry.is_file(follow_symlinks=False):
            yield entry.path, entry.stat(follow_symlinks=False).st_mtime


def _read(path: str, store: Store) -> int:
    """Read what is new in one file; return how many lines were too long."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        state = os.fstat(file.fileno())
        begin = end = store.offset(path, state.st_ino, state.st_size)
        entries: list[Entry] = []
        too_long = 0
        for line, end in whole_lines(file, begin):
            too_long += line is None
            entry = parse(line) if line else None
            entries += [entry] if entry else []
            if len(entries) >= BATCH:
                store.keep(entries, path, state.st_ino, end)
                begin, entries = end, []
    if end != begin:
        store.keep(entries, path, state.st_ino, end)
    return too_long
