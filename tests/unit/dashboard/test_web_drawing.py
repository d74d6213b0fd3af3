"""Every node is drawn as HTML, whatever is in it; nothing of a plugin is more than text there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from drawn.nodes import KINDS, trees
from drawn.page import parsed
from hypothesis import given, settings
from hypothesis import strategies as st

from yesman.dashboard.forms import filled, read_fields
from yesman.dashboard.parts import stale
from yesman.dashboard.web.drawing import draw, part
from yesman.dashboard.web.scene import Scene
from yesman.dashboard.web.tables import sort_key
from yesman.model.config_schema import ConfigSchema, Property
from yesman.model.errors import UsageError
from yesman.model.panels import Item, read_panel, walk

SCENE = Scene("panel-1", "lamp")
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='x",
    "</pre></p></div><b>",
    "[x](javascript:alert(1))",
    "[x](data:text/html,x)",
    "![x](https://evil.example/p.png)",
    "<!-- x",
    "&lt;b&gt;",
    "<a href=javascript:alert(1)>x</a>",
    "[x](https://evil.example/<a href=)",
    '<p style="top:0">',
    "{0}{__class__}",
)
TEXTS = st.text(max_size=30) | st.sampled_from(ATTACKS)


def drawn(data):
    return parsed(part(read_panel(data), "", SCENE))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_there_is_a_way_to_draw_every_kind(kind):
    assert draw.dispatch(kind) is not draw.dispatch(object)


@settings(deadline=None)
@given(trees(TEXTS))
def test_every_panel_is_well_formed_and_runs_nothing(data):
    page = list(drawn(data).all())
    assert not {"script", "style", "iframe", "object", "b", "base", "link"} & {one.tag for one in page}
    for one in page:
        assert not [name for name in one.attributes if name == "style" or name.startswith("on")]
        assert urlsplit(one.attributes.get("href") or "").scheme in {"", "http", "https", "mailto"}
        assert (one.attributes.get("src") or "/assets/lamp/").startswith("/assets/lamp/")
    idents = [one.attributes["id"] for one in page if "id" in one.attributes]
    assert len(idents) == len(set(idents))
    named = {"for", "aria-controls", "aria-labelledby", "aria-describedby"}
    assert {one.attributes[name] for one in page for name in named & set(one.attributes)} <= set(idents)


@settings(deadline=None)
@given(trees(TEXTS))
def test_every_node_stands_where_it_can_be_replaced(data):
    found = [one.attributes["data-path"] for one in drawn(data).all() if "data-path" in one.attributes]
    assert found == [path for path, node in walk(read_panel(data)) if not isinstance(node, Item)]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_text_is_read_as_it_was_written(attack):
    (text,) = drawn({"kind": "text", "text": attack}).named("p")
    assert text.text() == attack
    (log,) = drawn({"kind": "log", "lines": ["", attack]}).named("pre")
    assert log.text() == f"\n\n{attack}", "a browser leaves out the first line end"


def test_links_leave_the_page():
    (link,) = drawn({"kind": "markdown", "text": "[x](https://example.org/)"}).named("a")
    assert link.attributes["target"] == "_blank"
    assert "noopener" in link.attributes["rel"]


def test_a_tone_is_seen_and_read_out():
    page = drawn({"kind": "text", "text": "It burns", "tone": "warning"})
    assert page.text() == "⚠ Warning: It burns"
    assert [one.text() for one in page.with_class("out")] == ["Warning: "]


def test_cells_say_how_they_are_sorted():
    values = [None, "Zoe", 2, True, "äb", 1.5, -3]
    assert [sort_key(value) for value in values] == ["", "t:zoe", "n:2.0", "n:1.0", "t:äb", "n:1.5", "n:-3.0"]


def test_nothing_is_last_whichever_way_rows_are_sorted():
    table = {"kind": "table", "columns": [{"label": "x"}], "rows": [[None], ["b"], [1], [2]], "sort": 0}
    assert [one.text() for one in drawn(table).named("td")] == ["1", "2", "b", "-"]
    assert [one.text() for one in drawn(table | {"descending": True}).named("td")] == ["b", "2", "1", "-"]


def test_the_first_of_several_sheets_is_open():
    sheet = {"title": "x", "content": {"kind": "text", "text": "y"}}
    page = drawn({"kind": "tabs", "tabs": [sheet, sheet]})
    tabs = [one for one in page.all() if one.attributes.get("role") == "tab"]
    panels = [one for one in page.all() if one.attributes.get("role") == "tabpanel"]
    assert [tab.attributes["aria-selected"] for tab in tabs] == ["true", "false"]
    assert [tab.attributes["tabindex"] for tab in tabs] == ["0", "-1"]
    assert ["hidden" in panel.attributes for panel in panels] == [False, True]
    assert [tab.attributes["aria-controls"] for tab in tabs] == [panel.attributes["id"] for panel in panels]


def test_a_browser_never_keeps_a_form_from_being_sent():
    schema = {"properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    page = drawn({"kind": "form", "schema": schema, "action": {"name": "a"}})
    assert "novalidate" in page.named("form")[0].attributes
    assert not [one for one in page.all() if {"required", "pattern"} & set(one.attributes)]


def test_an_asset_is_the_plugin_s():
    image = drawn({"kind": "image", "asset": "a/b.png", "alt": "A"}).named("img")[0]
    assert image.attributes["src"] == "/assets/lamp/a/b.png"


SCHEMA = ConfigSchema((
    Property(name="word", type="string", required=True),
    Property(name="count", type="integer", default=3, minimum=1),
    Property(name="on", type="boolean", default=True),
    Property(name="tags", type="array"),
))  # fmt: skip


def test_what_was_filled_in_becomes_values():
    texts = {"word": "x", "count": "5", "on": "true", "tags": "a, b"}
    assert read_fields(SCHEMA, texts) == {"word": "x", "count": 5, "on": True, "tags": ["a", "b"]}
    assert read_fields(SCHEMA, {"word": "x", "count": "", "tags": ""}) == {
        "word": "x",
        "count": 3,
        "on": False,
    }


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({}, "lacks word"),
        ({"word": "x", "count": "0"}, "'count' must be at least 1"),
        ({"other": "x"}, "other"),
    ],
)
def test_what_does_not_fit_is_named(texts, said):
    with pytest.raises(UsageError, match=said):
        read_fields(SCHEMA, texts)


ITEMS = st.lists(st.text(max_size=8).filter(str.isprintable), max_size=3).map(tuple)


@given(ITEMS)
def test_a_list_that_nobody_touched_stays_what_it_is(items):
    schema = ConfigSchema((Property(name="tags", type="array", default=items),))
    assert read_fields(schema, {"tags": filled(schema.properties[0])}) == {"tags": list(items)}


def test_what_is_drawn_anew_is_the_innermost_part_that_holds_the_change():
    text = {"kind": "text", "text": "x"}
    node = read_panel({"kind": "stack", "children": [text, {"kind": "stack", "children": [text]}]})
    assert stale(["/children/0/text"], node) == ["/children/0"]
    assert stale(["/children/1/children/0/text", "/children/1/title"], node) == ["/children/1"]
    assert stale(["/title", "/children/0"], node) == [""]
