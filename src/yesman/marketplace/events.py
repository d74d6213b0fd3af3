"""The log that only grows: who published, yanked, quarantined or took over what, and when.

What always holds: what is public of it names nobody who reported or decided, and repeats no accusation: of a
quarantine it says that there was one. Moderators see all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import select

from yesman.marketplace import clock
from yesman.marketplace.schema import events

if TYPE_CHECKING:
    from sqlalchemy import Connection

AUTHORS: Final = ("publish", "yank", "unyank", "claim", "reserve", "key")
"""Public, with who did it."""
MODERATORS: Final = (
    "restore", "remove", "revoke", "unrevoke", "force-yank", "force-unyank",
)  # fmt: skip
"""Public, with the reason and without who decided."""
BARE: Final = ("quarantine", "revoke-key", "unrevoke-key")
"""Public, without both."""
PUBLIC: Final = (*AUTHORS, *MODERATORS, *BARE)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log; ``publisher`` and ``detail`` are empty where the reader may not know."""

    id: int
    at: str
    kind: str
    plugin: str
    version: str
    publisher: str
    detail: str


def record(
    connection: Connection,
    kind: str,
    *,
    plugin: str = "",
    version: str = "",
    publisher: str = "",
    detail: str = "",
) -> None:
    """Write down what happens, in the transaction in which it happens."""
    row = {"at": clock.now(), "kind": kind, "plugin": plugin, "version": version}
    connection.execute(events.insert().values(**row, publisher=publisher, detail=detail[:2000]))


def newest(
    connection: Connection, *, limit: int, before: int = 0, plugin: str = "", everything: bool = False
) -> tuple[Event, ...]:
    """Return events, the newest first.

    Args:
        connection: To read from.
        limit: How many at most.
        before: Only older ones than that of this id; 0 for all.
        plugin: Only of this one, or "".
        everything: As moderators see it, instead of what is public.
    """
    query = select(events).order_by(events.c.id.desc()).limit(limit)
    if before:
        query = query.where(events.c.id < before)
    if plugin:
        query = query.where(events.c.plugin == plugin)
    if not everything:
        query = query.where(events.c.kind.in_(PUBLIC))
    return tuple(_event(row, everything=everything) for row in connection.execute(query))


def _event(row: Any, *, everything: bool) -> Event:
    return Event(
        id=row.id, at=row.at, kind=row.kind, plugin=row.plugin, version=row.version,
        publisher=row.publisher if everything or row.kind in AUTHORS else "",
        detail=row.detail if everything or row.kind not in BARE else "",
    )  # fmt: skip
