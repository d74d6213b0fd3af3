"""Charts as SVG that fills the width there is. Pure.

What always holds: where everything stands is in attributes, how it looks in the style sheet, by class: ``s0``
to ``s7`` for the series. Whoever does not see it is told by a sentence; whoever points at it, by titles.
"""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.dashboard.formats import written
from yesman.dashboard.web.html import element, joined
from yesman.dashboard.web.scales import Scale, scale
from yesman.dashboard.wording import NO_VALUES, figures, is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from yesman.model.panels import Chart, Metric

COLOURS: Final = 8
_WIDE, _HIGH = 640.0, 220.0
_ABOVE, _BELOW, _BESIDE = 10.0, 26.0, 8.0
_CHARACTER: Final = 8.0
"""What a character of a label takes at most, as the style sheet has them."""
_LONGEST: Final = 22
"""Characters of a label below the chart."""
_POINTED: Final = 100
"""Places that can be pointed at; with more, each would be too narrow to be hit."""
_BAR, _WIDEST = 0.7, 56.0
_SPARK_WIDE, _SPARK_HIGH, _SPARK_EDGE = 160.0, 36.0, 4.0


class _Frame(NamedTuple):
    """Where in the picture the values stand."""

    left: float
    scale: Scale
    places: int
    bars: bool

    @property
    def band(self) -> float:
        """What there is for one of ``places``."""
        return (_WIDE - _BESIDE - self.left) / max(self.places - (not self.bars), 1)

    def x(self, place: int) -> float:
        """Return the middle of a place."""
        if self.places == 1:
            return (self.left + _WIDE - _BESIDE) / 2
        return self.left + self.band * (place + (0.5 if self.bars else 0.0))

    def y(self, value: float) -> float:
        """Return the height of a value, from above."""
        return _HIGH - _BELOW - (_HIGH - _BELOW - _ABOVE) * self.scale.share(value)

    @property
    def ground(self) -> float:
        """The height of 0, or of what is nearest to it."""
        return self.y(min(max(0.0, self.scale.ticks[0]), self.scale.ticks[-1]))


def chart(node: Chart) -> Markup:
    """Return a chart: its title, what each colour is, and the picture."""
    title = element("figcaption", node.title) if node.title else ""
    if is_blank(node):
        return element("figure", title, element("p", NO_VALUES, class_="nothing"), class_="chart")
    bars = node.form == "bar"
    spread = scale(_reached(node), node.format, grounded=bars)
    left = 8 + _CHARACTER * max(map(len, spread.texts))
    frame = _Frame(left, spread, len(node.labels), bars)
    drawn = _bars if bars else _lines
    picture = element(
        "svg",
        *_grid(frame),
        *_labels(node.labels, frame),
        *drawn(node, frame),
        *(_points(node, frame) if len(node.labels) <= _POINTED else ()),
        viewBox=f"0 0 {_WIDE:.0f} {_HIGH:.0f}",
        role="img",
        aria_label=_sentence(node),
    )
    return element("figure", title, _legend(node), picture, class_=f"chart {node.form}")


def sparkline(node: Metric) -> Markup:
    """Return the trend of a metric as a small line without any scale."""
    low, high = min(node.trend), max(node.trend)
    inner = _SPARK_HIGH - 2 * _SPARK_EDGE
    step = (_SPARK_WIDE - 2 * _SPARK_EDGE) / (len(node.trend) - 1)
    shares = [value / (high - low) - low / (high - low) if high > low else 0.5 for value in node.trend]
    points = [
        (_SPARK_EDGE + place * step, _SPARK_EDGE + inner * (1 - share)) for place, share in enumerate(shares)
    ]
    first, last, least, most = (written(v, node.format) for v in (node.trend[0], node.trend[-1], low, high))
    return element(
        "svg",
        element("path", class_="area", d=f"{_path(points)}V{_SPARK_HIGH:.0f}H{_n(points[0][0])}Z"),
        element("path", class_="line", d=_path(points)),
        element("circle", cx=_n(points[-1][0]), cy=_n(points[-1][1]), r=3),
        class_="spark s0",
        viewBox=f"0 0 {_SPARK_WIDE:.0f} {_SPARK_HIGH:.0f}",
        role="img",
        aria_label=f"Trend of {len(node.trend)} values from {first} to {last}, least {least}, most {most}.",
    )


def _reached(node: Chart) -> Iterator[float]:
    """Yield how far up and down anything is drawn."""
    if node.form == "line":
        yield from (value for series in node.series for value in series.values if value is not None)
        return
    for values in zip(*(series.values for series in node.series), strict=True):
        yield sum(max(value or 0.0, 0.0) for value in values)
        yield sum(min(value or 0.0, 0.0) for value in values)


def _legend(node: Chart) -> Markup:
    shape = element("path", d="M0 6H18") if node.form == "line" else element("rect", x=3, width=12, height=12)
    return element(
        "ul",
        *(
            element(
                "li",
                element(
                    "svg", shape, class_=f"key {_colour(number)}", viewBox="0 0 18 12", aria_hidden="true"
                ),
                element("span", series.label, class_="name"),
                " ",
                element("span", figures(series, node), class_="figures"),
            )
            for number, series in enumerate(node.series)
        ),
        class_="legend",
    )


