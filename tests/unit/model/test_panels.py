"""What a panel may hold: each bound, and that nothing in it does harm."""

from __future__ import annotations

import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yesman.model.errors import AuthorError
from yesman.model.panels import (
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_NODES,
    MAX_SAID,
    MAX_SCHEMA,
    Button,
    Form,
    pressed,
    read_panel,
    read_said,
    walk,
)
from yesman.model.plain_text import unsafe_character

GO = {"name": "go"}


def text(of="x"):
    return {"kind": "text", "text": of}


def stack(*children):
    return {"kind": "stack", "children": list(children)}


def table(columns, rows, **more):
    return {"kind": "table", "columns": [{"label": "c"}] * columns, "rows": rows, **more}


def form(schema):
    return {"kind": "form", "schema": schema, "action": GO}


def fields(**properties):
    return {"properties": properties}


def button(label="b", /, **action):
    return {"kind": "button", "label": label, "action": {"name": "a"} | action}


def chart(labels, *values):
    series = [{"label": "a", "values": each} for each in values]
    return {"kind": "chart", "labels": labels, "series": series}


def image(asset):
    return {"kind": "image", "asset": asset, "alt": ""}


WORDS = {"type": "array", "items": {"type": "string", "enum": ["a"]}}


def nested(levels, around, inner):
    for _ in range(levels - 1):
        inner = around(inner)
    return inner


def tabs(inner):
    return {"kind": "tabs", "tabs": [{"title": "t", "content": inner}]}


def branch(inner):
    return {"text": "t", "children": [inner]}


def sized_schema(size):
    """Return a schema of so many bytes."""
    schema = fields(a={"type": "string", "enum": []})
    words = schema["properties"]["a"]["enum"]
    while (left := size - len(msgspec.json.encode(schema)) - spaces(schema)) > 0:
        words.append("x" * max(min(left - 4, 1000), 1))
    return schema


def spaces(schema):
    """Return how many bytes the host's way of writing it has more: one after each comma and colon."""
    return sum(msgspec.json.encode(schema).count(mark) for mark in (b",", b":"))


def refusal(value):
    with pytest.raises(AuthorError) as refused:
        read_panel(value)
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 600
    return refused.value.message


BOUNDS = {
    "text": (lambda n: text("x" * n), 50_000),
    "label": (lambda n: {"kind": "log", "lines": ["x" * n]}, 2_000),
    "hint": (lambda n: {"kind": "empty", "text": "a", "hint": "x" * n}, 50_000),
    "pairs": (lambda n: {"kind": "keyvalue", "rows": [["a", 1]] * n}, 500),
    "columns": (lambda n: table(n, []), 30),
    "rows": (lambda n: table(1, [[1]] * n), 1_000),
    "page": (lambda n: table(1, [], page=n), 200),
    "trend": (lambda n: {"kind": "metric", "label": "a", "value": 1, "trend": [1] * n}, 200),
    "series": (lambda n: chart([], *[[]] * n), 8),
    "values": (lambda n: chart(["a"] * n, [None] * n), 500),
    "lines": (lambda n: {"kind": "log", "lines": [""] * n}, 1_000),
    "menu": (lambda n: {"kind": "menu", "label": "m", "items": [button()] * n}, 50),
    "tabs": (lambda n: {"kind": "tabs", "tabs": [{"title": "t", "content": text()}] * n}, 20),
    "asset": (lambda n: image("a" * n), 200),
    "action": (lambda n: button(name="a" * n), 64),
    "arguments": (lambda n: button(arguments={f"a{i}": 1 for i in range(n)}), 32),
    "integer": (lambda n: {"kind": "metric", "label": "a", "value": n}, MAX_INTEGER),
    "negative": (lambda n: table(1, [[-n]]), MAX_INTEGER),
    "share": (lambda n: {"kind": "progress", "label": "a", "value": n}, 1),
    "nodes": (lambda n: stack(*[text("")] * (n - 1)), MAX_NODES),
    "items": (lambda n: {"kind": "tree", "items": [{"text": "a"}] * (n - 1)}, MAX_NODES),
    "stacks": (lambda n: nested(n, stack, text()), MAX_DEPTH),
    "sheets": (lambda n: nested(n, tabs, text()), MAX_DEPTH),
    "twigs": (lambda n: {"kind": "tree", "items": [nested(n - 1, branch, {"text": "t"})]}, MAX_DEPTH),
    "tables": (lambda n: nested(n, tabs, table(1, [[1]])), MAX_DEPTH),
    "forms": (lambda n: nested(n, tabs, form(fields(a=WORDS))), MAX_DEPTH),
    "schema": (lambda n: form(sized_schema(n)), MAX_SCHEMA),
}  # fmt: skip


