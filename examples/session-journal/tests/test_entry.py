"""Entries are one line each, and nothing in them is Markdown but what we wrote."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from yesman.plugins import Event


def event(name="session.created", session="demo", **payload) -> Event:
    return Event("id", 1709208000.9, 1, name, "host", session, 1, payload)


def code_spans(text: str) -> list[str]:
    (block,) = (token for token in MarkdownIt("commonmark").parse(text) if token.type == "inline")
    assert {token.type for token in block.children} <= {"text", "code_inline"}
    return [token.content for token in block.children if token.type == "code_inline"]


def test_entry_is_readable(plugin):
    line = plugin.entry.entry(event(cwd="/tmp/x", windows=[1]))
    assert line == "- 2024-02-29T12:00:00Z created `demo`, cwd `/tmp/x`"


@pytest.mark.parametrize("text", ["`", "``a`", " b ", "", "*a* [b](c) <d>", "a``b```c", "&amp;\\`"])
def test_code_span_shows_the_text_itself(plugin, text):
    (shown,) = code_spans(plugin.entry.code_span(text))
    assert shown == (text or "  ")


@given(name=st.text(max_size=300), value=st.text(max_size=300), key=st.text(min_size=1, max_size=20))
def test_no_name_breaks_out_of_its_line(plugin, name, value, key):
    line = plugin.entry.entry(event(session=name, **{key: value}))
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(code_spans(line)) >= 2


def test_hidden_characters_are_made_visible(plugin):
    assert plugin.entry.code_span("\x1b[2J\u202e\n") == "`\\u001b[2J\\u202e\\u000a`"


def test_long_names_and_payloads_are_cut(plugin):
    line = plugin.entry.entry(event(session="x" * 10_000, **{f"k{n}": "y" * 10_000 for n in range(100)}))
    assert len(line) < 10 * (plugin.entry.MAX_TEXT + 20)
