"""What the dashboards say of a node beside its own texts, the same in each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.dashboard.formats import written

if TYPE_CHECKING:
    from yesman.model.panels import Chart, Metric, Progress, Series, Tone

NAMELESS: Final = "…"
NO_VALUES: Final = "No values"
SIGNS: Final[dict[Tone, str]] = {"good": "✔", "warning": "⚠", "bad": "✖"}
"""Stand before a text of that tone: a colour alone is nothing to whoever does not see it."""


class Delta(NamedTuple):
    """How a metric has changed, and whether that is good news."""

    text: str
    tone: Tone


def named(label: str) -> str:
    """Return what stands on something to press, which may not be without."""
    return label if label.strip() else NAMELESS


def toned(text: str, tone: Tone) -> str:
    """Return ``text`` with the sign of its tone."""
    return f"{SIGNS[tone]} {text}" if tone in SIGNS else text


def delta(metric: Metric) -> Delta | None:
    """Return how a metric has changed, None where nobody knows."""
    if metric.delta is None:
        return None
    # What lies between two times is no time.
    size = written(abs(metric.delta), "duration" if metric.format == "time" else metric.format)
    if not metric.delta:
        return Delta(f"= {size}", "muted")
    up = metric.delta > 0
    text = f"{'▲' if up else '▼'} {size}"
    if not metric.better:
        return Delta(text, "muted")
    good = up == (metric.better == "up")
    return Delta(f"{text} {'better' if good else 'worse'}", "good" if good else "bad")


def share(progress: Progress) -> str:
    """Return how far something is."""
    return "under way" if progress.value is None else f"{100 * progress.value:.0f} %"


def is_blank(chart: Chart) -> bool:
    """Tell whether there is nothing to draw in a chart."""
    return not any(value is not None for series in chart.series for value in series.values)


def figures(series: Series, chart: Chart) -> str:
    """Return what is said of a series beside its line or bars."""
    known = [value for value in series.values if value is not None]
    if not known:
        return "no values"
    return f"last {written(known[-1], chart.format)}, most {written(max(known), chart.format)}"
