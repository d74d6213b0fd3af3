"""Names that users would take for another's: of a new plugin, compared with those that are published.

What always holds: only a name under which nothing was ever accepted is compared, and only with names of other
publishers that readers can see. What looks the same, or is the same but for words that say nothing, is
somebody's neighbour whoever they are; what is some slips of the keyboard away, only if they are used, and
the shorter a name the more: short names are alike by chance.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from yesman.marketplace.schema import plugins, releases
from yesman.scan.names import SHORTEST, essence, nearest

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

USED: Final = 100
"""Downloads from which on somebody gains by being taken for it."""
MUCH_USED: Final = 10_000
"""Likewise, of names shorter than ``SHORTEST`` letters."""
MOST: Final = 5000
"""The most used names: so many are compared letter by letter."""
SHORTEST_ESSENCE: Final = 3
OVERTAKEN: Final = 1000
"""Ids are given in one order and become visible in another, while several publish at once."""


class Neighbours:
    """Finds them; names are kept ready in memory, some 200 bytes each, as they come."""

    def __init__(self) -> None:
        self._by_essence: dict[str, str] = {}
        self._last = 0
        self._turn = threading.Lock()

    def of(self, connection: Connection, publisher: int, name: str) -> str:
        """Return the plugin that ``name``, wanted by ``publisher``, is taken for, or ""."""
        if _is_known(connection, name):
            return ""
        return self._same(connection, publisher, name) or _near(connection, publisher, name)

    def _same(self, connection: Connection, publisher: int, name: str) -> str:
        self._learn(connection)
        found = self._by_essence.get(essence(name), "").split()
        others = _visible(publisher).where(plugins.c.name.in_(found), plugins.c.name != name)
        same = connection.execute(others.limit(1)).first()
        return same.name if same else ""

    def _learn(self, connection: Connection) -> None:
        """Take in the names that have come since; none ever goes."""
        with self._turn:
            query = select(plugins.c.id, plugins.c.name).where(plugins.c.id > self._last - OVERTAKEN)
            for row in connection.execute(query.order_by(plugins.c.id)):
                key = essence(row.name)
                known = self._by_essence.get(key, "")
                if len(key) >= SHORTEST_ESSENCE and row.name not in known.split():
                    self._by_essence[key] = f"{known} {row.name}"
                self._last = row.id


def _is_known(connection: Connection, name: str) -> bool:
    """Tell whether something was accepted under ``name``: whoever waits for a moderator is not known yet."""
    query = select(releases.c.id).join_from(releases, plugins)
    accepted = query.where(plugins.c.name == name, releases.c.quarantined == "")
    return connection.execute(accepted.limit(1)).first() is not None


def _near(connection: Connection, publisher: int, name: str) -> str:
    used = _visible(publisher).where(plugins.c.downloads >= USED, plugins.c.name != name)
    most = used.add_columns(plugins.c.downloads).order_by(plugins.c.downloads.desc()).limit(MOST)
    found = [
        row.name
        for row in connection.execute(most)
        if min(len(name), len(row.name)) >= SHORTEST or row.downloads >= MUCH_USED
    ]
    return nearest(name, found)


def _visible(publisher: int) -> Select[tuple[str]]:
    """Return what asks for the names of others that readers can see."""
    return select(plugins.c.name).where(
        plugins.c.publisher_id != publisher, plugins.c.latest != "", plugins.c.state == "active"
    )
