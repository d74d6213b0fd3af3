"""What was read so far: answers by their ids, and how far each file was read, in one database.

What always holds: an answer is there once, whatever number of lines and files tell of it; what a file told
and how far it was read are kept together or not at all, so that a process may be killed at any time.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from .entry import Entry, Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, inode INTEGER, offset INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, folder TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
    id TEXT PRIMARY KEY, session TEXT, model TEXT, at INTEGER, standard INTEGER,
    input INTEGER, output INTEGER, write_5m INTEGER, write_1h INTEGER, read INTEGER
) WITHOUT ROWID;
"""
KEEP = """
INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
    standard = min(standard, excluded.standard),
    input = max(input, excluded.input), output = max(output, excluded.output),
    write_5m = max(write_5m, excluded.write_5m), write_1h = max(write_1h, excluded.write_1h),
    read = max(read, excluded.read)
"""
"""Lines of one answer tell of it while it grows: the largest numbers are those of the end."""
SUMS = """
SELECT a.session, s.folder, a.model, a.standard, a.at / :slot * :slot, count(*), min(a.at), max(a.at),
    sum(input), sum(output), sum(write_5m), sum(write_1h), sum(read)
FROM answers a LEFT JOIN sessions s ON s.id = a.session
WHERE :since IS NULL OR a.at >= :since
GROUP BY a.session, a.model, a.standard, a.at / :slot
"""
SLOT = 900
"""Seconds: in every time zone midnight lies between two of these."""


class Sum(NamedTuple):
    """What answers of one session, model, rate and quarter of an hour took together; ``at`` is its begin."""

    session: str
    folder: str
    model: str
    standard: bool
    at: int | None
    answers: int
    first: int | None
    last: int | None
    tokens: Tokens


class Store:
    """The database.

    Args:
        path: Its file; one that is damaged is put aside, and everything is read again.
    """

    def __init__(self, path: Path) -> None:
        self.damaged = False
        try:
            self._open(path)
        except sqlite3.DatabaseError:
            path.replace(path.with_suffix(".damaged"))
            self.damaged = True
            self._open(path)

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=20, isolation_level=None)
        self._db.executescript(SCHEMA)

    def offset(self, path: str, inode: int, size: int) -> int:
        """Return how far a file was read: 0 where another file has taken its place."""
        row = self._db.execute("SELECT inode, offset FROM files WHERE path = ?", (path,)).fetchone()
        return row[1] if row and row[0] == inode and row[1] <= size else 0

    def keep(self, entries: list[Entry], path: str, inode: int, offset: int) -> None:
        """Keep what a file told up to an offset, together with the offset."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            rows = ((e.message, e.session, e.model, e.at, e.standard, *e.tokens) for e in entries)
            self._db.executemany(KEEP, rows)
            folders = {(e.session, e.folder) for e in entries if e.folder}
            self._db.executemany("INSERT OR IGNORE INTO sessions VALUES (?, ?)", folders)
            self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (path, inode, offset))

    def sums(self, since: int | None = None) -> Iterator[Sum]:
        """Yield what was used since then, or ever."""
        for row in self._db.execute(SUMS, {"slot": SLOT, "since": since}):
            session, folder, model, standard, at, answers, first, last, *tokens = row
            yield Sum(session, folder or "", model, bool(standard), at, answers, first, last, Tokens(*tokens))

    def close(self) -> None:
        """Close it."""
        self._db.close()
