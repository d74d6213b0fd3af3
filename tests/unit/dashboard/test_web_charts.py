"""Charts as SVG: all of what is drawn stands within the picture, and is told in words as well."""

from __future__ import annotations

import re

import pytest
from drawn.nodes import FORMATS, charts
from drawn.page import parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from yesman.dashboard.web.charts import chart, sparkline
from yesman.dashboard.web.scales import scale
from yesman.model.panels import read_panel


def drawn(**fields):
    return parsed(chart(read_panel({"kind": "chart", "labels": [], "series": [], **fields})))


def one(*values, **fields):
    labels = [f"day {n}" for n in range(len(values))]
    return drawn(labels=labels, series=[{"label": "cost", "values": list(values)}], **fields)


def texts(page, name):
    return [text.text() for text in page.named("text") if name in text.classes()]


@settings(deadline=None)
@given(charts(st.text(max_size=30)))
def test_nothing_is_drawn_beside_the_picture(data):
    page = parsed(chart(read_panel(data)))
    for path in (p for p in page.named("path") if {"line", "area", "bar"} & set(p.classes())):
        for x, y in re.findall(r"[ML](\S+?) (-?[\d.]+)", path.attributes["d"]):
            assert -0.1 <= float(x) <= 640.1
            assert 9.9 <= float(y) <= 194.1
    assert "nan" not in str(page)
    assert "inf" not in {attribute for found in page.all() for attribute in found.attributes.values()}


VALUES = st.lists(st.floats(-1e300, 1e300), min_size=1)


@given(VALUES, FORMATS, st.booleans())
def test_ticks_are_few_hold_every_value_and_read_differently(values, form, grounded):
    found = scale(values, form, grounded=grounded)
    assert 2 <= len(found.ticks) <= 4
    assert all(a != b for a, b in zip(found.texts, found.texts[1:], strict=False))
    assert all(-1e-6 <= found.share(value) <= 1 + 1e-6 for value in values)


@pytest.mark.parametrize(
    ("values", "form", "ticks"),
    [
        ([0, 10.5], "number", ("0", "5", "10", "15")),
        ([-3, 4], "number", ("-5", "0", "5")),
        ([0], "number", ("0", "0.5", "1")),
        ([1, 2_600_000], "bytes", ("0 B", "1.0 MB", "2.0 MB", "3.0 MB")),
        ([60, 500], "duration", ("0 ms", "5 min 0 s", "10 min 0 s")),
        ([1001, 1009], "number", ("1,000", "1,005", "1,010")),
    ],
)
def test_ticks_are_round(values, form, ticks):
    assert scale(values, form, grounded=False).texts == ticks


def test_what_is_missing_leaves_a_gap():
    (line,) = [p for p in one(1, 2, None, 3, 4).named("path") if "line" in p.classes()]
    assert line.attributes["d"].count("M") == 2


def test_a_value_between_two_gaps_is_a_dot():
    alone = [c for c in one(None, 2, None).named("circle") if c.attributes["r"] == "3.5"]
    assert len(alone) == 1


def test_bars_stand_on_each_other_and_below_nothing_apart():
    series = [{"label": "a", "values": [1]}, {"label": "b", "values": [2]}, {"label": "c", "values": [-1]}]
    page = drawn(labels=["x"], series=series, form="bar")
    first, second, below = (p.attributes["d"] for p in page.named("path") if "bar" in p.classes())
    ends = [re.findall(r" ([\d.]+)V([\d.]+)h", path)[0] for path in (first, second, below)]
    assert ends[0][1] == ends[1][0]
    assert ends[2][0] == ends[0][0]
    assert float(ends[2][1]) > float(ends[2][0])


def test_it_is_told_in_a_sentence():
    (picture,) = [s for s in one(1, 2.5, title="Cost", format="money").named("svg") if "role" in s.attributes]
    assert picture.attributes["aria-label"] == (
        "Line chart “Cost” from day 0 to day 1: cost last $2.50, most $2.50."
    )


def test_who_points_at_a_place_is_told_its_values():
    assert [title.text() for title in one(1, None, 2).named("title")] == ["day 0\ncost: 1", "day 2\ncost: 2"]
    assert not one(*range(101)).named("title")


def test_the_first_and_the_last_label_are_always_there():
    for count in range(2, 60):
        found = texts(one(*range(count)), "x")
        assert (found[0], found[-1]) == ("day 0", f"day {count - 1}")
        assert len(found) <= 7


def test_without_values_it_says_so():
    assert drawn(title="Cost").text() == "CostNo values"
    assert one(None, None).text() == "No values"


def test_a_trend_is_told_too():
    metric = read_panel({"kind": "metric", "label": "x", "value": 1, "trend": [3, 1, 2]})
    (picture,) = parsed(sparkline(metric)).named("svg")
    assert picture.attributes["aria-label"] == "Trend of 3 values from 3 to 2, least 1, most 3."
