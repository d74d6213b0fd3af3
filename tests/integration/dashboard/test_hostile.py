"""A plugin that means harm, in the terminal dashboard: it is shown as text, and the dashboard goes on."""

from __future__ import annotations

import pytest
from hostile.panels import DEEP, FIELDS, FLOOD, TOO_MUCH

MARKUP = "[bold red]mark[/] [@click=app.quit]up[/] [link=file:///etc/passwd]x[/link]"
ESCAPES = "\\x1b[2J\\x1b]0;owned\\x07\\x1b[?1049l\\u202e\\u200bend"


def test_markup_in_any_text_is_text(dashboard, panel):
    cases = ", ".join(f"({name!r}, lambda X: {node})" for name, node in FIELDS.items())
    more = f"\n    MARKUP = {MARKUP!r}\n    CASES = [{cases}]\n"
    panel("ui.Stack([ui.Stack([node(self.MARKUP)], title=f'<{name}>') for name, node in self.CASES])", more)
    screen = dashboard(size=(160, 120))
    screen.until("Things")
    shown = screen.type_until("3", "<text>", "<choice>")
    for name in FIELDS:
        below = shown.partition(f"<{name}>")[2].partition("<")[0]
        assert "[bold red]mark[/] [@click=app.quit]up[/]" in below, name
    assert "link" in shown


def test_escape_sequences_in_any_text_are_shown_as_pictures(dashboard, panel):
    shown = {name: node for name, node in FIELDS.items() if "ui.Form" not in node}  # a form is refused whole
    cases = ", ".join(f"({name!r}, lambda X: {node})" for name, node in shown.items())
    more = f"\n    ESCAPES = '{ESCAPES}'\n    CASES = [{cases}]\n"
    panel("ui.Stack([ui.Stack([node(self.ESCAPES)], title=f'<{name}>') for name, node in self.CASES])", more)
    screen = dashboard(size=(160, 120))
    screen.until("Things")
    text = screen.type_until("3", "<text>", "<error>", "␛[2J")
    assert "Sessions" in text, "the screen was not cleared"
    assert screen.title() != "owned"
    assert not {"\u202e", "\u200b", "\x1b"} & set(text)


def test_markdown_has_no_html_and_its_links_lead_nowhere(dashboard, panel):
    text = "[click](javascript:alert(1)) <b onclick=x>bold</b> [data](data:text/html,x) ![i](http://127.0.0.1:9/i)"
    panel(f"ui.Stack([ui.Markdown({text!r}), ui.Text('below')])")
    screen = dashboard()
    screen.until("Things")
    assert "<b onclick=x>" in screen.type_until("3", "click", "below")
    screen.type("Tab", "Enter", "Tab", "Enter")
    screen.until("click", "below")


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_cannot_be_shown_is_said(dashboard, panel, what):
    node, said = TOO_MUCH[what]
    panel(node, DEEP)
    screen = dashboard(size=(120, 24))
    screen.until("Things")
    screen.type_until("3", said)
    screen.type_until("1", "No session")


def test_a_flood_of_updates_does_not_keep_others_from_the_screen(dashboard, panel):
    panel("ui.Stack([ui.Text(f'state {self.count()}')] + [ui.Text('x') for _ in range(500)])", FLOOD)
    screen = dashboard()
    screen.until("Things")
    first = screen.type_until("3", "state ")
    screen.until_met(lambda shown: "state " in shown and shown != first)
    screen.type_until("2", "PLUGIN")
    screen.type_until("1", "No session")


def test_one_that_hangs_is_said_to_and_keeps_nobody_waiting(desk, dashboard, panel):
    panel("time.sleep(60)")
    screen = dashboard()
    screen.until("Things")
    screen.type_until("3", "is asked what it shows")
    desk.yesman("session", "new", "work", "--", "cat")
    screen.type_until("1", "work")
    screen.type_until("3", "did not finish 'main' within 5 seconds")


def test_what_runs_in_a_session_cannot_write_to_the_screen_either(desk, dashboard):
    program = r"printf '\033]0;owned\007[bold]mark[/] \033[31mred\033[0m'; cat"
    desk.yesman("session", "new", "work", "--", "sh", "-c", program)
    screen = dashboard()
    screen.until("[bold]mark[/] red")
    assert screen.title() != "owned"
