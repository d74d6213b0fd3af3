"""Panels of every kind, as hypothesis makes them: :func:`trees` of the texts that one wants in them."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from yesman.model import panels

KINDS = get_args(panels.Node)

FORMATS = st.sampled_from(["text", "number", "money", "percent", "bytes", "time", "duration"])
TONES = st.sampled_from(["plain", "muted", "good", "warning", "bad"])
NUMBERS = st.floats(-1e12, 1e12)
SCHEMA = {
    "properties": {
        "word": {"type": "string", "default": "x", "description": "What to look for"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "size": {"type": "integer", "enum": [1, 2], "default": 2},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": "number", "default": 0.5},
        "on": {"type": "boolean"},
        "off": {"type": "boolean", "default": True, "description": "Whether it is"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
        "token": {"type": "string", "default": "hush"},
    },
    "required": ["word", "count"],
}


def node(kind, **fields):
    return st.fixed_dictionaries({"kind": st.just(kind), **fields})


def cells(texts):
    return st.none() | st.booleans() | texts | st.integers(-(10**15), 10**15) | NUMBERS


@st.composite
def tables(drawn, texts):
    width = drawn(st.integers(1, 4))
    row = st.lists(cells(texts), min_size=width, max_size=width)
    return {
        "kind": "table",
        "columns": [{"label": drawn(texts), "format": drawn(FORMATS)} for _ in range(width)],
        "rows": drawn(st.lists(row, max_size=6)),
        "sort": drawn(st.none() | st.integers(0, width - 1)),
        "descending": drawn(st.booleans()),
    }


@st.composite
def charts(drawn, texts, places=100):
    width = drawn(st.integers(0, places))
    values = st.lists(st.none() | NUMBERS, min_size=width, max_size=width)
    series = [{"label": drawn(texts), "values": drawn(values)} for _ in range(drawn(st.integers(0, 3)))]
    return {
        "kind": "chart",
        "labels": [str(n) for n in range(width)],
        "series": series,
        "form": drawn(st.sampled_from(["line", "bar"])),
        "format": drawn(FORMATS),
        "title": drawn(texts),
    }


def leaves(texts):
    action = st.fixed_dictionaries({"name": st.just("a"), "confirm": texts})
    button = node("button", label=texts, action=action, tone=TONES)
    item = st.fixed_dictionaries({"text": texts, "tone": TONES})
    branch = st.fixed_dictionaries(
        {"text": texts, "children": st.lists(item, max_size=2), "open": st.booleans()}
    )
    metric = {
        "delta": st.none() | NUMBERS,
        "better": st.sampled_from(["up", "down", ""]),
        "trend": st.lists(NUMBERS),
    }
    return st.one_of(
        node("text", text=texts, tone=TONES, strong=st.booleans()),
        node("markdown", text=texts),
        node("keyvalue", rows=st.lists(st.tuples(texts, cells(texts)).map(list), max_size=4)),
        tables(texts),
        charts(texts),
        node("metric", label=texts, value=cells(texts), format=FORMATS, **metric),
        node("progress", label=texts, value=st.none() | st.floats(0, 1)),
        node("tree", items=st.lists(item | branch, max_size=4)),
        node("log", lines=st.lists(texts, max_size=4)),
        node("image", asset=st.just("a.png"), alt=texts),
        button,
        node("menu", label=texts, items=st.lists(button, max_size=3)),
        node("form", schema=st.just(SCHEMA), action=action, submit=texts),
        node("empty", text=texts, hint=texts),
        node("error", text=texts, hint=texts),
    )


def trees(texts):
    """Panels, as JSON data."""
    directions = st.sampled_from(["down", "across"])

    def above(inner):
        sheet = st.fixed_dictionaries({"title": texts, "content": inner})
        return st.one_of(
            node("stack", children=st.lists(inner, max_size=4), direction=directions, title=texts),
            node("tabs", tabs=st.lists(sheet, min_size=1, max_size=3)),
        )

    return st.recursive(leaves(texts), above, max_leaves=6)
