"""The rows of one database are copied into another, of whichever kind, in one transaction.

What always holds: a database that holds anything is written to only if it bears the mark of the same
attempt; and both are compared by a digest over every value of every row, in the order of their keys.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from sqlalchemy import Column, MetaData, String, Table, func, inspect, select, text

from yesman.marketplace.schema import metadata, releases
from yesman.marketplace.storage import envelope_path, package_path
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from yesman.marketplace.database import Database

SOME: Final = 500
"""Rows that are held in memory."""
_mark: Final = Table("moving", MetaData(), Column("attempt", String(64), nullable=False))


class Copied(NamedTuple):
    """How many rows, and the digest of all of them."""

    rows: int
    digest: str


def mark(database: Database, attempt: str) -> None:
    """Make an empty database one of this attempt; of what an earlier run of it wrote nothing stays.

    Raises:
        UsageError: It holds something else.
    """
    with database.reading() as connection:
        tables = inspect(connection).get_table_names()
        of = connection.execute(select(_mark)).scalars().all() if _mark.name in tables else []
    if tables and of != [attempt]:
        raise UsageError("The new database is not empty", "Choose an empty one")
    if tables:
        _wipe(database)
    with database.writing() as connection:
        _mark.create(connection, checkfirst=True)
        connection.execute(_mark.delete())
        connection.execute(_mark.insert().values(attempt=attempt))


def unmark(database: Database) -> None:
    """Make it a database like any other."""
    with database.writing() as connection:
        _mark.drop(connection, checkfirst=True)


def _wipe(database: Database) -> None:
    """Remove all but the mark; rows that must stay can be removed with their tables only."""
    with database.writing() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TABLE IF EXISTS plugins_search")
        for table in reversed(metadata.sorted_tables):
            connection.execute(text(f"DROP TABLE IF EXISTS {table.name}"))
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
        if not database.is_sqlite:
            connection.execute(text("DROP FUNCTION IF EXISTS kept()"))


def copy(old: Database, new: Database) -> Copied:
    """Copy all rows into tables that hold none but what migrations put there."""
    digest, count = hashlib.sha256(), 0
    with old.reading() as source, new.writing() as target:
        for table in reversed(metadata.sorted_tables):
            if target.execute(select(table).limit(1)).first() is not None:
                target.execute(table.delete())
        for table in metadata.sorted_tables:
            digest.update(table.name.encode())
            for some in _rows(source, table):
                digest.update(_encoded(table, some))
                target.execute(table.insert(), some)
                count += len(some)
            if not new.is_sqlite and "id" in table.c:
                _go_on_counting(target, table)
    return Copied(count, digest.hexdigest())


def digest(database: Database) -> str:
    """Return the digest of all rows, as :func:`copy` reckons it."""
    found = hashlib.sha256()
    with database.reading() as connection:
        for table in metadata.sorted_tables:
            found.update(table.name.encode())
            for some in _rows(connection, table):
                found.update(_encoded(table, some))
    return found.hexdigest()


def packages(database: Database) -> frozenset[str]:
    """Return the paths of all packages and signatures that releases name."""
    with database.reading() as connection:
        found = connection.execute(select(releases.c.sha256, releases.c.envelope)).all()
    return frozenset(
        path for row in found for path in (package_path(row.sha256), envelope_path(row.envelope))
    )


def _rows(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield all rows, some at a time, in an order that is the same in every database."""
    by_bytes = "BINARY" if connection.dialect.name == "sqlite" else "C"
    order = (
        column.collate(by_bytes) if isinstance(column.type, String) else column
        for column in table.primary_key.columns
    )
    query = select(table).order_by(*order)
    with connection.execution_options(yield_per=SOME).execute(query) as found:
        for some in found.mappings().partitions(SOME):
            yield [dict(row) for row in some]


def _encoded(table: Table, some: list[dict[str, Any]]) -> bytes:
    return msgspec.json.encode([[row[column.name] for column in table.c] for row in some])


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Have PostgreSQL give the next row the next id: the copied ones were given by the other database."""
    sequence = func.pg_get_serial_sequence(table.name, "id")
    most = select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
    connection.execute(select(func.setval(sequence, most + 1, False)))
