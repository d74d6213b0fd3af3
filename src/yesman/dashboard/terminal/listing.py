"""A table of rows that come anew every second: where the cursor is stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import DataTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Listing(DataTable[Text]):
    """Rows by a key.

    Args:
        titles: Of the columns.
    """

    def __init__(self, *titles: str) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True)
        self._titles = titles
        self._shown: list[tuple[str, Sequence[Text]]] = []

    def on_mount(self) -> None:
        """Name the columns."""
        for title in self._titles:
            self.add_column(title)

    @property
    def chosen(self) -> str | None:
        """The key of the row at the cursor."""
        row = self.cursor_row
        return self._shown[row][0] if 0 <= row < len(self._shown) else None

    def show(self, rows: Iterable[tuple[str, Sequence[Text]]]) -> None:
        """Show these rows, each with its key."""
        found = list(rows)
        if found == self._shown:
            return
        chosen, scroll = self.chosen, self.scroll_y
        self.clear()
        for key, cells in found:
            self.add_row(*cells, key=key)
        self._shown = found
        keys = [key for key, _ in found]
        if chosen in keys:
            self.move_cursor(row=keys.index(chosen), animate=False)
        self.scroll_y = scroll
