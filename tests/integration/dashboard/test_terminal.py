"""The terminal dashboard as its user sees it: keys typed and the screen read, everything real."""

from __future__ import annotations

import re
import sys

COUNTING = """
    count = 0
    def more(self, act):
        self.count += act.arguments["by"]
        return f"It is {self.count} now"
"""


def test_sessions_are_listed_with_what_their_terminal_shows(desk, dashboard):
    desk.yesman("session", "new", "work", "--", "sh", "-c", "echo hello from work; cat")
    desk.yesman("session", "new", "other", "--", "cat")
    screen = dashboard()
    shown = screen.until("SESSION", "other", "work")
    assert shown.index("other") < shown.index("work")
    screen.type_until("Down", "hello from work")
    assert all(len(line) <= 80 for line in screen.text().splitlines())


def test_sessions_come_and_go_while_it_is_looked_at(desk, dashboard):
    screen = dashboard()
    screen.until("No session. Start one: yesman session new NAME -- claude")
    desk.yesman("session", "new", "late", "--", "cat")
    screen.until("late")
    desk.yesman("session", "close", "late")
    screen.until("No session", gone="late")


def test_a_session_is_ended_only_after_asking(desk, dashboard):
    desk.yesman("session", "new", "work", "--", "cat")
    screen = dashboard()
    screen.until("work")
    screen.type_until("x", "End session 'work' and all that runs in it?")
    screen.type_until("n", "work", gone="End session")
    screen.type_until("x", "End session 'work'")
    screen.type_until("y", "No session")
    assert desk.yesman("session", "ls", "--json").stdout.strip() == "[]"


def test_a_session_is_shown_in_the_same_terminal_until_its_user_detaches(desk, dashboard):
    desk.yesman("session", "new", "work", "--", "sh", "-c", "echo inside the session; cat")
    screen = dashboard()
    screen.until("work", "Attach")
    screen.type_until("a", "inside the session", gone="SESSION")
    screen.write("typed there")
    screen.type("Enter")
    screen.until("typed there")
    screen.type("C-b", "d")
    screen.until("SESSION", "typed there")


def test_a_panel_is_shown_pressed_and_shown_anew(dashboard, panel):
    node = "ui.Stack([ui.Metric('Count', self.count), ui.Button('More', ui.Action('more', {'by': 2}))])"
    panel(node, COUNTING, "{'more': self.more}")
    screen = dashboard()
    screen.until("Things")
    screen.type_until("3", "Count", "More")
    screen.type("Tab", "Enter")
    screen.until_met(lambda shown: "It is 2 now" in shown and re.search(r"Count\s+2\b", shown))


def test_a_panel_that_changes_is_drawn_anew_and_the_rest_is_left_alone(dashboard, panel):
    more = """
    async def initialize(self):
        import threading
        self.ticks = 0
        threading.Thread(target=self.tick, daemon=True).start()
    def tick(self):
        while True:
            time.sleep(0.3)
            self.ticks += 1
            self.context.panels.changed("main")
    def send(self, act):
        return f"sent {act.values['word']}"
"""
    fields = "{'properties': {'word': {'type': 'string'}}, 'required': ['word']}"
    node = f"ui.Stack([ui.Text(f'tick {{self.ticks}}'), ui.Form({fields}, ui.Action('send'))])"
    panel(node, more, "{'send': self.send}")
    screen = dashboard()
    screen.until("Things")
    drawn = screen.type_until("3", "tick ", "Send")
    first = screen.until_met(lambda shown: "Send" in shown and shown != drawn)  # no key is left
    screen.type("Tab")
    screen.write("kept while it ticks")
    screen.until("kept while it ticks")
    screen.until_met(lambda shown: "kept while" in shown and "tick " in shown and shown != first)
    screen.type("Tab", "Enter")
    screen.until("sent kept while it ticks")


def test_what_asks_first_is_done_only_after_a_yes(dashboard, panel):
    node = (
        "ui.Stack([ui.Text(f'n={self.count}'), ui.Button('Go', ui.Action('more', {'by': 1}, 'Really go?'))])"
    )
    panel(node, COUNTING, "{'more': self.more}")
    screen = dashboard()
    screen.until("Things")
    screen.type_until("3", "n=0", "Go")
    screen.type("Tab", "Enter")
    screen.until("Really go?")
    screen.type_until("Escape", "n=0", gone="Really")
    screen.type_until("Enter", "Really go?")
    screen.type_until("y", "n=1")


