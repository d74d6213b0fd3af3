"""The ledger only grows, within bounds; whoever records never waits."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from yesman.host.ledger import MAX_WHAT, Entry, Ledger, Query
from yesman.host.ledger_schema import MIGRATIONS, Bounds, open_for_writing
from yesman.model.errors import PlatformError, VerificationError

SMALL = Bounds(passing=50, notable=5, decided=5)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def ledger(path):
    made = Ledger(path)
    yield made
    made.close()


def sql(path, text):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(text).fetchall()


async def test_what_is_added_is_read_at_once_in_order(ledger):
    for number in range(5):
        ledger.add(Entry("call", "demo", f"c{number}", {"ms": number}))
    found = await ledger.read(Query(limit=3))
    assert [record["what"] for record in found] == ["c2", "c3", "c4"]
    assert found[0]["detail"] == {"ms": 2}


async def test_records_are_found_by_plugin_kind_time_and_id(ledger):
    for plugin in ("a", "b"):
        for kind in ("call", "grant"):
            ledger.add(Entry(kind, plugin, "x", time=100.0 if kind == "call" else 200.0))
    assert len(await ledger.read(Query(plugin="a"))) == 2
    assert [r["plugin"] for r in await ledger.read(Query(kind="grant"))] == ["a", "b"]
    assert len(await ledger.read(Query(since=150.0))) == 2
    assert [r["id"] for r in await ledger.read(Query(after=1, limit=2))] == [2, 3]


async def test_the_same_again_in_one_batch_is_counted(ledger):
    for number in range(1000):
        ledger.add(Entry("call", "demo", "session.list", {"ms": 0.5}), merge=("demo", number % 2))
    found = await ledger.read(Query())
    assert sum(record["detail"]["count"] for record in found) == 1000
    assert sum(record["detail"]["ms"] for record in found) == 500.0
    assert len(found) < 100


async def test_what_a_plugin_made_up_is_bounded(ledger):
    ledger.add(Entry("denial", "demo", "\ud800" + "x" * 9_999, {"why": "y" * 99_999}))
    (record,) = await ledger.read(Query())
    assert len(record["what"]) <= MAX_WHAT + 10
    assert len(json.dumps(record["detail"])) < 5_000


def test_the_file_is_for_its_owner(ledger, path):
    ledger.add(Entry("call", "demo", "x"))
    assert ledger.flush(20)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_records_cannot_be_changed_or_removed(ledger, path):
    ledger.add(Entry("call", "demo", "x"))
    ledger.add(Entry("revoke", "demo", "x"))
    assert ledger.flush(20)
    for text in ("UPDATE records SET what = 'y'", "DELETE FROM records", "DELETE FROM records WHERE id = 2"):
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            sql(path, text)


def test_what_there_is_much_of_does_not_push_out_the_rest(path):
    ledger = Ledger(path, SMALL)
    for number in range(20):
        ledger.add(Entry("grant", "demo", f"g{number}"))
        ledger.add(Entry("crash", "demo", f"s{number}"))
    assert ledger.flush(20)
    for number in range(3000):
        ledger.add(Entry("denial", "demo", f"d{number}"))
    assert ledger.flush(20)
    ledger.close()
    kept = dict(sql(path, "SELECT kind, count(*) FROM records GROUP BY kind"))
    assert kept["grant"] == kept["crash"] == 5
    assert kept["denial"] <= SMALL.passing + 2000
    assert sql(path, "SELECT what FROM records WHERE kind = 'grant' ORDER BY id")[0] == ("g15",)


def test_a_file_of_an_older_form_is_brought_forward(path):
    ledger = Ledger(path)
    ledger.add(Entry("grant", "demo", "session.read"))
    ledger.close()
    newer = (*MIGRATIONS, "ALTER TABLE records ADD COLUMN more TEXT NOT NULL DEFAULT 'new';")
    open_for_writing(path, Bounds(), newer).close()
    assert sql(path, "SELECT what, more FROM records") == [("session.read", "new")]
    assert sql(path, "PRAGMA user_version") == [(2,)]


def test_a_file_of_a_newer_form_is_left_alone(path):
    sql(path, "PRAGMA user_version = 99")
    with pytest.raises(VerificationError, match="newer yesman"):
        Ledger(path)
    assert sql(path, "PRAGMA user_version") == [(99,)]


def test_a_migration_that_fails_changes_nothing(path):
    Ledger(path).close()
    broken = (*MIGRATIONS, "ALTER TABLE records ADD COLUMN more TEXT; SELECT * FROM nowhere;")
    with pytest.raises(PlatformError):
        open_for_writing(path, Bounds(), broken)
    assert sql(path, "PRAGMA user_version") == [(1,)]
    assert len(sql(path, "PRAGMA table_info(records)")) == 7


def test_a_file_that_is_no_ledger_is_refused(path):
    path.write_bytes(b"nothing of ours " * 100)
    with pytest.raises(VerificationError, match="cannot be read"):
        Ledger(path)


def test_what_cannot_be_written_now_is_written_later(tmp_path):
    path = tmp_path / "later" / "state.db"
    ledger = Ledger(path)
    for _ in range(3):
        ledger.add(Entry("call", "demo", "x", {"ms": 1}), merge="x")
    assert not ledger.flush(0.2)
    assert "cannot be written" in ledger.trouble
    path.parent.mkdir()
    ledger.add(Entry("call", "demo", "x", {"ms": 1}), merge="x")
    assert ledger.flush(10)
    ledger.close()
    assert ledger.trouble == ""
    assert json.loads(sql(path, "SELECT detail FROM records")[0][0]) == {"ms": 4, "count": 4}
