"""Every node is drawn in a terminal, whatever is in it."""

from __future__ import annotations

import asyncio
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App

from yesman.dashboard.terminal.drawing import Part, draw
from yesman.model import panels
from yesman.model.panels import read_panel, walk

KINDS = get_args(panels.Node)


class Alone(App):
    """Shows one node."""

    def __init__(self, node):
        super().__init__()
        self._node = node

    def compose(self):
        yield Part(self._node, "")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_there_is_a_way_to_draw_every_kind(kind):
    assert draw.dispatch(kind) is not draw.dispatch(object)


TEXTS = st.text(max_size=30)
NUMBERS = st.floats(-1e12, 1e12)
CELLS = st.none() | st.booleans() | TEXTS | st.integers(-(10**15), 10**15) | NUMBERS
FORMATS = st.sampled_from(["text", "number", "money", "percent", "bytes", "time", "duration"])
TONES = st.sampled_from(["plain", "muted", "good", "warning", "bad"])
ACTIONS = st.fixed_dictionaries({"name": st.just("a"), "confirm": TEXTS})
SCHEMA = {
    "properties": {
        "word": {"type": "string", "default": "x"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "count": {"type": "integer", "minimum": 1},
        "on": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
    }
}


def node(kind, **fields):
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


@st.composite
def tables(drawn):
    width = drawn(st.integers(1, 4))
    columns = [{"label": drawn(TEXTS), "format": drawn(FORMATS)} for _ in range(width)]
    rows = drawn(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))
    sort = drawn(st.none() | st.integers(0, width - 1))
    return {
        "kind": "table",
        "columns": columns,
        "rows": rows,
        "sort": sort,
        "descending": drawn(st.booleans()),
    }


@st.composite
def charts(drawn):
    width = drawn(st.integers(0, 100))
    values = st.lists(st.none() | NUMBERS, min_size=width, max_size=width)
    series = [{"label": drawn(TEXTS), "values": drawn(values)} for _ in range(drawn(st.integers(0, 3)))]
    return {
        "kind": "chart",
        "labels": [str(n) for n in range(width)],
        "series": series,
        "title": drawn(TEXTS),
    }


LEAVES = st.one_of(
    node("text", text=TEXTS, tone=TONES, strong=st.booleans()),
    node("markdown", text=TEXTS),
    node("keyvalue", rows=st.lists(st.tuples(TEXTS, CELLS).map(list), max_size=4)),
    tables(),
    charts(),
    node(
        "metric", label=TEXTS, value=CELLS, format=FORMATS, delta=st.none() | NUMBERS, trend=st.lists(NUMBERS)
    ),
    node("progress", label=TEXTS, value=st.none() | st.floats(0, 1)),
    node("tree", items=st.lists(st.fixed_dictionaries({"text": TEXTS, "tone": TONES}), max_size=4)),
    node("log", lines=st.lists(TEXTS, max_size=4)),
    node("image", asset=st.just("a.png"), alt=TEXTS),
    node("button", label=TEXTS, action=ACTIONS, tone=TONES),
    node("menu", label=TEXTS, items=st.lists(node("button", label=TEXTS, action=ACTIONS), max_size=3)),
    node("form", schema=st.just(SCHEMA), action=ACTIONS, submit=TEXTS),
    node("empty", text=TEXTS, hint=TEXTS),
    node("error", text=TEXTS, hint=TEXTS),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        node(
            "stack",
            children=st.lists(inner, max_size=4),
            direction=st.sampled_from(["down", "across"]),
            title=TEXTS,
        ),
        node(
            "tabs",
            tabs=st.lists(st.fixed_dictionaries({"title": TEXTS, "content": inner}), min_size=1, max_size=3),
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TREES)
def test_no_panel_ends_the_dashboard(data):
    """Drawn for real, without a terminal; an exception in any widget would be raised here."""
    tree = read_panel(data)

    async def shown():
        async with Alone(tree).run_test(size=(60, 20)) as pilot:
            await pilot.pause()
            drawn = {part.path for part in pilot.app.query(Part)}
            expected = {
                p for p, found in walk(tree) if not isinstance(found, panels.Item) and "/items/" not in p
            }
            assert drawn == expected

    asyncio.run(shown())
