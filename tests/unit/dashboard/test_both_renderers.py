"""A panel is written once: who reads it in a browser gets what one gets who reads it in a terminal.

What a reader gets is, of every part, the characters that are seen there, in their order: labels, values as
they are written, rows as they are sorted, what stands on buttons and in fields. It is without spaces, since a
narrow column breaks lines anywhere, and without lines and bars. What is folded is unfolded first. In charts a
browser shows more: the values beside it, and labels between the first and the last.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from drawn.nodes import KINDS, SCHEMA, trees
from drawn.page import parsed, read_page, sent
from drawn.terminal import Alone, read_screen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.widgets import Button, Select

from yesman.dashboard.forms import read_fields
from yesman.dashboard.web.drawing import draw, part
from yesman.dashboard.web.scene import Scene
from yesman.model import panels
from yesman.model.panels import read_panel, walk

SCENE = Scene("panel-1", "lamp")
BUTTON = {"kind": "button", "label": "Switch on", "action": {"name": "on"}, "tone": "bad"}
TEXT = {"kind": "text", "text": "Dark\nand cold", "tone": "warning"}
MARKDOWN = "# Lamps\n\nSome *light* and `code`, [more](https://example.org)\n\n- one\n- two\n\n1. first"
EXAMPLES = [
    TEXT,
    {"kind": "markdown", "text": MARKDOWN},
    {
        "kind": "keyvalue",
        "rows": [["Branch", "main"], ["Commits", 1200], ["Clean", True], ["Upstream", None]],
    },
    {
        "kind": "table",
        "columns": [
            {"label": "File"},
            {"label": "Size", "format": "bytes"},
            {"label": "Share", "format": "percent"},
        ],
        "rows": [["b.py", 1500, 0.2], ["a.py", 2_500_000, None], ["c.py", None, 0.1], ["d.py", "huge", 0.7]],
        "sort": 1,
        "descending": True,
    },
    {"kind": "table", "columns": [{"label": ""}], "rows": [], "empty": "No file yet"},
    {
        "kind": "metric",
        "label": "Cost",
        "value": 12.5,
        "format": "money",
        "delta": -3,
        "better": "up",
        "trend": [1, 2],
    },
    {"kind": "metric", "label": "Since", "value": 1.76e9, "format": "time", "delta": 7200, "better": ""},
    {
        "kind": "chart",
        "labels": ["Monday", "", "Friday"],
        "series": [
            {"label": "read", "values": [1, None, 2500]},
            {"label": "write", "values": [None, None, None]},
        ],
        "title": "Access",
        "format": "bytes",
    },
    {"kind": "chart", "labels": [], "series": [], "title": "Access"},
    {"kind": "progress", "label": "Indexing", "value": 0.42},
    {"kind": "progress", "label": "Waiting"},
    {
        "kind": "tree",
        "items": [
            {"text": "src", "children": [{"text": "a.py", "tone": "good"}]},
            {"text": "README", "tone": "bad"},
        ],
    },
    {"kind": "log", "lines": ["", "first", "second"]},
    {"kind": "image", "asset": "a.png", "alt": "A lamp"},
    BUTTON,
    {"kind": "menu", "label": "More", "items": [BUTTON, {**BUTTON, "label": ""}]},
    {"kind": "form", "schema": SCHEMA, "action": {"name": "go"}, "submit": "Go on"},
    {"kind": "tabs", "tabs": [{"title": "One", "content": TEXT}, {"title": "Two", "content": BUTTON}]},
    {"kind": "stack", "children": [TEXT, BUTTON], "direction": "across", "title": "Both"},
    {"kind": "empty", "text": "No lamp", "hint": "Buy one"},
    {"kind": "error", "text": "It broke", "hint": "Buy another"},
]
READ = {"text", "label", "rows", "lines", "alt", "hint", "title", "submit", "empty", "description", "labels"}
"""Fields whose texts are read."""


def names(example):
    return f"{example['kind']}-{len(json.dumps(example))}"


@pytest.mark.parametrize("example", EXAMPLES, ids=names)
async def test_every_kind_says_the_same_in_both(example):
    node = read_panel(example)
    assert read_page(part(node, "", SCENE)) == await read_screen(node)


def test_there_is_an_example_of_every_kind():
    assert {example["kind"] for example in EXAMPLES} == {kind.__name__.lower() for kind in KINDS}
    assert all(draw.dispatch(kind) is not draw.dispatch(object) for kind in KINDS)


WORDS = st.text(" abcXYZ019.,:;!?<>&\"'/(){}äßñ", max_size=20).map(lambda text: " ".join(text.split()))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(trees(WORDS))
def test_any_panel_says_the_same_in_both(data):
    node = read_panel(data)
    assert read_page(part(node, "", SCENE)) == asyncio.run(read_screen(node))


def altered(value, *, read=False):
    """Every copy of ``value`` in which one text that is read is another."""
    if isinstance(value, str):
        if read and value:
            yield f"{value} but different"
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            for other in altered(inner, read=read):
                yield [*value[:at], other, *value[at + 1 :]]
    elif isinstance(value, dict):
        for name, inner in value.items():
            for other in altered(inner, read=name in READ and (read or name not in {"items", "action"})):
                yield {**value, name: other}


@pytest.mark.parametrize("example", EXAMPLES, ids=names)
async def test_a_dashboard_that_left_out_a_single_text_would_be_noticed(example):
    """The control: of what differs in one text, the page never reads as the screen of the original."""
    screen = await read_screen(read_panel(example))
    others = [read_page(part(read_panel(other), "", SCENE)) for other in altered(example)]
    assert others
    assert screen not in others


async def test_a_dashboard_that_sorted_otherwise_would_be_noticed():
    table = next(example for example in EXAMPLES if example["kind"] == "table")
    screen = await read_screen(read_panel(table))
    for other in ({"descending": False}, {"sort": 0}, {"sort": None}):
        assert read_page(part(read_panel(table | other), "", SCENE)) != screen


async def test_a_form_that_nobody_touched_sends_the_same_from_both():
    fields = {**SCHEMA, "required": ["word"]}
    node = read_panel({"kind": "form", "schema": fields, "action": {"name": "go", "confirm": "Really?"}})
    app = Alone(node)
    async with app.run_test(size=(100, 100)) as pilot:
        app.query_one(Button).press()
        await pilot.pause()
        await pilot.pause()
        (press,) = app.pressed
        choices = [[str(prompt) for prompt, _ in select._options] for select in app.query(Select)]
    (form,) = parsed(part(node, "", SCENE)).named("form")
    assert read_fields(node.fields, sent(form)) == press.values
    assert press.values["off"] is True
    assert press.values["on"] is False
    assert (form.attributes["data-press"], form.attributes["data-confirm"]) == (press.path, press.confirm)
    assert [[o.text() for o in select.named("option")][1:] for select in form.named("select")] == [
        choice[-2:] for choice in choices
    ]


async def test_what_can_be_pressed_tells_the_same_path_and_question_in_both():
    asking = {**BUTTON, "action": {"name": "on", "confirm": "Really?"}}
    children = [BUTTON, asking, {"kind": "menu", "label": "More", "items": [asking, BUTTON]}]
    node = read_panel({"kind": "stack", "children": children})
    app = Alone(node)
    async with app.run_test(size=(100, 100)) as pilot:
        await app.open(pilot)
        for button in app.query(Button):
            button.press()
        await pilot.pause()
        pressed = [(press.path, press.confirm) for press in app.pressed]
    page = parsed(part(node, "", SCENE)).with_class("press")
    assert [(b.attributes["data-press"], b.attributes.get("data-confirm", "")) for b in page] == pressed
    assert len(pressed) == sum(isinstance(found, panels.Button) for _, found in walk(node))