def test_plugins_are_listed_and_managed(desk, dashboard, panel):
    panel("ui.Text('here')", manifest="")
    desk.yesman("plugin", "disable", "things")
    screen = dashboard()
    screen.type_until("2", "PLUGIN", "things", "installed")
    screen.type("e")
    screen.until("enabled")
    screen.type_until("l", "Log of things")
    screen.type_until("Escape", "PLUGIN", gone="Log of things")
    screen.type_until("r", "running")
    screen.type_until("DC", "Remove plugin 'things'? Its data is kept.")
    screen.type_until("y", "No plugin.")
    assert desk.yesman("plugin", "list", "--json").stdout.strip() == "[]"


def test_grants_are_shown_and_taken_back(desk, dashboard):
    source = "from yesman.plugins import PluginBase\nclass P(PluginBase):\n    pass\n"
    desk.yesman("plugin", "install", str(desk.plugin("p", source, "permissions: [session.read]\n")), "--yes")
    screen = dashboard()
    screen.type_until("2", "session.read")
    screen.type_until("v", "Take from plugin 'p', at once:")
    screen.type_until("y", "Permissions  none")
    assert "session.read" in desk.yesman("plugin", "permissions", "p").stdout


def test_a_tab_goes_with_its_plugin(desk, dashboard, panel):
    panel("ui.Text('here')")
    screen = dashboard()
    screen.until("Things")
    desk.yesman("plugin", "disable", "things")
    screen.until("Sessions", gone="Things")


def test_it_ends_with_the_server_and_says_so(desk, dashboard):
    screen = dashboard()
    screen.until("No session")
    desk.kill_server()
    assert screen.end() == 4
    assert "The server has ended." in screen.text()


def test_q_ends_it_and_the_terminal_is_as_before(dashboard):
    screen = dashboard()
    screen.until("No session")
    screen.type("q")
    assert screen.end() == 0


def test_without_a_terminal_it_says_what_else_there_is(desk):
    assert "needs a terminal" in desk.yesman("dashboard", "--tui", code=2).stderr


WITHOUT = (
    "import importlib.util as u, sys; real = u.find_spec; "
    "u.find_spec = lambda name, *more: None if name == 'textual' else real(name, *more); "
    "from yesman.cli.main import run; sys.exit(run(sys.argv[1:]))"
)


def test_without_the_extra_one_sentence_says_how_to_get_it(desk, dashboard):
    desk.program = [sys.executable, "-c", WITHOUT]
    screen = dashboard()
    assert screen.end() == 1
    said = "".join(screen.text().split())  # a long path may break the line anywhere
    assert "needswhatisnotinstalledhere:textual" in said
    assert "'yesman[dashboard]'" in said


def test_plugins_whose_names_make_the_same_words_have_a_tab_each(desk, dashboard):
    source = (
        "from yesman.plugins import UIPlugin, ui\nclass P(UIPlugin):\n    def get_panels(self):\n        "
    )
    for plugin, panel in (("a", "b-c"), ("a-b", "c")):
        shown = f"return [ui.Panel('{panel}', lambda view: ui.Text('of {plugin}'))]\n"
        manifest = f"provides:\n  - panels:\n      - {{name: {panel}, title: Of {plugin}}}\n"
        desk.yesman("plugin", "install", str(desk.plugin(plugin, source + shown, manifest)), "--yes")
    screen = dashboard()
    screen.until("Of a", "Of a-b")
    screen.type_until("3", "of a")
    screen.type_until("4", "of a-b")


def test_what_is_shown_beside_a_session_is_there_again_when_its_user_comes_back(desk, dashboard, panel):
    beside = "      - {name: main, title: Beside, slot: session}\n"
    beside = f"permissions: [session.read]\nprovides:\n  - panels:\n{beside}"
    panel("ui.Text(f'about {view.session}')", manifest=beside)
    desk.yesman("session", "new", "work", "--", "cat")
    screen = dashboard()
    screen.until("work", "Beside")
    screen.type("Tab")
    screen.type_until("Right", "about work")
    screen.type_until("2", "PLUGIN", gone="about work")
    screen.type_until("1", "about work")
