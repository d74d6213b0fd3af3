"""What the demo prints: plain text that reads well in a terminal and in a log.

Colour only where standard output is a terminal and NO_COLOR is not set.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = min(shutil.get_terminal_size((100, 24)).columns, 110)
_INDENT = "    "
_COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


class Failed(Exception):  # noqa: N818  # reads as what it is: an expectation that failed
    """An expectation of the demo does not hold; the message is one sentence."""


class Console:
    """Prints the story and keeps what was checked and how long each chapter took."""

    def __init__(self) -> None:
        self.checked = 0
        self.chapters: list[tuple[str, float]] = []
        self._began = 0.0

    def title(self, text: str) -> None:
        """Print the first line."""
        say(_paint(text, "1"))
        say("=" * len(text))

    def chapter(self, text: str) -> None:
        """End the chapter before, and begin one."""
        self.end_chapter()
        self.chapters.append((text, 0.0))
        self._began = time.monotonic()
        say()
        say(_paint(f"{len(self.chapters)}. {text}", "1"))

    def end_chapter(self) -> None:
        """Note how long the current chapter took, in seconds."""
        if self.chapters and not self.chapters[-1][1]:
            self.chapters[-1] = (self.chapters[-1][0], time.monotonic() - self._began)

    def command(self, text: str) -> None:
        """Print a command line."""
        say(_paint(f"  $ {text}", "36"))

    def output(self, line: str) -> None:
        """Print one line that a command printed."""
        say(f"{_INDENT}{line}".rstrip())

    def check(self, *, holds: bool, sentence: str) -> None:
        """Print and count an expectation that holds.

        Raises:
            Failed: It does not.
        """
        if not holds:
            raise Failed(f"expected that {sentence}")
        self.checked += 1
        say(f"  {_paint('ok', '32')}  {sentence}")

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table; the first column is cut where a line would be too long: figures stand behind it."""
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        widths[0] = min(widths[0], max(8, WIDTH - 4 - sum(width + 2 for width in widths[1:])))
        for row in (head, ["-" * width for width in widths], *rows):
            first = row[0] if len(row[0]) <= widths[0] else f"{row[0][: widths[0] - 1]}…"
            cells = zip((first, *row[1:]), widths, strict=True)
            self.output("  ".join(cell.ljust(width) for cell, width in cells).rstrip())


def say(text: str = "") -> None:
    """Print a line at once: a log is often read while it grows."""
    print(text, flush=True)


def warn(text: str) -> None:
    """Print a line to standard error."""
    print(text, file=sys.stderr, flush=True)


def _paint(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if _COLOUR else text