@pytest.mark.parametrize(("make", "most"), BOUNDS.values(), ids=BOUNDS)
def test_a_bound_may_be_met_and_not_passed(make, most):
    read_panel(make(most))
    assert " - at `$" in refusal(make(most + 1))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "Expected `object`, got `null` - at `$`"),
        ([], "got `array` - at `$`"),
        ({"kind": "script"}, "Invalid value 'script' - at `$.kind`"),
        (stack(text(), {"text": "a"}), "missing required field `kind` - at `$.children[1]`"),
        (stack(text(5)), "Expected `str`, got `int` - at `$.children[0].text`"),
        (text() | {"tone": "loud"}, "Invalid enum value 'loud' - at `$.tone`"),
        (stack(tabs(table(2, [[1, 2], [1]]))), "not have 2 cells - at `$.children[0].tabs[0].content`"),
        (table(2, [], sort=2), "there is no such column to sort by"),
        (table(2, [], sort=-1), ">= 0 - at `$.sort`"),
        (table(0, []), "length >= 1 - at `$.columns`"),
        (chart(["a"], []), "a series does not have 1 values"),
        ({"kind": "tabs", "tabs": []}, "length >= 1"),
        ({"kind": "progress", "label": "a", "value": -0.1}, ">= 0.0 - at `$.value`"),
        (form({}), "a form without fields - at `$`"),
        (stack(form(fields(a={"type": "strng"}))), "did you mean 'string'? - at `$.children[0]`"),
        (form(fields(**{"a b": {"type": "string"}})), "not a valid setting name"),
        (form(fields(a={"type": "string", "enum": ["a\0b"]})), "U+0000 is refused"),
        (form([]), "Expected `object`, got `array` - at `$.schema`"),
        (button(name="a b"), "at `$.action.name`"),
        (button(name="a\n"), "at `$.action.name`"),
        (button(arguments={"a\n": 1}), "$.action.arguments`"),
        (button(arguments={"a": [1]}), "got `array`"),
        ({"kind": "menu", "label": "b", "items": [text()]}, "at `$.items[0].kind`"),
        (image("../a.png"), "at `$.asset`"),
        (image("a/../b.png"), "at `$.asset`"),
        (image("/etc/passwd"), "at `$.asset`"),
        (image("https://example.org/a.png"), "at `$.asset`"),
    ],
)  # fmt: skip
def test_what_is_no_panel_is_refused_in_a_sentence_that_says_where(value, told):
    assert told in refusal(value)


def test_a_refusal_repeats_neither_much_nor_anything_harmful():
    assert "\x1b" not in refusal({"kind": "\x1b[2J" * 50_000})
    assert "\u202e" not in refusal(text() | {"\u202e\n" * 50_000: 1})


