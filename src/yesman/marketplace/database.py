"""The connection to SQLite or PostgreSQL: the same tables, transactions and waiting behaviour in both.

What always holds: who writes has the only place to write from the start of the transaction (SQLite), or the
rows it changes (PostgreSQL); and what a transaction committed survives the process that did.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from yesman.model.errors import PlatformError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

CONNECTIONS: Final = 8
WAIT_SECONDS: Final = 30
_LOCK: Final = 0x7965736D  # of PostgreSQL's advisory locks; the name of this project


class Database:
    """One database.

    Args:
        url: ``sqlite:////absolute/path`` or ``postgresql://…``.

    Raises:
        UsageError: It is neither.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise UsageError("The database's URL cannot be read", _FORMS) from None
        kind = parsed.get_backend_name()
        if kind not in ("sqlite", "postgresql") or (kind == "sqlite" and not parsed.database):
            raise UsageError(f"Databases of the kind '{kind}' are not supported", _FORMS)
        self.is_sqlite = kind == "sqlite"
        self.file = Path(str(parsed.database)) if self.is_sqlite else None
        self.engine = _engine(parsed.set(drivername="sqlite" if self.is_sqlite else "postgresql+psycopg"))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.engine.connect() as connection, explained():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are committed together at the end, or not at all."""
        with explained(), self.engine.connect() as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process (or thread) is in here, on any machine that uses this database."""
        if self.file is not None:
            with _file_lock(self.file.with_name(f"{self.file.name}.publishing")):
                yield
            return
        with explained(), self.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            try:
                yield
            finally:
                # Ends with the connection as well, if this process does not come here.
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


_FORMS: Final = "Use sqlite:////PATH or postgresql://USER@HOST/NAME"


def _engine(url: Any) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, pool_pre_ping=True)
    arguments = {"timeout": WAIT_SECONDS, "check_same_thread": False}
    engine = create_engine(url, pool_size=CONNECTIONS, max_overflow=CONNECTIONS, connect_args=arguments)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Leave transactions to us, write ahead, and make commits durable (sqlite.org/wal.html)."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8000"):
        connection.execute(f"PRAGMA {pragma}").close()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def explained() -> Iterator[None]:
    """Turn a database that is away, full or locked into one sentence.

    Raises:
        PlatformError: It is. What was being written is not.
    """
    try:
        yield
    except DBAPIError as error:
        if not error.connection_invalidated and type(error).__name__ != "OperationalError":
            raise
        raise PlatformError("The database does not answer", "Try again; its operator sees why") from error
