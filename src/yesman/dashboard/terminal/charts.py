"""Charts of block characters. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from rich.text import Text

from yesman.dashboard.wording import NO_VALUES, figures, is_blank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.model.panels import Chart

COLOURS: Final = ("cyan", "magenta", "green", "yellow", "blue", "red", "white", "bright_black")
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_ROWS: Final = 6


def drawn(chart: Chart, width: int) -> Text:
    """Return a chart in ``width`` columns: its rows, labels at both ends, and what each colour is."""
    lines = [Text(chart.title, style="bold")] if chart.title else []
    if is_blank(chart):
        return Text("\n").join([*lines, Text(NO_VALUES, style="dim")])
    for number, series in enumerate(chart.series):
        colour = COLOURS[number % len(COLOURS)]
        lines.append(Text.assemble((f"■ {series.label}", colour), (f"  {figures(series, chart)}", "dim")))
        lines += _columns(_fitted(series.values, width), colour)
    left, right = chart.labels[0], chart.labels[-1] if len(chart.labels) > 1 else ""
    across = min(width, len(chart.labels) * max(1, width // len(chart.labels)))
    gap = max(1, across - len(left) - len(right))
    lines.append(Text(f"{left}{' ' * gap}{right}"[:width], style="dim"))
    return Text("\n").join(lines)


def _fitted(values: Sequence[float | None], width: int) -> list[float]:
    """Return one value a column: the greatest of those that share it, or each several times."""
    numbers = [value or 0.0 for value in values]
    if len(numbers) <= width:
        return [value for value in numbers for _ in range(max(1, width // len(numbers)))]
    edges = [round(column * len(numbers) / width) for column in range(width + 1)]
    return [max(numbers[a : max(b, a + 1)]) for a, b in pairwise(edges)]


def _columns(values: Sequence[float], colour: str) -> list[Text]:
    top = max(values)
    heights = [round(8 * _ROWS * max(value, 0) / top) if top > 0 else 0 for value in values]
    rows = []
    for row in range(_ROWS - 1, -1, -1):
        filled = (min(8, max(0, height - 8 * row)) for height in heights)
        rows.append(Text("".join(_EIGHTHS[part] for part in filled), style=colour))
    return rows
