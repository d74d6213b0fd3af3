"""The tables that the code knows are those that the migrations make, in both databases."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from yesman.marketplace.cases import queue
from yesman.marketplace.database import Database
from yesman.marketplace.migrating import migrate
from yesman.marketplace.schema import metadata


def test_migrations_make_what_the_code_knows_and_change_nothing_the_second_time(own):
    migrate(own.database)
    with own.database.reading() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    # What only one database has: the search table of one, the search column of the other.
    assert [change for change in found if "search" not in str(change)] == []


BEFORE = (
    "INSERT INTO publishers (id, name, trusted) VALUES (1, 'guard', true), (2, 'bo', false)",
    """INSERT INTO plugins (id, name, publisher_id, state, created)
        VALUES (1, 'held', 1, 'quarantined', '2026-01-01T00:00:00Z'), (2, 'fine', 1, 'active', '')""",
    """INSERT INTO releases (id, plugin_id, version, canonical, quarantined, published)
        VALUES (1, 2, '1.0', '1', 'odd', '2026-02-02T00:00:00Z'), (2, 2, '1.1', '1.1', '', '')""",
    """INSERT INTO reports (id, plugin_id, publisher_id, trusted, settled)
        VALUES (1, 1, 1, true, ''), (2, 1, 2, false, '')""",
)


@pytest.mark.parametrize("kind", ["embedded", "grown"])
def test_what_waited_before_moderators_had_a_queue_waits_in_it(kind, places, tmp_path):
    database = Database(places(kind).database or f"sqlite:///{tmp_path}/market.db")
    migrate(database, "0001")
    with database.writing() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
    migrate(database)
    with database.reading() as connection:
        waiting = queue(connection, limit=9).cases
        assert [(case.name, case.waiting_since[:4]) for case in waiting] == [("held", ""), ("fine", "2026")]
        assert [(report.reporter, report.weight) for report in waiting[0].reports] == [
            ("bo", 1),
            ("guard", 2),
        ]
        assert [held.version for held in waiting[1].held] == ["1.0"]
    database.close()
