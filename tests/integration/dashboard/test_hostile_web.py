"""A plugin that means harm, in the browser: it is shown as text, and the dashboard goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile.panels import DEEP, FIELDS, FLOOD, TOO_MUCH
from playwright.sync_api import expect

SCRIPT = "<script>window.owned=1</script><img src=x onerror='window.owned=1'>\"'><svg onload=window.owned=1>"
LINKS = "[a](javascript:window.owned=1) [b](data:text/html,<script>1</script>) [c](//evil.example)"
PROBE = """
    SCRIPT = {script!r}
    CASES = [{cases}]
"""


def opened(page):
    page.get_by_role("link", name="Things", exact=True).click()
    return page.locator(".panel")


def owned(page):
    return page.evaluate("window.owned ?? 0")


def test_markup_in_any_text_is_text(panel, page):
    cases = ", ".join(f"({name!r}, lambda X: {node})" for name, node in FIELDS.items())
    made = "ui.Stack([ui.Stack([node(self.SCRIPT)], title=f'case {name}') for name, node in self.CASES])"
    panel(made, PROBE.format(script=SCRIPT, cases=cases))
    shown = opened(page)
    expect(shown.get_by_role("heading", name="case choice")).to_be_visible()
    assert owned(page) == 0
    assert shown.locator("script, img[src=x], svg[onload]").count() == 0
    assert shown.inner_html().count("onerror") > 0, "control: it is there, as text"
    for name in FIELDS:
        expect(shown.get_by_role("heading", name=f"case {name}", exact=True)).to_be_visible()


def test_the_attack_works_where_nothing_is_escaped(page):
    """The control: the same text, put into a page as markup, owns it."""
    page.context.new_page().close()
    bare = page.context.new_page()
    bare.goto("about:blank")
    bare.set_content(SCRIPT)
    bare.wait_for_function("window.owned === 1")


def test_markdown_leads_nowhere_but_outside_and_holds_no_html(panel, page):
    panel(f"ui.Stack([ui.Markdown({LINKS!r}), ui.Text('below')])")
    shown = opened(page)
    expect(shown.get_by_text("below")).to_be_visible()
    for link in shown.locator("a").all():
        address = link.get_attribute("href") or ""
        assert address.startswith(("http://", "https://", "mailto:")), address
        assert "noopener" in (link.get_attribute("rel") or "")
    assert owned(page) == 0


def test_an_address_of_a_picture_stays_in_the_plugins_folder(panel, page):
    panel("ui.Stack([ui.Image('../../etc/passwd', 'x'), ui.Text('never')])")
    expect(opened(page)).to_contain_text("what it shows is no panel")


@pytest.mark.parametrize(("node", "said"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_or_nonsense_is_an_error_to_look_at(panel, page, node, said):
    panel(node, DEEP)
    expect(opened(page)).to_contain_text(said)
    page.get_by_role("link", name="Sessions").click()
    expect(page.get_by_text("No session runs.")).to_be_visible()


def test_a_flood_of_updates_does_not_keep_others_from_the_page(desk, panel, page):
    panel("ui.Stack([ui.Text(f'state {self.count()}')] + [ui.Text('x') for _ in range(500)])", FLOOD)
    shown = opened(page)
    expect(shown).to_contain_text("state ")
    page.evaluate(
        "() => { window.drawn = 0; new MutationObserver(() => window.drawn++)"
        ".observe(document.querySelector('.panel'), {subtree: true, childList: true, characterData: true}); }"
    )
    page.wait_for_timeout(3000)
    assert 1 <= page.evaluate("window.drawn") <= 3 * 4 + 2, "no more often than the host lets it"
    page.get_by_role("link", name="Sessions").click()
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    expect(page.get_by_role("heading", name="work")).to_be_visible()


def test_a_panel_cannot_press_what_belongs_to_the_dashboard(panel, page):
    """Names of its fields, actions and arguments are data of the plugin's: no act of ours is among them."""
    form = "{'properties': {'act': {'type': 'string', 'default': 'remove'}, 'name': {'type': 'string'}}}"
    more = "    def note(self, act):\n        return 'noted ' + str(sorted(act.values))\n"
    panel(f"ui.Form({form}, ui.Action('note'), submit='Go')", more, "{'note': self.note}")
    shown = opened(page)
    shown.get_by_role("button", name="Go").click()
    expect(page.get_by_role("status")).to_contain_text("noted ['act']")


def test_what_a_plugin_calls_itself_is_shown_as_text_on_every_page(desk, page):
    source = (
        "from yesman.plugins import CommandPlugin\nclass P(CommandPlugin):\n    def get_commands(self):\n"
    )
    manifest = f"type: command\ndescription: {SCRIPT!r}\nauthor: {SCRIPT!r}\n".replace("\\'", "''")
    folder = desk.plugin(
        "evil", source + "        print('<script>window.owned=1</script>')\n        return []\n"
    )
    (folder / "plugin.yaml").write_text(f"name: evil\nversion: 1.0.0\n{manifest}")
    desk.yesman("plugin", "install", str(folder), "--yes")
    for path in ("/plugins", "/plugins/evil", "/audit"):
        page.goto(path)
        expect(page.get_by_text("evil").first).to_be_visible()
        assert owned(page) == 0
        assert page.locator("main script, main img").count() == 0


def test_what_a_session_is_called_and_shows_is_text(desk, page):
    folder = f"{desk.environ['HOME']}/<img src=x onerror=window.owned=1>"
    desk.yesman("server", "start")
    Path(folder).mkdir()
    desk.yesman("session", "new", "work", "--cwd", folder, "--", "cat")
    expect(page.get_by_role("heading", name="work")).to_be_visible()
    assert owned(page) == 0
