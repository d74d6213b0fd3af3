"""A new marketplace: database, storage, keys and the first, empty state of its index.

What always holds: the settings are written last. What was killed in between is no marketplace yet, and is
taken up again, with the same keys, by whoever asks for it once more.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from yesman import durable
from yesman.marketplace.database import Database
from yesman.marketplace.migrating import migrate
from yesman.marketplace.storage import storage_at
from yesman.trust.fingerprint import fingerprint
from yesman.trust.founding import Shape, found
from yesman.trust.keys import KeyFolder
from yesman.trust.limits import LIMITS
from yesman.trust.repository import Repository
from yesman.trust.roles import ROOT, TIMESTAMP_PATH, metadata_path

if TYPE_CHECKING:
    from yesman.marketplace.place import MarketFolder, Settings
    from yesman.marketplace.storage import Objects


class Made(NamedTuple):
    """What was made: the fingerprint of its root, which users compare."""

    fingerprint: str


def set_up(folder: MarketFolder, settings: Settings, shape: Shape) -> Made:
    """Make a marketplace.

    Raises:
        UsageError: There is one already, or the shape is not possible.
        PlatformError: Database, storage or folder cannot be written.
    """
    folder.make()
    objects = storage_at(settings.storage, folder.path)
    database = Database(folder.database_url(settings))
    try:
        migrate(database)
    finally:
        database.close()
    root = _root(folder, objects, shape)
    durable.write(folder.root_file, root)
    folder.spool.mkdir(mode=0o700, exist_ok=True)
    folder.write(settings)
    return Made(fingerprint(root))


def _root(folder: MarketFolder, objects: Objects, shape: Shape) -> bytes:
    """Return the first root, of a registry that is made now or was, by an attempt that was killed."""
    if folder.online_keys.is_dir() and objects.read(TIMESTAMP_PATH, LIMITS.timestamp_bytes) is not None:
        there = objects.read(metadata_path(ROOT, 1), LIMITS.root_bytes)
        if there is not None:
            return there.content
    offline, online = KeyFolder(folder.offline_keys), KeyFolder(folder.online_keys)
    return found(objects, offline, online, datetime.now(UTC), shape)


def repository_of(folder: MarketFolder, settings: Settings) -> Repository:
    """Return what signs the index of the marketplace in ``folder``."""
    objects = storage_at(settings.storage, folder.path)
    root = folder.root_file.read_bytes()
    return Repository(objects, KeyFolder(folder.online_keys), root, lambda: datetime.now(UTC))
