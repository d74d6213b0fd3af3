"""The server is put together here, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from yesman.marketplace.api.metrics import Metrics
from yesman.marketplace.api.parts import Parts
from yesman.marketplace.counting import Downloads
from yesman.marketplace.database import Database
from yesman.marketplace.indexing import Indexing
from yesman.marketplace.limits import LIMITS, Limits
from yesman.marketplace.publishing import Publishing
from yesman.marketplace.storage import storage_at

if TYPE_CHECKING:
    from yesman.marketplace.place import MarketFolder, Settings
    from yesman.marketplace.seams import IndexPublisher, Scanner, Signatures


def parts_of(
    folder: MarketFolder,
    settings: Settings,
    base: str,
    *,
    publisher: IndexPublisher | None,
    signatures: Signatures | None,
    scanner: Scanner | None,
    limits: Limits = LIMITS,
) -> Parts:
    """Return all parts of the server of ``folder``.

    Args:
        folder: Of the marketplace.
        settings: Where its database and files are.
        base: The server's URL, as users know it, without a slash at its end.
        publisher: What signs the index.
        signatures: What judges authors' signatures.
        scanner: What looks into packages.
        limits: How much is taken.
    """
    database = Database(folder.database_url(settings))
    objects = storage_at(settings.storage, folder.path)
    indexing = Indexing(database, publisher)
    folder.spool.mkdir(mode=0o700, exist_ok=True)
    return Parts(
        base=base.rstrip("/"),
        spool=folder.spool,
        database=database,
        objects=objects,
        indexing=indexing,
        publishing=Publishing(database, objects, indexing, signatures, scanner),
        downloads=Downloads(database),
        metrics=Metrics(),
        limits=limits,
        places=asyncio.Semaphore(limits.uploads),
    )
