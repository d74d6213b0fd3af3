"""What a pane shows at one moment: rows of text and where the cursor is.

What always holds: sizes are bounded, rows hold no escape sequences, and what was too large is
an empty screen, of which nothing can be read. A part of a screen could look like another one.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Self

MAX_ROWS: Final = 500
MAX_COLUMNS: Final = 2_000
_ESCAPES: Final = re.compile(r"\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?")


class Screen(NamedTuple):
    """One screen.

    Attributes:
        rows: From the top, without what is empty at their ends; empty rows at the bottom are left out.
        column: Of the cursor, from 0, in cells.
        row: Of the cursor, from 0.
    """

    rows: tuple[str, ...]
    column: int
    row: int

    @classmethod
    def of(cls, text: str, column: int, row: int) -> Self:
        """Return what ``tmux capture-pane -p`` printed, with or without ``-e``, as a screen."""
        if len(text) > 8 * MAX_ROWS * MAX_COLUMNS or text.count("\n") > MAX_ROWS:
            return cls((), 0, 0)
        rows = [line.rstrip() for line in _ESCAPES.sub("", text).split("\n")]
        while rows and not rows[-1]:
            rows.pop()
        if any(len(line) > MAX_COLUMNS for line in rows):
            return cls((), 0, 0)
        return cls(tuple(rows), column, row)

    def at(self, row: int) -> str:
        """Return one row; rows beyond the screen are empty."""
        return self.rows[row] if 0 <= row < len(self.rows) else ""
