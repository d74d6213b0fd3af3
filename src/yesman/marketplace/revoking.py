"""What must not run any more, or is warned of: written down here, signed by a round of the index.

What always holds: what is revoked stays written down, also when it was taken back; and the signed list says
what stands here, whoever is killed in between (:mod:`yesman.marketplace.indexing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
from sqlalchemy import select

from yesman.marketplace import clock
from yesman.marketplace.schema import lists, revocations
from yesman.model.errors import NotFoundError, UsageError
from yesman.trust.index import Revocation, Revocations

if TYPE_CHECKING:
    from sqlalchemy import Connection

LIST: Final = "revocations"


def revoke(
    connection: Connection,
    *,
    plugin: str = "",
    version: str = "",
    keyid: str = "",
    severity: Literal["hard", "soft"],
    reason: str,
) -> int:
    """Write a revocation down, in place of one of the same thing; return the revision to settle.

    Raises:
        UsageError: It cannot be put into the list.
    """
    row = {"plugin": plugin, "version": version, "keyid": keyid, "severity": severity, "reason": reason}
    row["since"] = clock.now()
    try:
        msgspec.convert(row, Revocation)  # as a client reads it
    except msgspec.ValidationError as error:
        raise UsageError(f"That cannot be revoked: {error}", "Write the reason on one line") from error
    _withdraw(connection, plugin, version, keyid)
    connection.execute(revocations.insert().values(row))
    return _raise_wanted(connection)


def withdraw(connection: Connection, *, plugin: str = "", version: str = "", keyid: str = "") -> int:
    """Take a revocation back; return the revision to settle.

    Raises:
        NotFoundError: There is none of exactly that.
    """
    if not _withdraw(connection, plugin, version, keyid):
        raise NotFoundError("Nothing of that is revoked", "Look at what is: /api/moderation/revocations")
    return _raise_wanted(connection)


def standing(connection: Connection, plugin: str | None = None) -> tuple[Revocation, ...]:
    """Return what is revoked, the oldest first; of one plugin by name, where it is given."""
    query = select(revocations).where(revocations.c.withdrawn == "").order_by(revocations.c.id)
    if plugin is not None:
        query = query.where(revocations.c.plugin == plugin)
    return tuple(
        Revocation(
            plugin=row.plugin, version=row.version, keyid=row.keyid, severity=row.severity,
            reason=row.reason, since=row.since,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def is_revoked_key(connection: Connection, keyid: str) -> bool:
    """Tell whether what the key signs from now on must not be taken."""
    query = select(revocations.c.id).where(revocations.c.withdrawn == "", revocations.c.keyid == keyid)
    return connection.execute(query.limit(1)).first() is not None


def has_reached(connection: Connection, revision: int) -> bool:
    """Tell whether the signed list says what it must say as of ``revision``."""
    return (
        int(connection.execute(select(lists.c.published).where(lists.c.name == LIST)).scalar_one())
        >= revision
    )


def behind(connection: Connection) -> tuple[int, Revocations] | None:
    """Return the revision that the signed list must reach and what it must say; None where it does."""
    query = select(lists.c.wanted).where(lists.c.name == LIST, lists.c.wanted > lists.c.published)
    wanted = connection.execute(query).scalar_one_or_none()
    return None if wanted is None else (int(wanted), Revocations(standing(connection)))


def mark(connection: Connection, revision: int) -> None:
    """Say that the signed list says what stood here as of ``revision``."""
    change = lists.update().where(lists.c.name == LIST, lists.c.published < revision)
    connection.execute(change.values(published=revision))


def _withdraw(connection: Connection, plugin: str, version: str, keyid: str) -> bool:
    same = (
        revocations.c.withdrawn == "",
        revocations.c.plugin == plugin,
        revocations.c.version == version,
        revocations.c.keyid == keyid,
    )
    change = revocations.update().where(*same).values(withdrawn=clock.now())
    return connection.execute(change).rowcount > 0


def _raise_wanted(connection: Connection) -> int:
    change = lists.update().where(lists.c.name == LIST).values(wanted=lists.c.wanted + 1)
    return int(connection.execute(change.returning(lists.c.wanted)).scalar_one())
