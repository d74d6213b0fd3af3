"""The ledger's file: its tables, how an older one becomes a newer one, and what it refuses.

Records are only ever added. Triggers refuse changing one, and removing one that is not among
the oldest beyond the bounds; they guard against mistakes, not against the file's owner.
"""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yesman.model.errors import PlatformError, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

MIGRATIONS = (
    """
    CREATE TABLE records (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time REAL NOT NULL,
        kind TEXT NOT NULL,
        plugin TEXT NOT NULL,
        what TEXT NOT NULL,
        detail TEXT NOT NULL,
        weight INTEGER NOT NULL
    );
    CREATE INDEX weighty_records ON records (weight, id) WHERE weight > 0;
    """,
)
"""Entry N brings a file of version N (``PRAGMA user_version``) to version N + 1. Never edit, only add."""


@dataclass(frozen=True)
class Bounds:
    """How much is kept of each weight, so that what a plugin can make many of never pushes out the rest.

    Attributes:
        passing: Weight 0 (calls, denials): ids back from the newest record.
        notable: Weight 1 (crashes, keystrokes): records.
        decided: Weight 2 (what the user did): records.
    """

    passing: int = 100_000
    notable: int = 10_000
    decided: int = 10_000


_NTH = "(SELECT id FROM records WHERE weight = {} ORDER BY id DESC LIMIT 1 OFFSET {:d})"


def prune(connection: sqlite3.Connection, bounds: Bounds) -> None:
    """Remove the oldest records beyond ``bounds``, in one statement."""
    connection.execute(
        f"""
        DELETE FROM records
        WHERE weight = 0 AND id <= (SELECT max(id) FROM records) - {bounds.passing:d}
           OR weight = 1 AND id <= {_NTH.format(1, bounds.notable)}
           OR weight = 2 AND id <= {_NTH.format(2, bounds.decided)}
        """  # noqa: S608 - numbers of ours
    )


def open_for_writing(
    path: Path, bounds: Bounds, migrations: tuple[str, ...] = MIGRATIONS
) -> sqlite3.Connection:
    """Return a connection to the ledger at ``path``, made or brought up to date if need be.

    Raises:
        VerificationError: The file is no ledger, is damaged, or was written by a newer yesman.
        PlatformError: It cannot be made or written now.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        os.close(descriptor)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        raise PlatformError(
            f"{path} cannot be written: {error}", "Free some space or mend its mode"
        ) from error
    try:
        _prepare(connection, path, bounds, migrations)
    except sqlite3.OperationalError as error:
        connection.close()
        raise PlatformError(
            f"{path} cannot be written: {error}", "Free some space or mend its mode"
        ) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise VerificationError(
            f"{path} cannot be read: {error}", "Restore it from a backup, or move it away to start anew"
        ) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that can change nothing.

    Raises:
        sqlite3.Error: There is no such file, or it cannot be read.
    """
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, bounds: Bounds, migrations: tuple[str, ...]) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # it waits for the disk: not between two commits
    connection.execute("PRAGMA busy_timeout = 2000")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(migrations):
        raise VerificationError(
            f"{path} was written by a newer yesman (form {version}, this one knows {len(migrations)})",
            "Update yesman, or move the file away to start anew",
        )
    script = "".join(migrations[version:]) + _triggers(bounds)
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {len(migrations)}; COMMIT;")


def _triggers(bounds: Bounds) -> str:
    """Return the triggers, made anew at each start because the bounds stand in them."""
    return f"""
    DROP TRIGGER IF EXISTS no_change;
    CREATE TRIGGER no_change BEFORE UPDATE ON records
    BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
    DROP TRIGGER IF EXISTS no_removal;
    CREATE TRIGGER no_removal BEFORE DELETE ON records
    WHEN OLD.weight = 0 AND OLD.id > (SELECT max(id) FROM records) - {bounds.passing:d}
      OR OLD.weight = 1 AND OLD.id >= coalesce({_NTH.format(1, bounds.notable - 1)}, 0)
      OR OLD.weight = 2 AND OLD.id >= coalesce({_NTH.format(2, bounds.decided - 1)}, 0)
    BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
    """  # noqa: S608 - numbers of ours
