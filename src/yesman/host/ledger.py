"""The ledger: what plugins did and what they were allowed, as records that are only ever added.

Whoever records never waits: records go to a thread of the ledger's own, which commits what has
come every :data:`GATHER_SECONDS`. A commit is in the kernel's hands at once (WAL), so killing
the server loses at most what was recorded in the last tenth of a second; waiting for the disk
(checkpoints) is left to yet another thread.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from yesman.host.ledger_schema import Bounds, open_for_reading, open_for_writing, prune
from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DECIDED = 2
WEIGHTS = {
    **dict.fromkeys(("call", "denial", "end", "exceeded", "execute"), 0),
    **dict.fromkeys(("answered", "crash", "keystrokes", "quarantine", "veto"), 1),
    **dict.fromkeys(("consent", "grant", "revoke", "limits"), DECIDED),
    **dict.fromkeys(("install", "update", "rollback", "pin", "unpin", "remove"), DECIDED),
    **dict.fromkeys(("registry", "block"), DECIDED),
    **dict.fromkeys(("answer", "degraded", "bypass", "enable", "disable"), DECIDED),
}
"""The kinds, and how long they are kept (:class:`~yesman.host.ledger_schema.Bounds`)."""
GATHER_SECONDS = 0.03
RETRY_SECONDS = 2.0
MAX_WAITING = 20_000
"""Records kept in memory while the file cannot be written; those beyond are counted, not kept."""
MAX_WHAT = 300
MAX_DETAIL = 2_000
ADDED_UP = ("ms", "characters")
"""What of merged records is the sum."""
PRUNE_EVERY = 1_000
CHECKPOINT_EVERY = 2_000
"""Records after which the log beside the file is folded into it."""

_log = logging.getLogger("yesman.ledger")
_INSERT = "INSERT INTO records (time, kind, plugin, what, detail, weight) VALUES (?, ?, ?, ?, ?, ?)"


@dataclass
class Entry:
    """One record on its way.

    Attributes:
        kind: One of :data:`WEIGHTS`.
        plugin: Whom it is about.
        what: One word or name: a command, a permission, a session, a version.
        detail: JSON data, by kind (``docs/adr/0012-ledger.md``).
        time: Unix seconds.
    """

    kind: str
    plugin: str
    what: str
    detail: dict[str, Any] = field(default_factory=dict)
    time: float = field(default_factory=time.time)

    def row(self) -> tuple[object, ...]:
        """Return the columns, bounded and without what UTF-8 cannot hold."""
        detail = json.dumps(self.detail)
        if len(detail) > MAX_DETAIL:
            detail = json.dumps({"shortened": detail[:MAX_DETAIL]})
        what = self.what[:MAX_WHAT].encode(errors="backslashreplace").decode()
        return self.time, self.kind, self.plugin, what, detail, WEIGHTS[self.kind]


class Query(NamedTuple):
    """Which records.

    Attributes:
        plugin: Of one plugin.
        kind: Of one kind.
        since: Not older than this, in Unix seconds.
        after: Newer than the one with this id; then the first ``limit`` of them, else the last.
        limit: At most so many.
    """

    plugin: str | None = None
    kind: str | None = None
    since: float = 0.0
    after: int = 0
    limit: int = 100


class Ledger:
    """Writes and reads ``state.db``.

    Args:
        path: The file; made if absent.
        bounds: How much is kept.

    Raises:
        VerificationError: The file is no ledger of ours, or of a newer version.
    """

    def __init__(self, path: Path, bounds: Bounds | None = None) -> None:
        self._path = path
        self._bounds = bounds or Bounds()
        self._waiting: dict[object, Entry] = {}
        self._lost = 0
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Condition(self._guard)
        self._writing = False
        self._closing = False
        self._hurry = False
        self._since_prune = self._since_checkpoint = 0
        self._checkpointing: threading.Thread | None = None
        self.trouble = ""
        self._connection = self._try_to_open()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def add(self, entry: Entry, *, merge: object = None) -> None:
        """Record ``entry``; returns at once, whatever the disk does.

        Args:
            entry: What happened.
            merge: Entries of one batch that share this key become one, with ``count`` of them
                and the sums of :data:`ADDED_UP`; None for an entry that stands alone.
        """
        with self._guard:
            same = self._waiting.get(merge) if merge is not None else None
            if same is not None:
                _merge(same, entry)
            elif len(self._waiting) >= MAX_WAITING:
                self._lost += 1
            else:
                self._waiting[object() if merge is None else merge] = entry
            self._hurry = self._hurry or WEIGHTS[entry.kind] == DECIDED
        self._wake.set()

    async def read(self, query: Query) -> list[dict[str, Any]]:
        """Return matching records, oldest first, with everything added before this call.

        Raises:
            PlatformError: The file cannot be read.
        """
        return await asyncio.to_thread(self._read, query)

    def flush(self, seconds: float = 1.0) -> bool:
        """Wait until what was added before is committed; return whether it is."""
        self._wake.set()
        with self._idle:
            return self._idle.wait_for(lambda: not self._waiting and not self._writing, seconds)

    def close(self) -> None:
        """Commit what waits and end."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        if self._checkpointing is not None:
            self._checkpointing.join()
        if self._connection is not None:
            self._connection.close()

    # --- the ledger's thread

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait()
            time.sleep(0 if self._closing or self._hurry else GATHER_SECONDS)
            self._wake.clear()
            if not self._write():
                self._pause()
        self._write()

    def _pause(self) -> None:
        deadline = time.monotonic() + RETRY_SECONDS
        while not self._closing and time.monotonic() < deadline:
            time.sleep(GATHER_SECONDS)
        self._wake.set()

    def _write(self) -> bool:
        """Commit what waits; when that fails, keep it and return False."""
        with self._guard:
            batch, self._waiting = self._waiting, {}
            lost, self._lost = self._lost, 0
            self._writing, self._hurry = True, False
        try:
            self._commit([*batch.values(), *_gap(lost)])
        except (sqlite3.Error, PlatformError) as error:
            self._note(str(error))
            with self._guard:
                self._waiting = _joined(batch, self._waiting)
                self._lost += lost
            return False
        else:
            self._note("")
            return True
        finally:
            with self._idle:
                self._writing = False
                self._idle.notify_all()

    def _commit(self, entries: list[Entry]) -> None:
        if not entries:
            return
        if self._connection is None:
            self._connection = open_for_writing(self._path, self._bounds)
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_INSERT, [entry.row() for entry in entries])
            self._since_prune += len(entries)
            if self._since_prune >= PRUNE_EVERY:
                prune(connection, self._bounds)
                self._since_prune = 0
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._since_checkpoint += len(entries)
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self._checkpoint()

    def _checkpoint(self) -> None:
        if self._checkpointing is not None and self._checkpointing.is_alive():
            return
        self._since_checkpoint = 0
        self._checkpointing = threading.Thread(target=_fold, args=(self._path,), daemon=True)
        self._checkpointing.start()

    def _try_to_open(self) -> sqlite3.Connection | None:
        """Open the file; what a full disk or a lost folder refuses now is tried again later."""
        try:
            return open_for_writing(self._path, self._bounds)
        except PlatformError as error:
            self._note(error.message)
            return None

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            _log.error("the ledger waits: %s", trouble)
        self.trouble = trouble

    # --- reading

    def _read(self, query: Query) -> list[dict[str, Any]]:
        self.flush()
        try:
            with closing(open_for_reading(self._path)) as connection:
                rows = connection.execute(*_select(query)).fetchall()
        except sqlite3.Error as error:
            raise PlatformError(
                f"{self._path} cannot be read: {error}", "See logs/server.log, free some space and try again"
            ) from error
        keys = ("id", "time", "kind", "plugin", "what")
        return [
            {**dict(zip(keys, row[:-1], strict=True)), "detail": json.loads(row[-1])}
            for row in reversed(rows)
        ]


