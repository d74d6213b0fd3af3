"""What a pane shows, with its colours, as data: tmux has read all sequences; text and styles are left.

What always holds: no text in here holds a control character; a colour is one of the 256 of terminals;
reading takes time in proportion to the text; and a screen is no larger than the bounds below.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final, NamedTuple, TypeAlias

import msgspec

MAX_COLUMNS, MAX_ROWS = 500, 200
"""What is beyond is not told."""
FACTS: Final = "#{pane_width} #{pane_height} #{cursor_x} #{cursor_y} #{cursor_flag}"
_ANSWER: Final = re.compile(r"(\d{1,5}) (\d{1,5}) (\d{1,5}) (\d{1,5}) ([01])")
# A style, or whatever else begins with ESC: a string that ends with BEL or ST, a sequence, or one character.
_SEQUENCE: Final = re.compile(
    r"\x1b\[([0-9;:]*)m|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b.?"
)
_SET: Final = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike"}
_UNSET: Final = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}
_CUBE: Final = (0, 95, 135, 175, 215, 255)
_BY_NUMBER: Final = 5
_EXTENDED: Final = {38: "foreground", 48: "background", 58: ""}
_COLOURS: Final[dict[int, tuple[str, int | None]]] = {39: ("foreground", None), 49: ("background", None)} | {
    first + n: (field, value + n)
    for field, first, value in (
        ("foreground", 30, 0),
        ("foreground", 90, 8),
        ("background", 40, 0),
        ("background", 100, 8),
    )
    for n in range(8)
}


class Run(msgspec.Struct, frozen=True, array_like=True):
    """Text in one style.

    Attributes:
        text: What stands there.
        foreground: Its colour, of 256; None for the usual one.
        background: Likewise.
        manners: Those of ``bold``, ``dim``, ``italic``, ``underline``, ``reverse``, ``strike`` that it has.
    """

    text: str
    foreground: int | None = None
    background: int | None = None
    manners: tuple[str, ...] = ()


Line: TypeAlias = tuple[Run, ...]


class Screen(msgspec.Struct, frozen=True):
    """What a pane shows at one moment.

    Attributes:
        columns: Its width.
        rows: Its height.
        cursor: Column and row of the cursor from 0, None where it is hidden.
        lines: From the top; those at the end that are empty are left out.
    """

    columns: int
    rows: int
    cursor: tuple[int, int] | None
    lines: tuple[Line, ...]


class _Style(NamedTuple):
    foreground: int | None = None
    background: int | None = None
    manners: frozenset[str] = frozenset()


def parse(answer: str) -> Screen | None:
    """Return what ``display-message`` of :data:`FACTS` and then ``capture-pane -e`` printed, as a screen."""
    facts, _, text = answer.partition("\n")
    match = _ANSWER.fullmatch(facts)
    if match is None:
        return None
    columns, rows, x, y, visible = map(int, match.groups())
    found, style = [], _Style()
    for line in text.rstrip("\n").split("\n")[:MAX_ROWS] if text.strip("\n") else ():
        runs, style = _line(line, style)
        found.append(runs)
    while found and not any(run.text.strip() or run.background is not None for run in found[-1]):
        found.pop()
    return Screen(columns, rows, (x, y) if visible else None, tuple(found))


def _line(text: str, style: _Style) -> tuple[Line, _Style]:
    """Return one line of a screen, and the style that goes on in the next."""
    runs: list[Run] = []
    at = width = 0
    for match in _SEQUENCE.finditer(text):
        width = _add(runs, text[at : match.start()], style, width)
        if match[1] is not None:
            style = _changed(style, match[1])
        at = match.end()
    _add(runs, text[at:], style, width)
    return tuple(runs), style


def _add(runs: list[Run], text: str, style: _Style, width: int) -> int:
    """Add text, as much of it as there is room for, and return the new width."""
    shown = "".join(c if c.isprintable() else " " for c in text[: MAX_COLUMNS - width])
    if shown:
        runs.append(Run(shown, style.foreground, style.background, tuple(sorted(style.manners))))
    return width + len(shown)


def _changed(style: _Style, parameters: str) -> _Style:
    """Return ``style`` after a sequence that changes it (ECMA-48, 8.3.117)."""
    codes = deque(int(part[:5]) if part else 0 for part in re.split("[;:]", parameters))
    while codes:
        style = _step(style, codes)
    return style


def _step(style: _Style, codes: deque[int]) -> _Style:
    """Take the next code, with what belongs to it."""
    code = codes.popleft()
    if code == 0:
        return _Style()
    if code in _SET:
        return style._replace(manners=style.manners | {_SET[code]})
    if code in _UNSET:
        return style._replace(manners=style.manners.difference(_UNSET[code]))
    if code in _EXTENDED:
        colour = _extended(codes)
        return _painted(style, _EXTENDED[code], colour)
    if code in _COLOURS:
        return _painted(style, *_COLOURS[code])
    return style


def _painted(style: _Style, field: str, colour: int | None) -> _Style:
    if field == "foreground":
        return style._replace(foreground=colour)
    return style._replace(background=colour) if field == "background" else style


def _extended(codes: deque[int]) -> int | None:
    """Return the colour that follows 38, 48 or 58: one of 256, or the nearest of them."""
    kind = codes.popleft() if codes else 0
    values = [codes.popleft() if codes else 0 for _ in range({2: 3, 5: 1}.get(kind, 0))]
    if kind == _BY_NUMBER:
        return min(values[0], 255)
    return _nearest(values) if values else None


def _nearest(colour: list[int]) -> int:
    """Return the number of the colour of the cube or of the greys that is nearest to red, green and blue."""
    steps = [min(range(6), key=lambda n: abs(_CUBE[n] - value)) for value in colour]
    grey = min(range(24), key=lambda n: abs(8 + 10 * n - sum(colour) / 3))
    far = sum(abs(_CUBE[step] - value) for step, value in zip(steps, colour, strict=True))
    if sum(abs(8 + 10 * grey - value) for value in colour) < far:
        return 232 + grey
    return 16 + 36 * steps[0] + 6 * steps[1] + steps[2]
