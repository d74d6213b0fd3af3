"""What the database says becomes what the signed index says, whoever is killed in between.

What always holds: a release is visible to readers of the database once the index that names it was
published, and not before. Each change of what an index must say raises ``wanted``; a round publishes the
indexes of all plugins whose ``published`` is behind, and then says so; with the list of revocations it is the
same. A process that dies before that
leaves them behind, and the next round, of any process, publishes them (again): at start, at the next
request, and every now and then. Rounds never overlap. An index that cannot be made keeps no other back.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from yesman.marketplace import revoking
from yesman.marketplace.plugin_index import index_of
from yesman.marketplace.refusals import NotConfiguredError
from yesman.marketplace.schema import plugins
from yesman.marketplace.summary import summarise
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from yesman.marketplace.database import Database
    from yesman.marketplace.deciding import Due
    from yesman.marketplace.seams import IndexPublisher
    from yesman.trust.index import PluginIndex

ROUND: Final = 256
"""Plugins whose indexes are signed together; those who wait for their turn go into the same round."""


class Indexing:
    """Keeps the signed index up with the database.

    Args:
        database: Where changes are.
        publisher: Who signs; None in a server that cannot.
    """

    def __init__(self, database: Database, publisher: IndexPublisher | None) -> None:
        self._database = database
        self._publisher = publisher
        self._turn = threading.Lock()
        self._failed: dict[int, tuple[int, UsageError]] = {}

    def require(self) -> None:
        """Refuse what would need a signed index where nothing signs.

        Raises:
            NotConfiguredError: This server was started without the online keys.
        """
        if self._publisher is None:
            raise NotConfiguredError(
                "This server holds no keys to sign its index with",
                "Its operator makes them: yesman market init",
            )

    def owners_of(self, name: str) -> tuple[str, ...]:
        """Return the keyids that own ``name``, as the offline keys have signed; none where nobody does."""
        if self._publisher is None:
            return ()
        with self._turn:
            return self._publisher.owners_of(name)

    def settle(self, plugin: int, revision: int) -> None:
        """Return once the index says what it must say of ``plugin`` as of ``revision``.

        Raises:
            YesmanError: It could not be published; it will be tried again.
        """
        while not self._has_reached(plugin, revision):
            with self._turn:  # who waited for another's round usually finds that it was theirs as well
                if not self._has_reached(plugin, revision):
                    self._round()
                    if plugin in self._failed:
                        raise self._failed[plugin][1]

    def carry(self, decide: Callable[[Connection], Due]) -> None:
        """Have ``decide`` decide in a transaction of its own; on return what is signed says so.

        Raises:
            NotConfiguredError: This server cannot sign; nothing was decided.
            YesmanError: As ``decide``; or what was decided could not be published, which is tried again.
        """
        self.require()
        with self._database.writing() as connection:
            due = decide(connection)
        if due.revision:
            self.settle(due.plugin, due.revision)
        while due.revocations and not self._has_revoked(due.revocations):
            with self._turn:
                if not self._has_revoked(due.revocations):
                    self._round()

    def recover(self) -> int:
        """Publish all that is behind; return how many plugins that were."""
        count = 0
        while self._publisher is not None and self._is_behind():
            with self._turn:
                count += self._round()
        return count

    def refresh(self) -> None:
        """Sign anew what expires; to be called at least hourly."""
        if self._publisher is not None:
            with self._turn, self._database.alone():
                self._publisher.refresh()

    def _has_reached(self, plugin: int, revision: int) -> bool:
        with self._database.reading() as connection:
            found = connection.execute(select(plugins.c.published).where(plugins.c.id == plugin)).scalar_one()
        return int(found) >= revision

    def _has_revoked(self, revision: int) -> bool:
        with self._database.reading() as connection:
            return revoking.has_reached(connection, revision)

    def _is_behind(self) -> bool:
        with self._database.reading() as connection:
            return bool(self._due(connection)) or revoking.behind(connection) is not None

    def _due(self, connection: Connection) -> dict[int, int]:
        """Return the plugins whose index must be made, without those of which that failed already."""
        found = _behind(connection, ROUND + len(self._failed))
        return {each: wanted for each, wanted in found.items() if self._failed.get(each, (0,))[0] != wanted}

    def _made(self, connection: Connection, due: dict[int, int]) -> dict[int, PluginIndex]:
        """Return the indexes, without those that cannot be made."""
        made = {}
        for plugin, wanted in due.items():
            self._failed.pop(plugin, None)
            try:
                made[plugin] = index_of(connection, plugin)
            except UsageError as error:
                logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - it says all
                self._failed[plugin] = (wanted, error)
        return made

    def _round(self) -> int:
        """Publish what is behind; alone, across all processes. Return how many plugins that were."""
        self.require()
        with self._database.alone():
            with self._database.reading() as connection:
                due = self._due(connection)
                made = self._made(connection, due)
                revoked = revoking.behind(connection)
            if revoked is not None and self._publisher is not None:
                self._publisher.revoke(revoked[1])
                with self._database.writing() as connection:
                    revoking.mark(connection, revoked[0])
            if made and self._publisher is not None:
                self._publisher.publish(*made.values())
                with self._database.writing() as connection:
                    for plugin in made:
                        _mark(connection, plugin, due[plugin])
        return len(made)


def _behind(connection: Connection, most: int) -> dict[int, int]:
    """Return the plugins whose index is behind, with what it must reach."""
    query = (
        select(plugins.c.id, plugins.c.wanted)
        .where(plugins.c.wanted > plugins.c.published)
        .order_by(plugins.c.id)
        .limit(most)
    )
    return {int(row.id): int(row.wanted) for row in connection.execute(query)}


def _mark(connection: Connection, plugin: int, wanted: int) -> None:
    change = plugins.update().where(plugins.c.id == plugin, plugins.c.published < wanted)
    if connection.execute(change.values(published=wanted)).rowcount:
        summarise(connection, plugin)
