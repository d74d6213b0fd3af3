"""How often packages were fetched. Counted in memory and written in batches: a kill forgets some seconds.

What always holds: counting never delays or fails a download.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from yesman.marketplace.publishers import insert_new
from yesman.marketplace.schema import downloads, plugins, releases

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yesman.marketplace.database import Database


class Downloads:
    """Counts fetched packages by digest.

    Args:
        database: Where they are written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counted: Counter[str] = Counter()

    def count(self, sha256: str) -> None:
        """Remember one download."""
        with self._lock:
            self._counted[sha256] += 1

    def write(self) -> None:
        """Write what was counted since the last time; what cannot be written stays counted."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            with self._database.writing() as connection:
                for sha256, count in sorted(counted.items()):
                    _add(connection, sha256, count)
        except BaseException:
            with self._lock:
                self._counted += counted
            raise


def _add(connection: Connection, sha256: str, count: int) -> None:
    found = connection.execute(
        select(releases.c.id, releases.c.plugin_id).where(releases.c.sha256 == sha256).limit(1)
    ).one_or_none()
    if found is None:
        return
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    insert_new(connection, downloads, {"release_id": found.id, "day": day})
    mine = (downloads.c.release_id == found.id, downloads.c.day == day)
    connection.execute(downloads.update().where(*mine).values(count=downloads.c.count + count))
    plugin = plugins.update().where(plugins.c.id == found.plugin_id)
    connection.execute(plugin.values(downloads=plugins.c.downloads + count))
