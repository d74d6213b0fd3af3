"""Panels in a real browser: they change while they are looked at, and what is pressed reaches the plugin."""

from __future__ import annotations

from playwright.sync_api import expect

COUNTER = """
    count = 0
    def up(self, act):
        self.count += act.arguments.get("by", 1)
        self.context.panels.changed("main")
        return f"Now {self.count}"
    def named(self, act):
        return f"Hello, {act.values['name']}!"
"""
ACTIONS = "{'up': self.up, 'named': self.named}"
FIELDS = "{'name': {'type': 'string', 'minLength': 3}, 'loud': {'type': 'boolean'}}"
FORM = f"{{'properties': {FIELDS}, 'required': ['name']}}"
ROWS = "[['b', 10], ['a', 9], ['c', None]] + [[f'row {n:02}', 100 + n] for n in range(30)]"
NODE = f"""ui.Stack([
            ui.Metric('Count', self.count),
            ui.Button('Up', ui.Action('up', {{'by': 2}})),
            ui.Button('Careful', ui.Action('up', confirm='Really?')),
            ui.Form({FORM}, ui.Action('named'), submit='Greet'),
            ui.Tabs([
                ui.Tab('One', ui.Table([ui.Column('Name'), ui.Column('Size', 'number')], {ROWS}, page=10)),
                ui.Tab('Two', ui.Text('second sheet')),
            ]),
        ])"""


def opened(page):
    page.get_by_role("link", name="Things", exact=True).click()
    expect(page.get_by_text("Count", exact=True)).to_be_visible()
    return page.locator(".panel")


def test_what_is_pressed_reaches_the_plugin_and_what_changes_is_shown(panel, page):
    panel(NODE, COUNTER, ACTIONS)
    shown = opened(page)
    shown.get_by_role("button", name="Up").click()
    expect(page.get_by_role("status")).to_contain_text("Now 2")
    expect(shown.locator(".metric")).to_contain_text("2")
    shown.get_by_role("button", name="Careful").click()
    page.get_by_role("dialog").get_by_role("button", name="No").click()
    shown.get_by_role("button", name="Careful").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(shown.locator(".metric")).to_contain_text("3")


def test_a_form_is_checked_where_it_arrives_and_what_was_typed_stays(panel, page):
    panel(NODE, COUNTER, ACTIONS)
    shown = opened(page)
    shown.get_by_role("button", name="Greet").click()
    expect(shown.get_by_role("alert")).to_contain_text("the form lacks name")
    shown.get_by_role("textbox", name="name").fill("Al")
    shown.get_by_role("button", name="Greet").click()
    expect(shown.get_by_role("alert")).to_contain_text("at least 3 characters")
    shown.get_by_role("textbox", name="name").fill("Alice")
    shown.get_by_role("button", name="Up").click()
    expect(shown.locator(".metric")).to_contain_text("2")
    expect(shown.get_by_role("textbox", name="name")).to_have_value("Alice")
    shown.get_by_role("button", name="Greet").click()
    expect(page.get_by_role("status")).to_contain_text("Hello, Alice!")


def test_a_table_is_sorted_and_paged_and_stays_so_while_other_things_change(panel, page):
    panel(NODE, COUNTER, ACTIONS)
    shown = opened(page)
    rows = shown.locator("tbody tr:visible")
    expect(rows).to_have_count(10)
    shown.get_by_role("button", name="Size").click()
    expect(rows.first).to_contain_text("a")
    shown.get_by_role("button", name="Size").click()
    expect(rows.first).to_contain_text("row 29")
    shown.get_by_role("button", name="Further").click()
    expect(shown.get_by_text("Rows 11 to 20 of 33")).to_be_visible()
    shown.get_by_role("button", name="Up").click()
    expect(shown.locator(".metric")).to_contain_text("2")
    expect(shown.get_by_text("Rows 11 to 20 of 33")).to_be_visible()


def test_sheets_are_turned_to_by_mouse_and_keys_and_stay_open(panel, page):
    panel(NODE, COUNTER, ACTIONS)
    shown = opened(page)
    expect(shown.get_by_text("second sheet")).to_be_hidden()
    shown.get_by_role("tab", name="One").focus()
    page.keyboard.press("ArrowRight")
    expect(shown.get_by_role("tab", name="Two")).to_be_focused()
    expect(shown.get_by_text("second sheet")).to_be_visible()
    shown.get_by_role("button", name="Up").click()
    expect(shown.locator(".metric")).to_contain_text("2")
    expect(shown.get_by_text("second sheet")).to_be_visible()


def test_a_panel_of_sessions_is_shown_with_each(desk, panel, page):
    manifest = "type: ui\ndescription: Shows\npermissions: [session.read]\nprovides:\n  - panels:\n"
    manifest += "      - {name: main, title: Things, slot: session}\n"
    panel("ui.Text(f'about {view.session}')", manifest=manifest)
    desk.yesman("session", "new", "work", "--cwd", "/", "--", "cat")
    page.get_by_role("link", name="work").click()
    expect(page.get_by_text("about work")).to_be_visible()


def test_a_panel_comes_and_goes_with_its_plugin(desk, panel, page):
    panel("ui.Text('here')")
    expect(page.get_by_role("link", name="Things", exact=True)).to_be_visible()
    desk.yesman("plugin", "disable", "things")
    expect(page.get_by_role("link", name="Things", exact=True)).to_have_count(0)


def test_who_leaves_while_a_plugin_starts_does_it_no_harm(desk, panel, page):
    panel("ui.Text('here')", "    async def initialize(self):\n        time.sleep(1)\n")
    desk.yesman("plugin", "disable", "things")
    desk.yesman("plugin", "enable", "things")
    page.get_by_role("link", name="Things", exact=True).click()
    expect(page.get_by_text("is asked what it shows")).to_be_visible()
    page.goto("/plugins")
    expect(page.get_by_text("enabled", exact=True)).to_be_visible()
    assert "interrupted" not in page.content()
    page.get_by_role("link", name="Things", exact=True).click()
    expect(page.get_by_text("here", exact=True)).to_be_visible()
