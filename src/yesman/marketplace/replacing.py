"""Other keys for a marketplace's roles, while nobody else publishes.

What always holds: what is published afterwards is what the database says, where a thief may have written to
the storage; and whoever is killed does it again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from yesman.marketplace.plugin_index import index_of
from yesman.marketplace.revoking import standing
from yesman.marketplace.schema import plugins
from yesman.trust.index import Revocations
from yesman.trust.keys import KeyFolder
from yesman.trust.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

    from yesman.marketplace.database import Database
    from yesman.marketplace.place import MarketFolder
    from yesman.trust.ceremony import Ceremony
    from yesman.trust.index import PluginIndex


def rotate(
    database: Database, folder: MarketFolder, ceremony: Ceremony, roles: Collection[str], *, rebuild: bool
) -> None:
    """Give ``roles`` other keys; with ``rebuild``, publish only what the database says.

    Raises:
        YesmanError: Keys are missing, or something cannot be written.
    """
    online = KeyFolder(folder.online_keys)
    with database.alone(), database.reading() as connection:
        ceremony.change_keys(online, roles, _published(connection) if rebuild else None)
        if rebuild:
            writer = Repository(ceremony.storage, online, ceremony.root, lambda: datetime.now(UTC))
            writer.revoke(Revocations(standing(connection)))


def _published(connection: Connection) -> Iterator[PluginIndex]:
    query = select(plugins.c.id).where(plugins.c.wanted > 0).order_by(plugins.c.id)
    for plugin in connection.execute(query).scalars().all():
        yield index_of(connection, plugin)
