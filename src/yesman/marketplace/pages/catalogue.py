"""The pages that everybody sees: the search, a plugin, its reviews, a publisher."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import Parameter

from yesman.marketplace import profiles
from yesman.marketplace.api.parts import Wired, in_thread, named
from yesman.marketplace.api.reading import Place, Query
from yesman.marketplace.pages import reads
from yesman.marketplace.pages.visiting import At, Visits
from yesman.marketplace.publishers import chain_of
from yesman.marketplace.searching import RELEVANCE, SORTS, Search, search
from yesman.model.permissions import Risk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from yesman.marketplace.database import Database
    from yesman.model.permissions import Permission

PAGE: Final = 20
REVIEWS: Final = 30
FACET_SECONDS: Final = 10.0
TITLES: Final = {
    RELEVANCE: "Best match",
    "popularity": "Most used",
    "rating": "Best rated",
    "updated": "Newest",
    "name": "Name",
}
Word = Annotated[str, Parameter(max_length=40)]


class Facets:
    """Categories and types, counted every now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._until = 0.0
        self._found: tuple[list[reads.Facet], list[reads.Facet]] = ([], [])

    def read(self) -> tuple[list[reads.Facet], list[reads.Facet]]:
        """Return both lists, at most :data:`FACET_SECONDS` old."""
        with self._turn:
            if time.monotonic() >= self._until:
                with self._database.reading() as connection:
                    self._found = reads.facets(connection)
                self._until = time.monotonic() + FACET_SECONDS
            return self._found


@get(["/", "/search"], include_in_schema=False)
@in_thread
def find(
    request: Request[Any, Any, Any],
    parts: Wired,
    at: At,
    visitor: Visits,
    *,
    q: Query = "",
    category: Word = "",
    kind: Annotated[str, Parameter(query="type", max_length=20)] = "",
    sort: Word = "",
    cursor: Place = "",
) -> Response[Any]:
    """Show a page of plugins, and what they can be narrowed by."""
    order = sort if sort in {*SORTS, RELEVANCE} else RELEVANCE if q.strip() else "popularity"
    with parts.database.reading() as connection:
        page = search(connection, Search(q, category, order, PAGE, cursor, kind))
        icons = profiles.icons_of(connection, [row.id for row in page.rows])
    asked = {"q": q, "category": category, "type": kind, "sort": sort}
    categories, types = at.facets.read()
    orders = {key: title for key, title in TITLES.items() if key != RELEVANCE or q.strip()}
    return at.site.public(
        request.headers.get("if-none-match", ""), "search.html", visitor=visitor, asked=asked, rows=page.rows,
        icons=icons, categories=categories, types=types, orders=orders, order=order, link=_links(asked),
        following=_links(asked)(cursor=page.cursor) if page.cursor else "", is_first=not cursor,
    )  # fmt: skip


def _links(asked: dict[str, str]) -> Any:
    """Return what makes the address of a search that differs in what it is given."""

    def link(**other: str) -> str:
        query = {key: value for key, value in {**asked, **other}.items() if value}
        return f"/search?{urlencode(query)}" if query else "/"

    return link


@get("/plugins/{name:str}", include_in_schema=False)
@in_thread
def show_plugin(
    request: Request[Any, Any, Any], parts: Wired, at: At, visitor: Visits, name: str
) -> Response[Any]:
    """Show a plugin."""
    with parts.database.reading() as connection:
        found = reads.plugin(connection, named(name))
    release = found.newest or (found.releases[0] if found.releases else None)
    permissions = by_risk(release.manifest.permissions) if release else []
    tag = request.headers.get("if-none-match", "")
    return at.site.public(
        tag, "plugin.html", visitor=visitor, plugin=found, release=release, permissions=permissions
    )


def by_risk(permissions: Sequence[Permission]) -> list[Permission]:
    """Return permissions, those that can do most harm first."""
    order = [Risk.HIGH, Risk.MEDIUM, Risk.LOW]
    return sorted(permissions, key=lambda permission: order.index(permission.risk))


@get("/plugins/{name:str}/reviews", include_in_schema=False)
@in_thread
def show_reviews(
    request: Request[Any, Any, Any], parts: Wired, at: At, visitor: Visits, *, name: str, cursor: Place = ""
) -> Response[Any]:
    """Show a page of a plugin's reviews."""
    with parts.database.reading() as connection:
        row = reads.plugin_row(connection, named(name))
        page = reads.reviews_of(connection, row.id, cursor, REVIEWS)
    tag = request.headers.get("if-none-match", "")
    return at.site.public(tag, "reviews.html", visitor=visitor, row=row, page=page)


@get("/publishers/{name:str}", include_in_schema=False)
@in_thread
def show_publisher(
    request: Request[Any, Any, Any], parts: Wired, at: At, visitor: Visits, *, name: str, cursor: Place = ""
) -> Response[Any]:
    """Show what somebody publishes, and with which keys."""
    with parts.database.reading() as connection:
        row = reads.publisher(connection, named(name))
        keys = chain_of(connection, row.id)
        page, icons = _published(connection, row.id, cursor)
    following = f"/publishers/{row.name}?{urlencode({'cursor': page.cursor})}" if page.cursor else ""
    tag = request.headers.get("if-none-match", "")
    return at.site.public(
        tag, "publisher.html", visitor=visitor, publisher=row, keys=keys[::-1], rows=page.rows, icons=icons,
        following=following,
    )  # fmt: skip


def _published(connection: Connection, publisher: int, cursor: str) -> Any:
    page = search(connection, Search(sort="name", limit=PAGE, cursor=cursor, publisher=publisher))
    return page, profiles.icons_of(connection, [row.id for row in page.rows])
