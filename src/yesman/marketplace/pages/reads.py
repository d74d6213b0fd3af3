"""What pages show, read from the database at one moment. Nothing here writes, and nothing is made up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from sqlalchemy import func, select

from yesman.marketplace import profiles
from yesman.marketplace.cursors import Cursor, read, written
from yesman.marketplace.schema import categories, keys, plugins, publishers, reviews
from yesman.marketplace.summary import latest, visible
from yesman.model.errors import NotFoundError
from yesman.model.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from yesman.marketplace.profiles import Profile

REVIEWS: Final = 10
_ELSEWHERE: Final = "Search for another"


class Release(NamedTuple):
    """A release that readers may see, and the version before it, or None."""

    row: Any
    before: str | None

    @property
    def manifest(self) -> Manifest:
        """What its manifest says; there may be a thousand releases, and few of these are read."""
        return msgspec.json.decode(self.row.manifest, type=Manifest)


class Reviews(NamedTuple):
    """A page of reviews, and where the next one starts, or ""."""

    rows: Sequence[Any]
    cursor: str


class Plugin(NamedTuple):
    """All that its page shows of a plugin.

    Attributes:
        row: Of the table, with the publisher's name.
        releases: Those that readers may see, the newest first.
        newest: The one that is installed, or None where all are yanked.
        profile: What the newest shows of itself.
        icon: Its name below ``/icons``, or "".
        signer: The key that the newest is signed with, or None.
        reviews: The newest.
    """

    row: Any
    releases: Sequence[Release]
    newest: Release | None
    profile: Profile
    icon: str
    signer: Any
    reviews: Reviews


class Facet(NamedTuple):
    """One choice of a list, with how many plugins it leaves."""

    name: str
    title: str
    plugins: int


def plugin(connection: Connection, name: str) -> Plugin:
    """Return a plugin.

    Raises:
        NotFoundError: There is none, or readers may not see it now.
    """
    row = plugin_row(connection, name)
    found = connection.execute(visible(row.id)).all()
    releases = _releases(found)
    chosen = latest(found)
    newest = next((each for each in releases if chosen is not None and each.row.id == chosen.id), None)
    shown = newest or (releases[0] if releases else None)
    signer = select(keys).where(keys.c.keyid == shown.row.signer) if shown else None
    return Plugin(
        row=row,
        releases=releases,
        newest=newest,
        profile=profiles.find(connection, shown.row.id) if shown else profiles.Profile(),
        icon=profiles.icons_of(connection, [row.id]).get(row.id, ""),
        signer=connection.execute(signer).one_or_none() if signer is not None else None,
        reviews=reviews_of(connection, row.id, "", REVIEWS),
    )


def plugin_row(connection: Connection, name: str) -> Any:
    """Return the row of a plugin that readers may see, with its publisher's name.

    Raises:
        NotFoundError: There is none; one that is under review or was removed is said to be.
    """
    query = select(plugins, publishers.c.name.label("publisher")).join_from(plugins, publishers)
    row = connection.execute(query.where(plugins.c.name == name, plugins.c.published > 0)).one_or_none()
    if row is not None and row.state == "quarantined":
        raise NotFoundError(
            f"'{name}' is under review: until moderators have decided, it cannot be installed", _ELSEWHERE
        )
    if row is not None and row.state == "removed":
        raise NotFoundError(f"'{name}' was removed by the registry's moderators", _ELSEWHERE)
    if row is None or row.state != "active":
        raise NotFoundError(f"There is no plugin called '{name}'", _ELSEWHERE)
    return row


def releases_of(connection: Connection, plugin: int) -> list[Release]:
    """Return the releases of a plugin that readers may see, the newest first."""
    return _releases(connection.execute(visible(plugin)).all())


def _releases(rows: Sequence[Any]) -> list[Release]:
    before = [None, *(row.version for row in rows)]
    pairs = zip(rows, before, strict=False)
    return [Release(row, old) for row, old in pairs][::-1]


def reviews_of(connection: Connection, plugin: int, cursor: str, limit: int) -> Reviews:
    """Return a page of reviews, the newest first.

    Raises:
        UsageError: The cursor is not one of this list.
    """
    query = select(reviews, publishers.c.name.label("publisher")).join_from(reviews, publishers)
    query = query.where(reviews.c.plugin_id == plugin).order_by(reviews.c.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(reviews.c.id < read(cursor, int).id)
    rows = connection.execute(query).all()
    more = len(rows) > limit
    return Reviews(rows[:limit], written(Cursor(0, rows[limit - 1].id)) if more else "")


def publisher(connection: Connection, name: str) -> Any:
    """Return the row of somebody who publishes.

    Raises:
        NotFoundError: Nobody of that name does: who only reviews has no page.
    """
    owns = select(plugins.c.id).where(plugins.c.publisher_id == publishers.c.id, plugins.c.latest != "")
    query = select(publishers).where(publishers.c.name == name, owns.exists())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"Nobody called '{name}' publishes here", "Search for a plugin")
    return row


def facets(connection: Connection) -> tuple[list[Facet], list[Facet]]:
    """Return categories and types, with how many plugins each has."""
    listed = (plugins.c.state == "active", plugins.c.latest != "")
    counts = select(plugins.c.category, plugins.c.type, func.count().label("found")).where(*listed)
    found = connection.execute(counts.group_by(plugins.c.category, plugins.c.type)).all()
    titles = connection.execute(select(categories).order_by(categories.c.name)).all()
    by_category = [
        Facet(row.name, row.title, sum(each.found for each in found if each.category == row.name))
        for row in titles
    ]
    types = sorted({each.type for each in found})
    by_type = [Facet(name, name, sum(each.found for each in found if each.type == name)) for name in types]
    return by_category, by_type
