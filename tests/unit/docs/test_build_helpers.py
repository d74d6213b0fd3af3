"""What the build of the documentation adds to Sphinx: links out of docs/, and no request to another host."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"


def load(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "led"),
    [
        ("[text](../../SECURITY.md#residues)", "[text](../security/model.md#residues)"),
        ("[text](../adr)", "[text](../adr/index.md)"),
        ("[text](events.md#all)", "[text](events.md#all)"),
        ("[`examples/`](../../examples)", "`examples/`"),
        ("[text](https://example.org/x.md)", "[text](https://example.org/x.md)"),
        ("[text](#below)", "[text](#below)"),
        ("```\n[text](../../examples)\n```", "```\n[text](../../examples)\n```"),
    ],
)
def test_links_out_of_the_documentation_are_led(link, led):
    page = DOCS / "reference/limits.md"
    assert load("outside").led(link, page, page, DOCS, pytest.fail) == led


def test_a_link_to_nothing_is_told():
    told = []
    page = DOCS / "index.md"
    assert load("outside").led("[text](../nowhere)", page, page, DOCS, told.append) == "text"
    assert told == ["there is no ../nowhere"]


def test_a_page_may_be_a_text_from_the_top_of_the_checkout():
    page = DOCS / "security/model.md"
    text, origin = load("outside").read(page, page.read_text("utf-8"))
    assert origin == DOCS.parent / "SECURITY.md"
    assert text == origin.read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ('<script defer src="https://cdn.example/x.js">', ["https://cdn.example/x.js"]),
        ("<link rel='stylesheet' href='//fonts.example/f.css'>", ["//fonts.example/f.css"]),
        ("@import url('https://fonts.example/f');", ["https://fonts.example/f"]),
        ('<img alt="" src="_images/processes.svg"><a href="https://example.org">', []),
    ],
)
def test_requests_to_other_hosts_are_seen(text, asked):
    assert load("offline").asked(text) == asked
