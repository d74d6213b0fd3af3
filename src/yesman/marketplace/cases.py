"""What moderators see: the queue of plugins that wait for them, and all that is known of one.

What always holds: a plugin is in the queue as long as it, or a release of it, waits in quarantine, a report
of it is open, or its author has asked again; who waits longest comes first.
Texts are as strangers wrote them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from sqlalchemy import and_, func, or_, select, union_all

from yesman.marketplace.cursors import Cursor, read, written
from yesman.marketplace.revoking import standing
from yesman.marketplace.schema import decisions, plugins, publishers, releases, reports, requests
from yesman.model.errors import NotFoundError
from yesman.trust.index import Revocation  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

NEWEST: Final = 20
"""Decisions of a plugin that are shown."""
MOST: Final = 200
"""Reports, releases and requests of a plugin that are shown."""


_OF_A_RELEASE: Final = tuple(
    releases.c[key] for key in ("version", "quarantined", "sha256", "held", "published")
)
"""There may be a thousand, each with a manifest that nobody reads here."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An open report; ``weight`` is what the reporter's word weighed."""

    reporter: str
    kind: str
    version: str
    text: str
    weight: int
    at: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A release in quarantine; ``reason`` is how its scan ended, ``since`` "" once it was decided about."""

    version: str
    reason: str
    sha256: str
    since: str
    published_at: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an author says to a decision about a version, or about the plugin ("")."""

    version: str
    action: str
    text: str
    at: str


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision; ``by`` is "" where the marketplace's own rules decided."""

    version: str
    action: str
    reason: str
    by: str
    at: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin, for moderators.

    Attributes:
        name: Of the plugin.
        publisher: Whose it is.
        state: ``active``, ``quarantined``, ``reserved`` or ``removed``.
        waiting_since: Since when a moderator should look, or "".
        downloads: Of all releases.
        versions: All releases, the newest first.
        reports: Open ones, the newest first.
        held: Releases in quarantine.
        requests: What its author asks.
        decisions: The newest ones, the newest first.
        revoked: What of it clients are told to stop, or to warn of.
    """

    name: str
    publisher: str
    state: str
    waiting_since: str
    downloads: int
    versions: tuple[str, ...]
    reports: tuple[Said, ...]
    held: tuple[Held, ...]
    requests: tuple[Asked, ...]
    decisions: tuple[Decided, ...]
    revoked: tuple[Revocation, ...]


class Queue(NamedTuple):
    """A page of it, and where the next one starts, or ""."""

    cases: tuple[Case, ...]
    cursor: str


def queue(connection: Connection, *, limit: int, cursor: str = "") -> Queue:
    """Return who waits, the longest first.

    Raises:
        UsageError: The cursor is not one of this list.
    """
    waiting = _waiting().subquery()
    since = func.min(waiting.c.since)
    query = select(waiting.c.plugin_id, since.label("since")).group_by(waiting.c.plugin_id)
    if cursor:
        last = read(cursor, str)
        query = query.having(or_(since > last.key, and_(since == last.key, waiting.c.plugin_id > last.id)))
    rows = connection.execute(query.order_by(since, waiting.c.plugin_id).limit(limit + 1)).all()
    page = rows[:limit]
    place = written(Cursor(page[-1].since, page[-1].plugin_id)) if len(rows) > limit else ""
    return Queue(tuple(_case(connection, _by_id(row.plugin_id)) for row in page), place)


def count(connection: Connection) -> int:
    """Return how many plugins wait."""
    ids = select(_waiting().subquery().c.plugin_id).distinct().subquery()
    return int(connection.execute(select(func.count()).select_from(ids)).scalar_one())


def case_of(connection: Connection, name: str) -> Case:
    """Return all that moderators see of a plugin.

    Raises:
        NotFoundError: There is none.
    """
    query = _about().where(plugins.c.name == name)
    if connection.execute(query).first() is None:
        raise NotFoundError(f"There is no plugin '{name}'", "Look at the queue")
    return _case(connection, query)


def _waiting() -> Any:
    """Return the query for who waits (plugin_id) and since when, a row for each reason."""
    return union_all(
        select(plugins.c.id.label("plugin_id"), plugins.c.held.label("since")).where(plugins.c.held != ""),
        select(releases.c.plugin_id, releases.c.held).where(releases.c.held != ""),
        select(reports.c.plugin_id, reports.c.created).where(reports.c.settled == ""),
        select(requests.c.plugin_id, requests.c.created).where(requests.c.settled == ""),
    )


def _about() -> Select[Any]:
    return select(plugins, publishers.c.name.label("publisher")).join_from(plugins, publishers)


def _by_id(plugin: int) -> Select[Any]:
    return _about().where(plugins.c.id == plugin)


def _case(connection: Connection, query: Select[Any]) -> Case:
    about = connection.execute(query).one()
    own = select(*_OF_A_RELEASE).where(releases.c.plugin_id == about.id).order_by(releases.c.id.desc())
    rows = connection.execute(own).all()
    waiting = _waiting().subquery()
    since = select(func.min(waiting.c.since)).where(waiting.c.plugin_id == about.id)
    return Case(
        name=about.name, publisher=about.publisher, state=about.state, downloads=about.downloads,
        waiting_since=connection.execute(since).scalar() or "",
        versions=tuple(row.version for row in rows),
        reports=_reports(connection, about.id), held=_held(rows), requests=_requests(connection, about.id),
        decisions=_decisions(connection, about.id), revoked=standing(connection, about.name),
    )  # fmt: skip


def _reports(connection: Connection, plugin: int) -> tuple[Said, ...]:
    query = (
        select(reports, publishers.c.name.label("reporter"))
        .join_from(reports, publishers)
        .where(reports.c.plugin_id == plugin, reports.c.settled == "")
        .order_by(reports.c.id.desc())
        .limit(MOST)
    )
    return tuple(
        Said(
            reporter=row.reporter, kind=row.kind, version=row.version, text=row.text, weight=row.weight,
            at=row.created,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def _held(rows: Sequence[Any]) -> tuple[Held, ...]:
    return tuple(
        Held(
            version=row.version, reason=row.quarantined, sha256=row.sha256, since=row.held,
            published_at=row.published,
        )
        for row in rows
        if row.quarantined
    )[:MOST]  # fmt: skip


def _requests(connection: Connection, plugin: int) -> tuple[Asked, ...]:
    query = (
        select(requests.c.text, requests.c.created, decisions.c.version, decisions.c.action)
        .join_from(requests, decisions)
        .where(requests.c.plugin_id == plugin, requests.c.settled == "")
        .order_by(requests.c.id.desc())
        .limit(MOST)
    )
    return tuple(
        Asked(version=row.version, action=row.action, text=row.text, at=row.created)
        for row in connection.execute(query)
    )


def _decisions(connection: Connection, plugin: int) -> tuple[Decided, ...]:
    query = (
        select(decisions, publishers.c.name.label("by"))
        .join_from(decisions, publishers, isouter=True)
        .where(decisions.c.plugin_id == plugin)
        .order_by(decisions.c.id.desc())
        .limit(NEWEST)
    )
    return tuple(
        Decided(version=row.version, action=row.action, reason=row.reason, by=row.by or "", at=row.created)
        for row in connection.execute(query)
    )
