"""Makes the database of known vulnerabilities out of OSV records: a zip, a folder, or one JSON file.

The records are those of https://osv.dev (schema 1.x), for PyPI: ``PyPI/all.zip``. What always holds:
every record and their number is bounded before it is parsed; the new database takes the place of the old
one whole, or not at all; a record that cannot be read is counted and told, never skipped in silence.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import zipfile
import zlib
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from packaging.utils import canonicalize_name

from yesman.model.errors import NotFoundError, PlatformError, UsageError, VerificationError
from yesman.package.trees import sync_folder
from yesman.scan.advisories import LAYOUT, Affected, Range

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_RECORDS: Final = 1_000_000
LARGEST: Final = 4 << 20
"""Bytes of one record."""
MOST_BYTES: Final = 4 << 30
"""Bytes of all records together, unpacked."""
_SUMMARY: Final = 200
_SCHEMA: Final = """
CREATE TABLE affected (
  package TEXT NOT NULL, advisory TEXT NOT NULL, summary TEXT NOT NULL, affected BLOB NOT NULL
);
CREATE INDEX of_package ON affected (package);
"""


class Imported(NamedTuple):
    """How many records were read, are about packages of PyPI, and could not be read."""

    records: int
    used: int
    unreadable: int


class _Package(msgspec.Struct, frozen=True):
    ecosystem: str = ""
    name: str = ""


class _Event(msgspec.Struct, frozen=True):
    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""


class _Events(msgspec.Struct, frozen=True):
    type: str = ""
    events: list[_Event] = []


class _About(msgspec.Struct, frozen=True):
    package: _Package = _Package()
    ranges: list[_Events] = []
    versions: list[str] = []


class _Record(msgspec.Struct, frozen=True):
    id: str
    summary: str = ""
    details: str = ""
    withdrawn: str = ""
    affected: list[_About] = []


def import_osv(source: Path, target: Path) -> Imported:
    """Make the database ``target`` of what ``source`` holds.

    Raises:
        NotFoundError: There is no ``source``.
        VerificationError: It holds too much, or nothing that could be read.
        PlatformError: The database cannot be written.
    """
    if not source.exists():
        raise NotFoundError(
            f"There is no {source}", "Get https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip"
        )
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        imported = _filled(draft, source)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise PlatformError(
            f"{target} cannot be written: {error}", "Free some space, or choose another place"
        ) from error
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    return imported


def _filled(path: Path, source: Path) -> Imported:
    records = used = unreadable = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA user_version={LAYOUT}; BEGIN; {_SCHEMA}")
        for data in _bounded(source):
            records += 1
            try:
                rows = list(_rows(msgspec.json.decode(data, type=_Record)))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                unreadable += 1
                continue
            used += bool(rows)
            database.executemany("INSERT INTO affected VALUES (?, ?, ?, ?)", rows)
        database.execute("COMMIT")
    if records == unreadable:
        raise VerificationError(
            f"{source} holds no OSV record that could be read", "Name OSV's all.zip for PyPI"
        )
    return Imported(records, used, unreadable)


def _rows(record: _Record) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield a row for each package of PyPI; none for an advisory that was taken back."""
    if record.withdrawn:
        return
    summary = " ".join((record.summary or record.details).split())[:_SUMMARY]
    for about in record.affected:
        if about.package.ecosystem == "PyPI" and about.package.name:
            spans = tuple(
                each for among in about.ranges if among.type == "ECOSYSTEM" for each in _spans(among.events)
            )
            affected = Affected(tuple(about.versions), spans)
            if not affected.versions and not spans:
                affected = Affected((), (Range("0"),))  # no version is named: all are meant
            yield canonicalize_name(about.package.name), record.id, summary, msgspec.json.encode(affected)


def _spans(events: list[_Event]) -> Iterator[Range]:
    """Yield what lies between each introduction and what ends it, in the order in which they stand."""
    since = ""
    for event in events:
        if event.introduced:
            if since:
                yield Range(since)
            since = event.introduced
        elif since and (event.fixed or event.last_affected):
            yield Range(since, event.fixed, event.last_affected)
            since = ""
    if since:
        yield Range(since)


def _bounded(source: Path) -> Iterator[bytes]:
    total = 0
    for number, data in enumerate(_records(source), start=1):
        total += len(data)
        if number > MOST_RECORDS or len(data) > LARGEST or total > MOST_BYTES:
            raise VerificationError(f"{source} holds more than is believed of advisories", "Get it again")
        yield data


def _records(source: Path) -> Iterator[bytes]:
    """Yield every record, at most one byte more of each than is taken."""
    if source.is_dir():
        for path in sorted(source.rglob("*.json")):
            with path.open("rb") as file:
                yield file.read(LARGEST + 1)
    elif source.suffix == ".json":
        with source.open("rb") as file:
            yield file.read(LARGEST + 1)
    else:
        yield from _zipped(source)


def _zipped(source: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(".json"):
                    with archive.open(entry) as file:
                        yield file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise UsageError(
            f"{source} is no zip that can be read: {error}", "Name OSV's all.zip, a folder, or a .json"
        ) from error
