"""A marketplace moves between SQLite and a folder, and PostgreSQL and S3: not one byte is changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from marketed import mover
from marketed.checking import check_whole, client_of
from marketed.desk import Desk
from marketed.looking import png
from marketed.market import Market

from yesman.marketplace import moving
from yesman.marketplace import moving_rows as rows
from yesman.marketplace.deciding import Moderator
from yesman.marketplace.moderating import revoke
from yesman.marketplace.moving import MARK
from yesman.marketplace.place import MarketFolder
from yesman.marketplace.refusals import ConflictError
from yesman.model.errors import UsageError, VerificationError

KILLS = 5


@pytest.fixture(params=[("embedded", "grown"), ("grown", "embedded")], ids="-to-".join)
def kinds(request):
    """From which kind to which: each way."""
    return request.param


@pytest.fixture
def old(kinds, places, tmp_path):
    """A marketplace that has lived: releases, a quarantine, a review, a revocation, a key."""
    market = Market(tmp_path / "old", places(kinds[0]))
    market.start()
    desk, author = Desk(market), market.author("ada")
    for name, version in (("diary", "1.0"), ("diary", "1.1"), ("notes", "1.0")):
        files = {"README.md": b"# Read me", "assets/icon.png": png()}
        assert market.publish(author, author.make(tmp_path, name, version, files=files)).status == 201
    market.publish(author, author.make(tmp_path, "odd", description="A suspicious one"))
    market.ask("PUT", "/api/plugins/notes/reviews", {"stars": 4, "text": "Schön"}, market.author("bo"))
    desk.report("notes", market.author("guard", trusted=True))
    desk.decide("diary", "revoke", "A hole", version="1.0")
    market.stop()
    yield market
    market.close()


@pytest.fixture
def moved(kinds, places, tmp_path):
    """Where it is to go, and how to get there."""
    return tmp_path / "new", places(kinds[1])


def contents(market):
    return {path: market.objects.read(path, 1 << 30).content for path in market.objects.paths()}


def move(old, moved):
    folder, settings = moved
    moving.move(old.folder, MarketFolder(folder), settings)
    new = Market(folder, settings, new=False)
    new.keys.update(old.keys)
    return new


def test_a_client_goes_on_with_the_new_one_and_finds_no_byte_changed(old, moved, tmp_path):
    old.start()
    author = old.author("ada")
    seen = {name: client_of(old, tmp_path / "client").index_of(name) for name in ("diary", "notes", "odd")}
    log = Desk(old).log("notes")
    old.stop()
    before = contents(old)
    new = move(old, moved)
    try:
        assert contents(new) == before
        new.start()
        client = client_of(new, tmp_path / "client")
        assert {name: client.index_of(name) for name in seen} == seen
        assert [r.plugin for r in client.revocations().entries] == ["diary"]
        desk = Desk(new)
        assert desk.log("notes") == log
        assert sorted(desk.queue()) == ["notes", "odd"]
        desk.decide("notes", "restore")
        assert new.get("/api/plugins?q=notes").json[0]["rating"] > 0
        signed = author.make(tmp_path, "diary", "1.2")
        assert new.publish(author, signed).status == 201
        check_whole(new, tmp_path / "client", [signed], [signed])
    finally:
        new.close()


def run(old, moved, most):
    folder, settings = moved
    argv = [
        sys.executable,
        mover.__file__,
        old.folder.path,
        folder,
        settings.database,
        settings.storage,
        most,
    ]
    return subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=300, check=False)


def test_it_may_be_killed_anywhere_and_run_again(old, moved, kinds, places):
    before, whole = contents(old), run(old, moved, 0)
    assert whole.returncode == 0, whole.stderr
    lines = int(whole.stdout)
    for most in (*(lines * number // KILLS for number in range(1, KILLS)), lines - 4):
        folder, settings = moved[0].with_name(f"killed-{most}"), places(kinds[1])
        assert run(old, (folder, settings), most).returncode == -9
        again = run(old, (folder, settings), 0)
        assert again.returncode == 0, again.stderr
        new = Market(folder, settings, new=False)
        assert contents(new) == before
        assert rows.digest(new.database) == rows.digest(old.database)
        assert not (folder / MARK).exists()
        new.close()


def test_what_is_not_empty_is_left_as_it_is(old, moved, kinds, places, tmp_path):
    folder, settings = moved
    other = Market(tmp_path / "other", settings)
    before = contents(other)
    for target in (tmp_path / "other", folder):
        if target == folder and not settings.database:
            folder.mkdir()
            (folder / "thesis.txt").write_text("dear")
        with pytest.raises(UsageError, match="empty"):
            move(old, (target, settings))
    assert contents(other) == before
    other.close()
    fresh = places(kinds[1])
    move(old, (tmp_path / "fresh", fresh)).close()
    with pytest.raises(UsageError, match="empty"):
        move(old, (tmp_path / "fresh", fresh))


def test_a_damaged_or_lost_package_stops_it(old, moved):
    path = min(rows.packages(old.database))
    stored = old.objects.read(path, 1 << 30)
    old.objects.replace(path, stored.content + b"x", stored.tag)
    with pytest.raises(VerificationError, match="damaged"):
        move(old, moved)
    old.objects.remove(path)
    with pytest.raises(VerificationError, match="lacks"):
        move(old, moved)
    old.objects.create(path, stored.content)
    move(old, moved).close()


def test_a_server_that_writes_meanwhile_is_found_out(old, moved, monkeypatch):
    check = moving.files.check

    def also_written(*arguments):
        with old.database.writing() as connection:
            revoke(connection, Moderator.called(connection, "late"), "notes", "Late")
        check(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(moving.files, "check", also_written)
        with pytest.raises(ConflictError, match="meanwhile"):
            move(old, moved)
    assert not Path(moved[0], "market.json").exists()
    move(old, moved).close()
