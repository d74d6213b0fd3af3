"""What a terminal shows, as spans of a page: each text with its classes, the cursor among them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yesman.sessions.screens import Line, Run, Screen

Span: TypeAlias = tuple[str, str]
"""Classes, as the style sheets have them, and text."""


def spans(screen: Screen) -> list[list[Span]]:
    """Return the lines of a screen; the cursor is a character of its own, on a line that is there."""
    if screen.cursor is None:
        return [list(map(_span, line)) for line in screen.lines]
    column, row = screen.cursor
    lines = [*screen.lines, *[()] * (row + 1 - len(screen.lines))]
    return [
        list(_with_cursor(line, column) if at == row else map(_span, line)) for at, line in enumerate(lines)
    ]


def _with_cursor(line: Line, column: int) -> Iterator[Span]:
    for run in line:
        text = run.text
        if 0 <= column < len(text):
            kind, _ = _span(run)
            yield from (
                (kind, text[:column]),
                (f"{kind} cursor".strip(), text[column]),
                (kind, text[column + 1 :]),
            )
        else:
            yield _span(run)
        column -= len(text)
    if column >= 0:
        yield "", " " * column
        yield "cursor", " "


def _span(run: Run) -> Span:
    front, back = run.foreground, run.background
    if "reverse" in run.manners:
        front, back = back, front
    colours = (f"f{front}" if front is not None else "", f"b{back}" if back is not None else "")
    return " ".join(filter(None, (*colours, *run.manners))), run.text
