"""A marketplace is moved to another database and storage, with everything that clients know of it.

What always holds: the old one is only read; the new one is a marketplace from the instant its settings are
written, which is last, after all of it was compared; and whoever is killed before does it again, which takes
up files that are there and makes the rows anew. Only places that are empty, or of the same attempt, are
written to: each is marked first, and the marks are removed last.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from yesman import durable
from yesman.marketplace import moving_files as files
from yesman.marketplace import moving_rows as rows
from yesman.marketplace.database import Database
from yesman.marketplace.migrating import migrate
from yesman.marketplace.place import MAX_BYTES, Settings
from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.storage import storage_at
from yesman.model.errors import PlatformError, UsageError

if TYPE_CHECKING:
    from yesman.marketplace.place import MarketFolder
    from yesman.marketplace.storage import Objects

MARK: Final = "moving.json"


class Attempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``moving.json`` in the new folder, for as long as there is an attempt that has not ended."""

    id: str
    source: str
    settings: Settings


class Moved(NamedTuple):
    """How much that was: rows of the database, files of the storage."""

    rows: int
    files: int


class Ends(NamedTuple):
    """Both databases and storages."""

    old: Database
    new: Database
    objects: Objects
    copies: Objects


def move(source: MarketFolder, target: MarketFolder, settings: Settings) -> Moved:
    """Move the marketplace in ``source`` to ``target``, whose places ``settings`` name.

    Raises:
        NotFoundError: There is no marketplace in ``source``.
        UsageError: The target is neither empty nor an unfinished attempt of this.
        ConflictError: The source was written to meanwhile.
        VerificationError: The source is damaged, or the target does not keep what it is given.
        PlatformError: A database, storage or folder is away.
    """
    there = source.read()
    attempt = _attempt(source, target, settings)
    old, new = Database(source.database_url(there)), Database(target.database_url(settings))
    ends = Ends(old, new, storage_at(there.storage, source.path), storage_at(settings.storage, target.path))
    try:
        migrate(old)  # as its own server does at its start
        with old.alone():  # no round of a server that still runs
            done = Moved(0, 0)
            if not target.settings_file.exists():  # else killed behind that
                done = _copy(source, ends, attempt.id)
                _keep_keys(source, target)
                target.write(settings)
        rows.unmark(new)
        files.unmark(ends.copies)
        durable.remove(target.path / MARK)
    finally:
        old.close()
        new.close()
    return done


def _attempt(source: MarketFolder, target: MarketFolder, settings: Settings) -> Attempt:
    """Return the attempt that was begun, or begin one.

    Raises:
        UsageError: The target is something else.
    """
    mark, wanted = target.path / MARK, (str(source.path), settings)
    try:
        if mark.exists():
            with mark.open("rb") as file:
                found = msgspec.json.decode(file.read(MAX_BYTES), type=Attempt)
            if (found.source, found.settings) == wanted:
                return found
        target.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What a killed attempt to write the mark leaves behind is nothing.
        if any(not path.name.startswith(f".{MARK}.") for path in target.path.iterdir()):
            raise UsageError(
                f"{target.path} is neither empty nor an unfinished move of {source.path}",
                "Choose an empty folder",
            )
    except OSError as error:
        raise PlatformError(
            f"{target.path} cannot be used: {error.strerror}", "Choose another folder"
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(f"{mark} cannot be read: {error}", "Choose an empty folder") from error
    made = Attempt(secrets.token_hex(16), *wanted)
    durable.write(mark, msgspec.json.encode(made))
    return made


def _copy(source: MarketFolder, ends: Ends, attempt: str) -> Moved:
    """Copy everything, and compare it."""
    files.mark(ends.copies, attempt)
    rows.mark(ends.new, attempt)
    migrate(ends.new)
    copied = rows.copy(ends.old, ends.new)
    paths = files.copy(ends.objects, ends.copies)
    root = source.root_file.read_bytes()
    files.check(ends.copies, root, paths, rows.packages(ends.new))
    now = rows.digest(ends.old)
    if copied.digest != rows.digest(ends.new):
        raise PlatformError("The new database does not hold what the old one does", "Start anew")
    if copied.digest != now or not files.is_unchanged(ends.objects, ends.copies):
        raise ConflictError(
            f"{source.path} was written to meanwhile", "Stop all its servers, then run this again"
        )
    return Moved(copied.rows, len(paths))


def _keep_keys(source: MarketFolder, target: MarketFolder) -> None:
    """Copy what stays on a server beside database and storage; offline keys stay where they are."""
    target.online_keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for key in sorted(source.online_keys.glob("*.pem")):
        durable.write(target.online_keys / key.name, key.read_bytes())
    durable.write(target.root_file, source.root_file.read_bytes())
    if source.advisories.is_file():
        durable.write(target.advisories, source.advisories.read_bytes())
    target.spool.mkdir(mode=0o700, exist_ok=True)
