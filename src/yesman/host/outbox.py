"""Events that plugins have declared durable: kept from before the first delivery until they are handled.

``events.db`` (SQLite, WAL) holds, per plugin, the events that it has not handled yet, and the sequence
numbers handed out. What :meth:`Outbox.add` has returned from survives SIGKILL of the server, because
the kernel has it; after a power failure the last checkpoint counts. A plugin may see an event twice,
under the same id, if it or the server died while handling it; it never misses one within the bounds.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.model.errors import PlatformError, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

FORM = 1
MAX_KEPT = 100_000
"""Events kept for one plugin; beyond that the oldest are given up, and it is told of the gap."""
MAX_BYTES = 64 * 1024 * 1024
"""What they may take; beyond that likewise."""
LONGEST_LOG = 16 * 1024 * 1024
"""Bytes of the log beside the file, beyond which it is begun anew even though that waits for the disk."""
BLOCK = 10_000
"""Sequence numbers reserved at a time; those of a block that a killed server did not use are skipped."""

_SCHEMA = """
CREATE TABLE kept (plugin TEXT, seq INTEGER, event BLOB, PRIMARY KEY (plugin, seq)) WITHOUT ROWID;
CREATE TABLE reserved (seq INTEGER);
INSERT INTO reserved VALUES (0);
"""


_log = logging.getLogger("yesman.outbox")


class Kept(NamedTuple):
    """One event that waits: its sequence number, and whatever :meth:`Outbox.add` was given."""

    seq: int
    event: bytes


@dataclass
class _Weight:
    """How much is kept for one plugin."""

    events: int = 0
    bytes: int = 0

    @property
    def excessive(self) -> bool:
        return self.events > MAX_KEPT or self.bytes > MAX_BYTES


class Outbox:
    """Keeps events; every method returns as soon as the kernel has what was written.

    Args:
        path: The file; made if absent.

    Raises:
        VerificationError: The file is not one of ours, or of a newer version.
        PlatformError: It cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = _open(path)
        self._kept: defaultdict[str, _Weight] = defaultdict(_Weight)
        for plugin, *weight in self._connection.execute(
            "SELECT plugin, count(*), sum(length(event)) FROM kept GROUP BY plugin"
        ):
            self._kept[plugin] = _Weight(*weight)
        self._last: int = self._connection.execute("SELECT seq FROM reserved").fetchone()[0]
        self._reserved = self._last

    def next_sequence(self) -> int:
        """Return a number larger than every one before, those of earlier servers included.

        While the file cannot be written, a server that is started later may begin with some of them again.
        """
        if self._last >= self._reserved:
            try:
                self._run("UPDATE reserved SET seq = ?", (self._last + BLOCK,))
                self._reserved = self._last + BLOCK
            except PlatformError as error:
                _log.warning("%s", error.message)
        self._last += 1
        return self._last

    def add(self, plugin: str, kept: Kept) -> None:
        """Keep an event for ``plugin``.

        Raises:
            PlatformError: It cannot be written; nothing was kept.
        """
        self._run("INSERT INTO kept VALUES (?, ?, ?)", (plugin, *kept))
        weight = self._kept[plugin]
        weight.events += 1
        weight.bytes += len(kept.event)

    def done(self, plugin: str, seq: int) -> None:
        """Forget an event that was handled or given up."""
        query = "SELECT length(event) FROM kept WHERE plugin = ? AND seq = ?"
        for (size,) in self._run(query, (plugin, seq)):  # none, if it was given up
            self._run("DELETE FROM kept WHERE plugin = ? AND seq = ?", (plugin, seq))
            weight = self._kept[plugin]
            weight.events -= 1
            weight.bytes -= size

    def oldest(self, plugin: str, after: int, limit: int) -> list[Kept]:
        """Return the oldest events kept for ``plugin`` with numbers above ``after``."""
        query = "SELECT seq, event FROM kept WHERE plugin = ? AND seq > ? ORDER BY seq LIMIT ?"
        return [Kept(*row) for row in self._run(query, (plugin, after, limit))]

    def give_up(self, plugin: str) -> list[int]:
        """Forget the oldest events beyond :data:`MAX_KEPT`, if any; return their numbers."""
        given_up: list[int] = []
        while self._kept[plugin].excessive and (oldest := self.oldest(plugin, 0, 1)):
            self.done(plugin, oldest[0].seq)
            given_up.append(oldest[0].seq)
        return given_up

    def plugins(self) -> tuple[str, ...]:
        """Return the plugins for which something is kept."""
        return tuple(plugin for plugin, weight in self._kept.items() if weight.events)

    def forget(self, plugin: str) -> None:
        """Forget all that is kept for a plugin that was removed."""
        self._run("DELETE FROM kept WHERE plugin = ?", (plugin,))
        self._kept.pop(plugin, None)

    def fold(self) -> None:
        """Fold the log beside the file into it, by another thread: it waits for the disk, nobody for it."""
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except sqlite3.Error as error:
            _log.warning("the log of waiting events could not be folded in: %s", error)

    def shorten(self) -> None:
        """Begin the log anew if it is long: while events keep coming, folding it never reaches its end.

        Waits for the disk, for little after :meth:`fold`.
        """
        try:
            if self._path.with_name(f"{self._path.name}-wal").stat().st_size > LONGEST_LOG:
                self._run("PRAGMA wal_checkpoint(TRUNCATE)", ())
        except (OSError, PlatformError) as error:
            _log.warning("the log of waiting events could not be begun anew: %s", error)

    def close(self) -> None:
        """Close the file; what is kept stays."""
        self._connection.close()

    def _run(self, statement: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise PlatformError(
                f"{self._path} cannot be used: {error}", "Free some space or mend its mode"
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # SQLite's others take its mode
        connection = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.OperationalError) as error:
        raise PlatformError(
            f"{path} cannot be opened: {error}", "Free some space or mend its mode"
        ) from error
    try:
        _prepare(connection, path)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):
            raise PlatformError(
                f"{path} cannot be written: {error}", "Free some space or mend its mode"
            ) from error
        if isinstance(error, sqlite3.DatabaseError):
            raise VerificationError(
                f"{path} cannot be read: {error}", "Move it away; events that waited in it are lost"
            ) from error
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # it waits for the disk: not in the loop
    (form,) = connection.execute("PRAGMA user_version").fetchone()
    if form > FORM:
        raise VerificationError(
            f"{path} was written by a newer yesman (form {form}, this one knows {FORM})", "Update yesman"
        )
    if form == 0:
        connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORM}; COMMIT;")
