"""Tables as HTML: all rows, of which scripts show a page at a time and which they sort. Pure.

Each cell says in ``data-sort`` what it is sorted by, as :func:`yesman.dashboard.formats.order` has it:
``n:`` and a number, which is before ``t:`` and a text without regard to case; "" for nothing, which is last
whichever way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.dashboard.formats import NUMERIC, ordered, written
from yesman.dashboard.web.html import element
from yesman.dashboard.wording import named

if TYPE_CHECKING:
    from markupsafe import Markup

    from yesman.model.panels import Cell, Column, Table


def table(node: Table) -> Markup:
    """Return a table, sorted as it says."""
    if not node.rows:
        return element("p", node.empty, class_="nothing")
    titles = (_title(column, _sorting(node, number)) for number, column in enumerate(node.columns))
    rows = (
        element("tr", *map(_cell, row, node.columns))
        for row in ordered(node, node.sort, descending=node.descending)
    )
    made = element(
        "table",
        element("thead", element("tr", *titles)),
        element("tbody", *rows),
        class_="sortable",
        data_page=node.page,
    )
    said = f"Table of {', '.join(named(column.label) for column in node.columns)}"
    return element("div", made, class_="scroll", tabindex=0, role="region", aria_label=said)


def sort_key(value: Cell) -> str:
    """Return what a cell is sorted by."""
    if value is None:
        return ""
    return f"t:{value.casefold()}" if isinstance(value, str) else f"n:{float(value)!r}"


def _sorting(node: Table, column: int) -> str:
    if column != node.sort:
        return "none"
    return "descending" if node.descending else "ascending"


def _title(column: Column, sorting: str) -> Markup:
    button = element("button", named(column.label), type="button")
    return element("th", button, scope="col", aria_sort=sorting, class_=_kind(column))


def _cell(value: Cell, column: Column) -> Markup:
    return element("td", written(value, column.format), data_sort=sort_key(value), class_=_kind(column))


def _kind(column: Column) -> str | None:
    return "number" if column.format in NUMERIC else "time" if column.format == "time" else None
