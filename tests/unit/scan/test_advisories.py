"""Known vulnerabilities: imported from OSV records, matched against what is locked."""

from __future__ import annotations

import json
import zipfile
from contextlib import closing

import pytest

from yesman.model.errors import NotFoundError, UsageError, VerificationError
from yesman.scan import osv
from yesman.scan.advisories import Affected, Range, about, connected, is_affected
from yesman.scan.model import Outcome, Verdict

HASH = "--hash=sha256:" + "0" * 64


def record(name: str, package: str, *, versions=(), events=(), **more: object) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    about = {"package": {"ecosystem": "PyPI", "name": package}, "versions": list(versions), "ranges": ranges}
    return {"id": name, "summary": "It lets others in", "affected": [about]} | more


def found_in(path, package: str):
    with closing(connected(path)) as database:
        return about(database, package)


PLANTED = record("GHSA-planted", "Flask_Thing", events=[{"introduced": "0"}, {"fixed": "2.1"}])


@pytest.fixture
def database(tmp_path):
    def make(*records: object):
        source = tmp_path / "all.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for number, each in enumerate(records):
                archive.writestr(f"{number}.json", each if isinstance(each, str) else json.dumps(each))
        target = tmp_path / "advisories.db"
        return osv.import_osv(source, target), target

    return make


def locked(version: str) -> dict[str, str]:
    return {"requirements.txt": "flask-thing\n", "requirements.lock": f"flask-thing=={version} {HASH}\n"}


def test_a_planted_advisory_is_matched(scanned, database):
    _, path = database(PLANTED)
    scan = scanned(locked("2.0.9"), advisories=str(path))
    assert [(found.rule, found.file) for found in scan.findings] == [
        ("dependency-vulnerable", "requirements.lock")
    ]
    assert scan.findings[0].message.endswith("flask-thing==2.0.9, GHSA-planted: It lets others in")
    assert scan.verdict is Verdict.WARNED


def test_the_mended_version_is_not(scanned, database):
    _, path = database(PLANTED)
    scan = scanned(locked("2.1"), advisories=str(path))
    assert (scan.outcome("advisories"), scan.findings) == (Outcome.PASSED, ())


def test_malware_is_refused(scanned, database):
    _, path = database(record("MAL-2026-1", "flask-thing"))
    assert scanned(locked("9.9"), advisories=str(path)).verdict is Verdict.REFUSED


def test_without_a_database_nobody_has_looked(scanned):
    assert scanned(locked("2.0")).outcome("advisories") is Outcome.NOT_CONFIGURED


def test_a_broken_database_is_a_failure(scanned, tmp_path):
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + bytes(200))
    scan = scanned(locked("2.0"), advisories=str(tmp_path / "bad.db"))
    assert (scan.outcome("advisories"), scan.verdict) == (Outcome.FAILED, Verdict.QUARANTINED)
    assert scan.outcome("rules") is Outcome.PASSED


def test_what_is_not_locked_is_looked_up_if_it_is_pinned_and_said_otherwise(scanned, database):
    _, path = database(PLANTED)
    pinned = scanned({"requirements.txt": "flask-thing==1.0\n"}, advisories=str(path))
    assert [found.rule for found in pinned.findings] == ["dependency-vulnerable"]
    loose = scanned({"requirements.txt": "flask-thing>=1\n"}, advisories=str(path))
    assert [found.rule for found in loose.findings] == ["dependencies-unlocked"]


@pytest.mark.parametrize(
    ("version", "affected", "expected"),
    [
        ("1.0", Affected((), (Range("0", "1.1"),)), True),
        ("1.1", Affected((), (Range("0", "1.1"),)), False),
        ("1.1rc1", Affected((), (Range("0", "1.1"),)), True),
        ("2.0", Affected((), (Range("1.5", "", "2.0"),)), True),
        ("2.0.post1", Affected((), (Range("1.5", "", "2.0"),)), False),
        ("1!0.1", Affected((), (Range("9"),)), True),
        ("1.0.0", Affected(("1.0",)), True),
        ("1.0", Affected((), (Range("what", "ever"),)), True),
    ],
)
def test_versions_are_compared_as_pep_440_has_it(version, affected, expected):
    assert is_affected(version, affected) is expected


def test_ranges_are_read_in_pairs(database):
    events = [
        {"introduced": "1"},
        {"fixed": "1.5"},
        {"introduced": "2"},
        {"last_affected": "2.5"},
        {"introduced": "3"},
    ]
    _, path = database(record("X-1", "a-b", events=events))
    (advisory,) = found_in(path, "A.B")
    assert advisory.affected.ranges == (Range("1", "1.5"), Range("2", "", "2.5"), Range("3"))


def test_what_cannot_be_read_is_counted_and_what_was_withdrawn_left_out(database):
    other = {"id": "GO-1", "affected": [{"package": {"ecosystem": "Go", "name": "x"}}]}
    imported, path = database(PLANTED, "{", other, record("X-2", "b", withdrawn="2026-01-01T00:00:00Z"))
    assert imported == osv.Imported(4, 1, 1)
    assert [len(found_in(path, name)) for name in ("flask-thing", "x", "b")] == [1, 0, 0]


def test_an_import_that_fails_leaves_the_old_one(database, tmp_path):
    _, path = database(PLANTED)
    before = path.read_bytes()
    (tmp_path / "x.zip").write_bytes(b"no zip")
    for source, error in ((tmp_path / "x.zip", UsageError), (tmp_path / "none", NotFoundError)):
        with pytest.raises(error):
            osv.import_osv(source, path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.glob(".advisories*")] == []


def test_a_bomb_is_refused(database, monkeypatch):
    monkeypatch.setattr(osv, "LARGEST", 1000)
    with pytest.raises(VerificationError):
        database(PLANTED, json.dumps("x" * 2000))
    database(PLANTED, json.dumps("x" * 900))
