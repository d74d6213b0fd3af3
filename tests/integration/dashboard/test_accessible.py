"""Every page of the dashboard can be used by everybody: looked at by axe-core, in both colour schemes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile.panels import FIELDS
from playwright.sync_api import expect

ROOT = Path(__file__).parents[3]
AXE = ROOT / "browser/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MANIFEST = """type: ui
description: Shows things
permissions: [session.read]
config:
  properties:
    colour: {type: string, enum: [red, green], description: Of the lamp}
    api_token: {type: string}
provides:
  - panels:
      - {name: main, title: Things}
"""
CASES = ", ".join(f"({name!r}, lambda X: {node})" for name, node in FIELDS.items())
MORE = f"""
    CASES = [{CASES}]
    def go(self, act):
        return "went"
"""
EVERY_KIND = "ui.Stack([ui.Stack([node('Word')], title=f'A {name}') for name, node in self.CASES])"
PAGES = {
    "sessions": ("/", "work"),
    "a session": ("/session?name=work", "End session"),
    "plugins": ("/plugins", "things"),
    "a plugin": ("/plugins/things", "Permissions"),
    "a panel": ("/panels/things/main", "A choice"),
    "the audit trail": ("/audit", "digest=sha256"),
    "events": ("/events", "session.created"),
    "installing": ("/install", "No registry is known"),
    "nothing": ("/nowhere", "There is no such page"),
}


def violations(page):
    """Return what axe finds, each with where it is."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(f"() => axe.run(document, {{runOnly: {RULES}}})")
    nodes = ((one["id"], node) for one in found["violations"] for node in one["nodes"])
    return [f"{rule}: {node['html'][:200]} {node['failureSummary']}" for rule, node in nodes]


@pytest.fixture(params=["light", "dark"])
def page(request, visit, desk, panel):
    panel(EVERY_KIND, MORE, "{'a': self.go}", MANIFEST)
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    return visit(color_scheme=request.param)


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)], ids=["wide", "narrow"])
def test_axe_finds_nothing_to_complain_of(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for name, (path, text) in PAGES.items():
        page.goto(path)
        expect(page.get_by_text(text).first).to_be_visible()
        assert violations(page) == [], name
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is wider than the window by {wide}"


def test_nor_in_dialogs(page):
    expect(page.get_by_text("work").first).to_be_visible()
    page.get_by_role("button", name="Open a session").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.goto("/plugins/things")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_axe_would_find_something(page):
    """The control."""
    page.evaluate("() => document.querySelector('h1').after(document.createElement('button'))")
    assert any("button-name" in one for one in violations(page))