def _select(query: Query) -> tuple[str, dict[str, object]]:
    order = "ASC" if query.after else "DESC"
    text = f"""
        SELECT * FROM (
            SELECT id, time, kind, plugin, what, detail FROM records
            WHERE id > :after AND time >= :since
              AND (:plugin IS NULL OR plugin = :plugin) AND (:kind IS NULL OR kind = :kind)
            ORDER BY id {order} LIMIT :limit
        ) ORDER BY id DESC
    """  # noqa: S608 - one of two words of ours
    return text, query._asdict()


def _merge(into: Entry, entry: Entry) -> None:
    into.detail["count"] = into.detail.get("count", 1) + entry.detail.get("count", 1)
    for key in ADDED_UP:
        if key in entry.detail:
            into.detail[key] = round(into.detail.get(key, 0) + entry.detail[key], 3)


def _joined(old: dict[object, Entry], new: dict[object, Entry]) -> dict[object, Entry]:
    for key, entry in new.items():
        if key in old:
            _merge(old[key], entry)
        else:
            old[key] = entry
    return old


def _gap(lost: int) -> Iterable[Entry]:
    if lost:
        yield Entry("denial", "", "(records lost)", {"count": lost, "why": "the file could not be written"})


def _fold(path: Path) -> None:
    """Fold the log beside the file into it; whoever writes or reads meanwhile is not kept waiting."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error as error:
        _log.warning("the ledger's log could not be folded in: %s", error)