def _sentence(node: Chart) -> str:
    kind = "Line chart" if node.form == "line" else "Bar chart"
    title = f" “{node.title}”" if node.title else ""
    across = f" from {node.labels[0]} to {node.labels[-1]}" if len(node.labels) > 1 else ""
    return f"{kind}{title}{across}: {'; '.join(f'{s.label} {figures(s, node)}' for s in node.series)}."


def _grid(frame: _Frame) -> Iterator[Markup]:
    for tick, text in zip(frame.scale.ticks, frame.scale.texts, strict=True):
        y = frame.y(tick)
        kind = "grid ground" if tick == 0 else "grid"
        yield element("path", class_=kind, d=f"M{_n(frame.left)} {_n(y)}H{_n(_WIDE - _BESIDE)}")
        yield element("text", text, class_="y", x=_n(frame.left - 8), y=_n(y + 4), text_anchor="end")


def _labels(labels: Sequence[str], frame: _Frame) -> Iterator[Markup]:
    """Yield the first and the last label, and of those between them what there is room for."""
    texts = [text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…" for text in labels]
    room = (_WIDE - _BESIDE - frame.left) / (_CHARACTER * (max(map(len, texts)) + 3))
    last = len(texts) - 1
    step = max(1, ceil(last / max(1, min(6, int(room)))))
    # One between them that would stand close to the last one is left away.
    shown = [place for place in range(0, last, step) if place == 0 or last - place >= step] + [last]
    for place in dict.fromkeys(shown):
        end = place in {0, last}
        anchor = "middle" if not end or not last else "end" if place else "start"
        x = frame.x(place) if anchor == "middle" else _WIDE - _BESIDE if place else frame.left
        if frame.bars and end and _CHARACTER * len(texts[place]) <= frame.band:
            anchor, x = "middle", frame.x(place)
        kind = "x" if end else "x middle"
        yield element("text", texts[place], class_=kind, x=_n(x), y=_n(_HIGH - 6), text_anchor=anchor)


def _lines(node: Chart, frame: _Frame) -> Iterator[Markup]:
    for number, series in enumerate(node.series):
        runs = [
            [(frame.x(place), frame.y(value)) for place, value in run if value is not None]
            for known, run in groupby(enumerate(series.values), lambda one: one[1] is not None)
            if known
        ]
        long, alone = [run for run in runs if len(run) > 1], [run[0] for run in runs if len(run) == 1]
        ground = _n(frame.ground)
        if len(node.series) == 1 and long:
            closed = "".join(f"{_path(run)}V{ground}H{_n(run[0][0])}Z" for run in long)
            yield element("path", class_=f"area {_colour(number)}", d=closed)
        if long:
            yield element("path", class_=f"line {_colour(number)}", d="".join(map(_path, long)))
        for x, y in alone:
            yield element("circle", class_=_colour(number), cx=_n(x), cy=_n(y), r=3.5)


def _bars(node: Chart, frame: _Frame) -> Iterator[Markup]:
    wide = min(frame.band * _BAR, _WIDEST)
    above, below = [0.0] * frame.places, [0.0] * frame.places
    for number, series in enumerate(node.series):
        drawn = []
        for place, value in enumerate(series.values):
            if not value:
                continue
            stack = above if value > 0 else below
            start, stack[place] = frame.y(stack[place]), stack[place] + value
            x, end = _n(frame.x(place) - wide / 2), frame.y(stack[place])
            drawn.append(f"M{x} {_n(start)}V{_n(end)}h{_n(wide)}V{_n(start)}Z")
        if drawn:
            yield element("path", class_=f"bar {_colour(number)}", d="".join(drawn))


def _points(node: Chart, frame: _Frame) -> Iterator[Markup]:
    """Yield for each place what is shown where somebody points at it."""
    for place, label in enumerate(node.labels):
        known = [
            (number, series, series.values[place])
            for number, series in enumerate(node.series)
            if series.values[place] is not None
        ]
        if not known:
            continue
        said = [f"{series.label}: {written(value, node.format)}" for _, series, value in known]
        x = frame.x(place)
        start, end = max(x - frame.band / 2, frame.left), min(x + frame.band / 2, _WIDE - _BESIDE)
        dots = (
            element("circle", class_=_colour(number), cx=_n(x), cy=_n(frame.y(value)), r=4)
            for number, _, value in known
            if value is not None and not frame.bars
        )
        yield element(
            "g",
            element("title", "\n".join([label, *said])),
            element("rect", x=_n(start), y=0, width=_n(end - start), height=_n(_HIGH - _BELOW)),
            joined(*dots),
            class_="at",
        )


def _colour(number: int) -> str:
    return f"s{number % COLOURS}"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _n(value: float) -> str:
    """Return a length as SVG has it."""
    return f"{value:.1f}".removesuffix(".0")
