"""What was kept stays until it is handled, within bounds; numbers only rise."""

from __future__ import annotations

import sqlite3

import pytest

from yesman.host import outbox
from yesman.host.outbox import Kept, Outbox
from yesman.model.errors import PlatformError, VerificationError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.db"


def keep(kept, count, size=1, plugin="a"):
    for number in range(1, count + 1):
        kept.add(plugin, Kept(number, b"x" * size))


def left(kept, plugin="a"):
    return [each.seq for each in kept.oldest(plugin, 0, 1_000)]


def test_what_is_kept_outlives_whoever_kept_it_and_is_given_oldest_first(path):
    first = Outbox(path)
    keep(first, 3)
    first.done("a", 1)
    again = Outbox(path)  # the first was not closed, as if it had been killed
    assert (again.plugins(), left(again)) == (("a",), [2, 3])


def test_numbers_rise_across_restarts(path):
    numbers = []
    for _ in range(2):
        kept = Outbox(path)
        numbers += [kept.next_sequence() for _ in range(3)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(("bound", "value"), [("MAX_KEPT", 3), ("MAX_BYTES", 30)])
@pytest.mark.escape("resources")
def test_the_oldest_beyond_the_bounds_are_given_up(path, monkeypatch, bound, value):
    monkeypatch.setattr(outbox, bound, value)
    kept = Outbox(path)
    keep(kept, 5, size=10)
    assert kept.give_up("a") == [1, 2]
    kept.done("a", 1)  # somebody was handling it
    assert (left(kept), kept.give_up("a")) == ([3, 4, 5], [])


def test_bounds_count_what_an_earlier_server_kept(path, monkeypatch):
    keep(Outbox(path), 5, size=10)
    monkeypatch.setattr(outbox, "MAX_BYTES", 30)
    assert Outbox(path).give_up("a") == [1, 2]


def test_folding_keeps_everything(path):
    kept = Outbox(path)
    keep(kept, 100, size=1_000)
    kept.fold()
    kept.done("a", 1)
    assert left(kept) == list(range(2, 101))
    assert path.stat().st_size > 100_000


def test_the_log_is_begun_anew_when_it_is_long(path, monkeypatch):
    log = path.with_name("events.db-wal")
    kept = Outbox(path)
    keep(kept, 100, size=1_000)
    kept.shorten()
    assert log.stat().st_size > 100_000
    monkeypatch.setattr(outbox, "LONGEST_LOG", 100_000)
    kept.shorten()
    assert log.stat().st_size == 0
    assert left(kept) == list(range(1, 101))


def test_nobody_else_may_read_what_waits(path):
    kept = Outbox(path)
    keep(kept, 1)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_folding_a_file_that_is_gone_harms_nobody(path, caplog):
    kept = Outbox(path)
    path.unlink()
    path.mkdir()
    kept.fold()
    assert "could not be folded" in caplog.text


def test_nothing_is_kept_for_who_was_removed(path):
    kept = Outbox(path)
    keep(kept, 3)
    kept.forget("a")
    assert (kept.plugins(), left(kept)) == ((), [])


@pytest.mark.parametrize("content", [b"no database at all, " * 100, None])
def test_what_is_no_file_of_ours_is_refused(path, content):
    if content is None:
        with sqlite3.connect(path) as connection:
            connection.execute(f"PRAGMA user_version = {outbox.FORM + 1}")
    else:
        path.write_bytes(content)
    with pytest.raises(VerificationError, match=r"events\.db"):
        Outbox(path)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(PlatformError, match="cannot be opened"):
        Outbox(tmp_path / "absent" / "events.db")


def test_numbers_rise_while_the_file_cannot_be_written(path, caplog):
    kept = Outbox(path)
    kept._connection.execute("PRAGMA query_only = ON")  # what a full disk does, as far as callers can tell
    assert [kept.next_sequence() for _ in range(3)] == [1, 2, 3]
    assert "cannot be used" in caplog.text
    with pytest.raises(PlatformError, match="cannot be used"):
        keep(kept, 1)
    kept._connection.execute("PRAGMA query_only = OFF")
    assert kept.next_sequence() == 4
    assert (left(kept), Outbox(path).next_sequence()) == ([], outbox.BLOCK + 4)
