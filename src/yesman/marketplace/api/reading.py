"""What everybody may read: lists, plugins, reviews, categories, health and figures. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import Parameter
from sqlalchemy import func, select

from yesman.marketplace.api import shapes
from yesman.marketplace.api.metrics import MEDIA
from yesman.marketplace.api.parts import Parts, Wired, answered, in_thread, named
from yesman.marketplace.cursors import LONGEST, Cursor, read, written
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.schema import categories, plugins, publishers, reviews
from yesman.marketplace.searching import Search, count_listed, search
from yesman.marketplace.summary import latest, visible
from yesman.model.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Connection

PAGE: Final = 20
LIST_SECONDS: Final = 10
"""For how long a list may be shown again without asking."""

Query = Annotated[str, Parameter(max_length=LIMITS.query, description="Words; the last one may be begun")]
Limit = Annotated[int, Parameter(ge=1, le=LIMITS.page, description="Items of a page")]
Place = Annotated[str, Parameter(max_length=LONGEST, description="From the Link header of the page before")]
Sorting = Literal["popularity", "rating", "updated", "name", "relevance"]


@get("/api/plugins", summary="Search plugins", tags=["catalogue"])
@in_thread
def list_plugins(
    request: Request[Any, Any, Any],
    parts: Wired,
    *,
    q: Query = "",
    category: Annotated[str, Parameter(max_length=40)] = "",
    kind: Annotated[str, Parameter(query="type", max_length=20)] = "",
    sort: Sorting = "popularity",
    limit: Limit = PAGE,
    cursor: Place = "",
) -> Response[list[shapes.Plugin]]:
    """Return a page of plugins; a Link header with ``rel="next"`` names the next one."""
    wanted = Search(q, category, sort, limit, cursor, kind)
    with parts.database.reading() as connection:
        page = search(connection, wanted)
    asked = {"q": q, "category": category, "type": kind, "sort": sort, "limit": str(limit)}
    link = next_page(parts, "/api/plugins", page.cursor, **asked)
    found = [shapes.plugin_of(row, parts.base) for row in page.rows]
    return answered(request, found, age=LIST_SECONDS, link=link)


@get("/api/plugins/{name:str}", summary="Show a plugin", tags=["catalogue"])
@in_thread
def show_plugin(request: Request[Any, Any, Any], parts: Wired, name: str) -> Response[shapes.PluginDetails]:
    """Return a plugin with all its releases."""
    with parts.database.reading() as connection:
        row = _plugin(connection, named(name))
        releases = connection.execute(visible(row.id)).all()
    details = shapes.details_of(row, row.publisher, reversed(releases), latest(releases), parts.base)
    return answered(request, details)


@get("/api/plugins/{name:str}/reviews", summary="List reviews", tags=["catalogue"])
@in_thread
def list_reviews(
    request: Request[Any, Any, Any], parts: Wired, name: str, limit: Limit = PAGE, cursor: Place = ""
) -> Response[list[shapes.Review]]:
    """Return a page of reviews, the newest first."""
    query = select(reviews, publishers.c.name.label("publisher")).join_from(reviews, publishers)
    if cursor:
        query = query.where(reviews.c.id < read(cursor, int).id)
    with parts.database.reading() as connection:
        row = _plugin(connection, named(name))
        query = query.where(reviews.c.plugin_id == row.id).order_by(reviews.c.id.desc()).limit(limit + 1)
        rows = connection.execute(query).all()
    page = rows[:limit]
    place = written(Cursor(0, page[-1].id)) if len(rows) > limit else ""
    found = [
        shapes.Review(
            publisher=r.publisher, stars=r.stars, text=r.text, version=r.version, updated_at=r.updated
        )
        for r in page
    ]
    link = next_page(parts, f"/api/plugins/{name}/reviews", place, limit=str(limit))
    return answered(request, found, link=link)


@get("/api/categories", summary="List categories", tags=["catalogue"])
@in_thread
def list_categories(request: Request[Any, Any, Any], parts: Wired) -> Response[list[shapes.Category]]:
    """Return all categories, and how many plugins each has."""
    listed = (
        (plugins.c.category == categories.c.name) & (plugins.c.state == "active") & (plugins.c.latest != "")
    )
    query = (
        select(categories.c.name, categories.c.title, func.count(plugins.c.id).label("plugins"))
        .join_from(categories, plugins, listed, isouter=True)
        .group_by(categories.c.name, categories.c.title)
        .order_by(categories.c.name)
    )
    with parts.database.reading() as connection:
        rows = connection.execute(query).all()
    found = [shapes.Category(name=r.name, title=r.title, plugins=r.plugins) for r in rows]
    return answered(request, found, age=LIST_SECONDS)


@get("/api/health", summary="Tell whether it works", tags=["operation"])
@in_thread
def health(parts: Wired) -> Response[dict[str, str]]:
    """Return ``ok`` if the database answers and the storage can be read; a problem otherwise."""
    with parts.database.reading() as connection:
        connection.execute(select(1))
    parts.objects.read("metadata/timestamp.json", LIMITS.body)
    return Response({"status": "ok"}, headers={"cache-control": "no-store"})


@get("/api/metrics", summary="Figures for Prometheus", tags=["operation"])
@in_thread
def metrics(parts: Wired) -> Response[str]:
    """Return what this process counted, and what the database holds."""
    behind = select(func.count()).select_from(plugins).where(plugins.c.wanted > plugins.c.published)
    with parts.database.reading() as connection:
        gauges = {
            "plugins": count_listed(connection),
            "indexes_behind": int(connection.execute(behind).scalar_one()),
        }
    return Response(parts.metrics.text(gauges), headers={"cache-control": "no-store"}, media_type=MEDIA)


def _plugin(connection: Connection, name: str) -> Any:
    """Return a listed plugin, or one all of whose releases are yanked.

    Raises:
        NotFoundError: There is none.
    """
    query = (
        select(plugins, publishers.c.name.label("publisher"))
        .join_from(plugins, publishers)
        .where(plugins.c.name == name, plugins.c.state == "active", plugins.c.published > 0)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no plugin '{name}'", "Search for it: /api/plugins?q=")
    return row


def next_page(parts: Parts, path: str, place: str, **query: str) -> str:
    """Return a Link header to the next page, or "" where there is none."""
    if not place:
        return ""
    given = {key: value for key, value in query.items() if value}
    return f'<{parts.base}{path}?{urlencode({**given, "cursor": place})}>; rel="next"'


READING: Final = (list_plugins, show_plugin, list_reviews, list_categories, health, metrics)