def test_hundreds_of_levels_are_refused_before_anything_else():
    assert "deeper than 12 levels" in refusal(nested(500, stack, text()))
    assert "deeper than 12 levels" in refusal(text(nested(900, lambda inner: [inner], [])))


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\r", "\x7f", "\x9b", "\u200b", "\u2028", "\u202e", "\U000e0041"]
)
def test_what_would_act_on_a_screen_is_shown_as_a_harmless_character(character):
    value = stack(text(f"a{character}b"), {"kind": "log", "lines": [character]}) | {"title": character}
    shown = read_panel(value)
    seen = shown.children[0].text + shown.children[1].lines[0] + shown.title
    assert len(seen) == len("ab") + 3
    assert unsafe_character(seen) is None


def test_line_ends_are_kept_where_there_may_be_several_lines():
    kept = "a\n\tb"
    error = {"kind": "error", "text": kept, "hint": kept}
    read = read_panel(stack(text(kept), error, button(kept, confirm=kept)))
    assert (read.children[0].text, read.children[1].hint, read.children[2].action.confirm) == (kept,) * 3
    assert read.children[2].label == "a  b"


def test_line_ends_become_spaces_where_there_is_one_line():
    tree = read_panel({"kind": "tree", "items": [{"text": "a\nb"}]})
    rows = read_panel(table(1, [["a\nb"]], empty="a\tb"))
    pairs = read_panel({"kind": "keyvalue", "rows": [["text", "a\nb"]]})
    seen = (tree.items[0].text, rows.rows[0][0], rows.empty, pairs.rows[0][1])
    assert seen == ("a b",) * 4


def test_what_is_handed_back_stays_as_it_is():
    odd = "a\tb\n\u200b\u202e\x1b"
    read = read_panel(button(odd, arguments={"text": odd, "path": odd}))
    assert read.action.arguments == {"text": odd, "path": odd}
    assert unsafe_character(read.label) is None


def test_a_form_may_be_described_in_any_language():
    words = ["日本語", "naïve", "😀", 'q"\\']
    read = read_panel(form(fields(a={"type": "string", "description": "😀 עברית", "enum": words})))
    assert read.fields.check({"a": "😀"}) == {"a": "😀"}


def letters(extra=""):
    return st.text(st.sampled_from(string.ascii_letters + extra) | st.characters(codec="utf-8"), max_size=20)


@given(letters("\n\t\r\x1b"), letters("\n"), st.lists(letters("\0"), max_size=5))
def test_what_was_read_reads_the_same_once_more(long, label, lines):
    tree = {"kind": "tree", "items": [{"text": long}]}
    pressing = button(label, arguments={"x": long}, confirm=long)
    value = stack(text(long), {"kind": "log", "lines": lines}, tabs(pressing), tree)
    once = read_panel(value)
    assert read_panel(msgspec.json.decode(msgspec.json.encode(once))) == once
    assert once.children[2].tabs[0].content.action.arguments == {"x": long}
    assert all(unsafe_character(line) is None for line in once.children[1].lines)


def test_every_path_leads_to_its_own_part():
    value = stack(text(), tabs(button()), form(fields(a={"type": "string"})))
    read = read_panel(value)
    assert [path for path, _ in walk(read)] == [
        "", "/children/0", "/children/1", "/children/1/tabs/0/content", "/children/2",
    ]  # fmt: skip
    assert isinstance(pressed(read, "/children/1/tabs/0/content"), Button)
    assert isinstance(pressed(read, "/children/2"), Form)


@pytest.mark.parametrize(
    "path", ["", "/children/0", "/children/9", "children/1", "/children/1/", "/children/-1", "/x", "$"]
)
def test_elsewhere_nothing_can_be_pressed(path):
    value = stack(text(), button())
    assert pressed(read_panel(value), "/children/1") is not None
    assert pressed(read_panel(value), path) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [(None, ""), (5, ""), (["a"], ""), ("a\nb", "a\nb"), ("\x1b[2J", "␛[2J"), ("x" * 5000, "x" * MAX_SAID)],
)
def test_what_an_action_says_is_short_and_harmless(said, shown):
    assert read_said(said) == shown
