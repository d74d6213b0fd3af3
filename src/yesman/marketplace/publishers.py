"""Publishers and their keys: who has the token registers the first, and each other is signed by the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Table, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from yesman.marketplace import clock
from yesman.marketplace.events import record
from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.schema import keys, plugins, publishers, revocations
from yesman.model.errors import NotFoundError, UsageError
from yesman.trust.author_keys import Chain
from yesman.trust.index import PublisherKey, is_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def insert_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless it contradicts one that is there; return whether it was inserted."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made = insert(table).values(row).on_conflict_do_nothing().returning(literal(1))
    return connection.execute(made).first() is not None


def publisher_id(connection: Connection, name: str) -> int:
    """Return the id of a publisher, who is made known if need be.

    Raises:
        UsageError: Nobody can be called so.
    """
    if not is_name(name):
        raise UsageError(f"A publisher cannot be called {name!r}", "Use a-z, 0-9 and '-'")
    insert_new(connection, publishers, {"name": name, "created": clock.now()})
    return int(connection.execute(select(publishers.c.id).where(publishers.c.name == name)).scalar_one())


def trust(connection: Connection, name: str, *, trusted: bool) -> None:
    """Say whether a publisher's reports weigh more from now on."""
    connection.execute(publishers.update().where(publishers.c.name == name).values(trusted=trusted))


def chain_of(connection: Connection, publisher: int) -> tuple[PublisherKey, ...]:
    """Return the keys of a publisher, the oldest first."""
    rows = connection.execute(select(keys).where(keys.c.publisher_id == publisher)).all()
    after = {row.signed_by: row for row in rows}
    found: list[PublisherKey] = []
    while row := after.get(found[-1].keyid if found else ""):
        found.append(
            PublisherKey(
                keyid=row.keyid, public=row.public, since=row.since,
                signed_by=row.signed_by, signature=row.signature,
            )
        )  # fmt: skip
    return tuple(found)


class Registered(NamedTuple):
    """A publisher's key; ``revoked`` is ``hard``, ``soft`` or ""."""

    publisher: str
    keyid: str
    since: str
    signed_by: str
    revoked: str


def all_keys(connection: Connection, publisher: str = "") -> tuple[Registered, ...]:
    """Return the keys of all publishers, or of one, by publisher, the oldest first."""
    severity = func.coalesce(revocations.c.severity, "").label("revoked")
    standing = (revocations.c.keyid == keys.c.keyid) & (revocations.c.withdrawn == "")
    columns = (publishers.c.name.label("publisher"), keys.c.keyid, keys.c.since, keys.c.signed_by, severity)
    query = select(*columns).join_from(keys, publishers).join(revocations, standing, isouter=True)
    if publisher:
        query = query.where(publishers.c.name == publisher)
    rows = connection.execute(query.order_by(publishers.c.name, keys.c.since, keys.c.keyid))
    return tuple(Registered(*row) for row in rows)


def first_key_of(connection: Connection, plugin: str) -> str:
    """Return the id of the first key of whoever owns the name ``plugin``.

    Raises:
        NotFoundError: Nobody does, or they have registered none.
    """
    query = select(plugins.c.publisher_id).where(plugins.c.name == plugin)
    owner = connection.execute(query).scalar_one_or_none()
    chain = chain_of(connection, owner) if owner is not None else ()
    if not chain:
        raise NotFoundError(f"Nobody who has a key owns the name '{plugin}'", "Give the owner's KEYID")
    return chain[0].keyid


def add_key(connection: Connection, publisher: int, name: str, key: PublisherKey) -> None:
    """Register a key: the first, or one that the last one has signed. Again is the same as once.

    Raises:
        VerificationError: It is not signed so.
        ConflictError: It is somebody else's.
    """
    known = chain_of(connection, publisher)
    if key in known:
        return
    Chain((*known, key))
    row = {"publisher_id": publisher, "keyid": key.keyid, "public": key.public, "since": key.since}
    row |= {"signed_by": key.signed_by, "signature": key.signature}
    if not insert_new(connection, keys, row):
        raise ConflictError(
            "This key, or another that follows the same one, is registered", "Look at your keys"
        )
    record(connection, "key", publisher=name, detail=key.keyid)
