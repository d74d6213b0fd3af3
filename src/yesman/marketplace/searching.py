"""Plugins are found by words, in pages, most used first unless asked otherwise.

What always holds: the work for a page is bounded however many plugins match, because few matches are
fetched and sorted, and of many only as many are looked at, in the order of the page, as fill it;
``relevance`` looks at the most used matches only. Both databases give the same answer. Where no word
matches, parts of names do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import Column, and_, cast, func, literal, literal_column, or_, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from yesman.marketplace.cursors import Cursor, read, written
from yesman.marketplace.schema import plugins, publishers, releases
from yesman.marketplace.words import asked, grams_of, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Select

FEW: Final = 2_400
"""Matches that are fetched and sorted; beyond, the order is followed and the matches are picked out."""
RANKED: Final = 300
"""The most used matches, of which ``relevance`` chooses."""
MOST_PARTS: Final = 10
"""Groups of three letters that are looked for where one word alone was asked for and matches nothing."""
SHORTEST_START: Final = 2
"""Letters of a word that is only begun."""


class Sort(NamedTuple):
    """An order: by a column, downwards or not, whose values in a cursor are of one kind."""

    column: Column[Any]
    descending: bool
    kind: type


SORTS: Final = {
    "popularity": Sort(plugins.c.downloads, descending=True, kind=int),
    "rating": Sort(plugins.c.rating, descending=True, kind=float),
    "updated": Sort(plugins.c.updated, descending=True, kind=str),
    "name": Sort(plugins.c.name, descending=False, kind=str),
}
RELEVANCE: Final = "relevance"


class Search(NamedTuple):
    """What somebody looks for.

    Attributes:
        query: Words; the last one may be begun.
        category: The only one, or "".
        sort: Of :data:`SORTS`, or :data:`RELEVANCE`.
        limit: Plugins of a page.
        cursor: Where it starts, or "".
        type: The only one, or "".
        publisher: The id of the only one, or 0.
    """

    query: str = ""
    category: str = ""
    sort: str = "popularity"
    limit: int = 20
    cursor: str = ""
    type: str = ""
    publisher: int = 0


class Page(NamedTuple):
    """Rows, and where the next page starts, or ""."""

    rows: Sequence[Any]
    cursor: str


_OWN: Final = "id name description author category type downloads rating reviews stars updated latest"
_COLUMNS: Final = (
    *(plugins.c[key] for key in _OWN.split()),
    publishers.c.name.label("publisher"),
    releases.c.sha256,
    releases.c.length,
    releases.c.published,
)


def search(connection: Connection, wanted: Search) -> Page:
    """Return a page of plugins.

    Raises:
        UsageError: The cursor is not one of this list.
    """
    rows = _narrowed(connection, wanted)
    if not wanted.query.strip():
        return _page(connection, rows, wanted)
    words = asked(wanted.query)
    match = _matching(connection, words, wanted.query)
    if match is None:
        return Page((), "")
    rows = rows.where(match)
    return (
        _ranked(connection, rows, wanted, words)
        if wanted.sort == RELEVANCE
        else _page(connection, rows, wanted)
    )


def _listed() -> Select[Any]:
    """Return the query for the ids of all that is listed."""
    return select(plugins.c.id).where(plugins.c.state == "active", plugins.c.latest != "")


def _narrowed(connection: Connection, wanted: Search) -> Select[Any]:
    """Return the query for what is listed, without those of other categories, types and publishers.

    Where few are left, these are fetched and sorted: to find them, the order would be followed to its end.
    """
    kept = {
        "category": wanted.category.replace("\0", "?"),  # of which PostgreSQL takes none; it matches nothing
        "type": wanted.type.replace("\0", "?"),
        "publisher_id": wanted.publisher,
    }
    conditions = [plugins.c[column] == value for column, value in kept.items() if value]
    if not conditions:
        return _listed()
    rows = _listed().where(*conditions)
    found = connection.execute(rows.limit(FEW + 1)).scalars().all()
    return _listed().where(plugins.c.id.in_(found)) if len(found) <= FEW else rows


def _shown(connection: Connection, chosen: Select[Any], *order: ColumnElement[Any]) -> list[Any]:
    """Return the rows of the ids that ``chosen`` selects: only for these are other tables looked at."""
    latest = and_(releases.c.plugin_id == plugins.c.id, releases.c.version == plugins.c.latest)
    query = select(*_COLUMNS).join_from(plugins, publishers).join(releases, latest)
    return list(connection.execute(query.where(plugins.c.id.in_(chosen)).order_by(*order)))


def _matching(connection: Connection, words: Sequence[str], query: str) -> ColumnElement[bool] | None:
    """Return the condition for what matches all words; else, of one word, for names with such a part."""
    parts = grams_of(query)[:MOST_PARTS] if len(query.split()) == 1 else ()
    for terms, begun in ((words, True), (parts, False)):
        if terms:
            condition, count = _condition(connection, terms, begun=begun)
            if count:
                return condition
    return None


def _condition(
    connection: Connection, terms: Sequence[str], *, begun: bool
) -> tuple[ColumnElement[bool], int]:
    """Return the condition for ``terms`` and how many match, counted up to a little over :data:`FEW`.

    Terms hold letters and digits, and perhaps the mark of :mod:`yesman.marketplace.words`.
    """
    begun = begun and len(terms[-1]) >= SHORTEST_START
    if connection.dialect.name == "sqlite":
        return _sqlite_condition(connection, terms, begun=begun)
    match = " & ".join(f"'{term}'" for term in terms) + (":*" if begun else "")
    condition = literal_column("plugins.search").op("@@", is_comparison=True)(cast(match, TSQUERY))
    any_of_them = select(plugins.c.id).where(condition).limit(1)
    return condition, len(connection.execute(any_of_them).all())


def _sqlite_condition(
    connection: Connection, terms: Sequence[str], *, begun: bool
) -> tuple[ColumnElement[bool], int]:
    """Return the condition and the count; of many matches, the rows themselves are asked, most used first."""
    match = " ".join(f'"{term}"' for term in terms) + ("*" if begun else "")
    found = "SELECT rowid FROM plugins_search WHERE plugins_search MATCH :match LIMIT :most"
    # All in one row: between rows the interpreter's lock is given away, and other threads take it for long.
    both = text(f"SELECT count(*), json_group_array(rowid) FROM ({found})")  # noqa: S608 - a constant of ours
    count, ids = connection.execute(both, {"match": match, "most": FEW + 1}).one()
    if count <= FEW:  # given back as they are: to look for them once more would take as long again
        given = text("SELECT value FROM json_each(:ids)").bindparams(ids=ids)
        return plugins.c.id.in_(given), count
    padded = literal(" ").concat(plugins.c.words).concat(" ")
    ends = [f" {term} " for term in terms[:-1]] + [f" {terms[-1]}" + ("" if begun else " ")]
    return and_(*(func.instr(padded, end) > 0 for end in ends)), count


def _page(connection: Connection, rows: Select[Any], wanted: Search) -> Page:
    """Return the page after the cursor, in the order asked for."""
    sort = SORTS.get(wanted.sort, SORTS["popularity"])
    if wanted.cursor:
        rows = rows.where(_after(sort, read(wanted.cursor, sort.kind)))
    order = (sort.column.desc() if sort.descending else sort.column.asc(), plugins.c.id)
    found = _shown(connection, rows.order_by(*order).limit(wanted.limit + 1), *order)
    page = found[: wanted.limit]
    more = len(found) > len(page)
    key = getattr(page[-1], sort.column.key or "") if more else ""
    return Page(page, written(Cursor(key, page[-1].id)) if more else "")


def _after(sort: Sort, cursor: Cursor) -> ColumnElement[bool]:
    further = sort.column < cursor.key if sort.descending else sort.column > cursor.key
    return or_(further, and_(sort.column == cursor.key, plugins.c.id > cursor.id))


def _ranked(connection: Connection, rows: Select[Any], wanted: Search, words: Sequence[str]) -> Page:
    """Return the page of the most used matches, those first whose names say what is looked for."""
    start = read(wanted.cursor, int).id if wanted.cursor else 0
    used = rows.order_by(plugins.c.downloads.desc(), plugins.c.id).limit(RANKED)
    called = rows.where(plugins.c.name == "-".join(words))
    known = {row.id: row for row in (*_shown(connection, used), *_shown(connection, called))}
    found = sorted(known.values(), key=lambda row: (-score(row.name, row.downloads, words), row.id))
    end = start + wanted.limit
    return Page(found[start:end], written(Cursor(0, end)) if end < len(found) else "")


def score(name: str, downloads: int, words: Sequence[str]) -> float:
    """Return how well a plugin answers: its name before anything else, then how much it is used."""
    parts = words_of(name)
    whole = 100.0 if parts == tuple(words) else 0.0
    begins = 10.0 if words and name.startswith(words[0]) else 0.0
    return whole + begins + 5.0 * sum(word in parts for word in words) + math.log10(downloads + 1)


def count_listed(connection: Connection) -> int:
    """Return how many plugins are listed."""
    listed = select(func.count()).select_from(plugins)
    return int(
        connection.execute(listed.where(plugins.c.state == "active", plugins.c.latest != "")).scalar_one()
    )
