"""Looking at panels: what is shown, to whom, how often, and what a plugin's life means for that."""

from __future__ import annotations

import json
import time

import pytest
from hosted.folders import Panels

from yesman.host.panels import MAX_LOOKS, REST_SECONDS

COUNT = 'self.note("rendered")\nself.count = getattr(self, "count", 0)\nreturn ui.Metric("Count", self.count)'
WAITS = "await asyncio.sleep(0)\nreturn ui.Text('waited')"
STEP = {"step": "self.count = int(arg)\nself.context.panels.changed('main')"}
LARGE = """\
rows = [[getattr(self, "count", 1)] * 30] * 900
return ui.Stack([ui.Table([ui.Column("c")] * 30, rows)] * 4)"""
FLOOD = """\
began = time.monotonic()
for number in range(1, 10_001):
    self.count = number
    self.context.panels.changed()
    if number % 50 == 0:
        await asyncio.sleep(0)
return time.monotonic() - began"""
GREET = "return ui.Text(f'This is {view.session}')"
READS = {"permissions": ["session.read:work-*"], "slot": "session"}


def text(of):
    return {"kind": "text", "text": of, "tone": "plain", "strong": False}


def test_panels_are_listed_with_title_and_slot(install):
    server = install({"main": COUNT, "more": WAITS})
    row = {"plugin": "demo", "name": "main", "title": "The panel main", "slot": "tab"}
    assert server.call("panel.list") == [row, row | {"name": "more", "title": "The panel more"}]
    server.call("plugin.disable", name="demo")
    assert server.call("panel.list") == []


def test_a_panel_is_rendered_by_a_function_with_or_without_async(install):
    server = install({"main": "return ui.Text('at once')", "waits": WAITS})
    assert server.call("panel.show", plugin="demo", panel="main") == text("at once")
    assert server.call("panel.show", plugin="demo", panel="waits") == text("waited")


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ({"plugin": "none", "panel": "main"}, "unknown installed plugin 'none'"),
        ({"plugin": "demo", "panel": "mian"}, "plugin 'demo' has no panel 'mian'; did you mean 'main'?"),
        ({"plugin": "demo", "panel": "main", "session": "a"}, "is shown by itself"),
        ({"plugin": "demo", "panel": "\x1b[2J"}, "has no panel '\\u{1b}[2J'"),
    ],
)
def test_what_is_not_there_cannot_be_looked_at(install, where, told):
    server = install({"main": COUNT})
    for method in ("panel.show", "panel.watch"):
        assert told in server.refusal(method, **where)["message"]


def test_news_come_to_whoever_looks_and_only_what_has_changed(install, watch):
    server = install(
        {"main": f"{COUNT.replace('return ', 'made = ')}\nreturn ui.Stack([made])"}, commands=STEP
    )
    viewer, other = watch(), watch()
    assert viewer.next()["children"][0]["value"] == 0
    server.value("demo", "step", "5")
    for each in (viewer, other):
        each.until(lambda shown: shown["children"][0]["value"] == 5)
    assert viewer.revision == 2


def test_ten_thousand_changes_lead_to_few_renderings_and_hold_nobody_up(install, watch, plugins, notes):
    server = install({"main": COUNT}, commands={"flood": FLOOD})
    server.install(plugins.make("calm", panels=Panels({"main": COUNT}), commands=STEP))
    viewer, calm = watch(), watch("main", "calm")
    viewer.next()
    calm.next()
    began = time.monotonic()
    flood = server.begin("demo", "flood")
    server.value("calm", "step", "7")
    calm.until(lambda shown: shown["value"] == 7)
    assert flood.value() > 0
    viewer.until(lambda shown: shown["value"] == 10_000)
    assert len(notes()) <= (time.monotonic() - began) / REST_SECONDS + 3
    assert server.call("server.status")["pid"] == server.pid


def test_a_panel_that_nobody_looks_at_is_never_rendered(install, watch, notes, until):
    server = install({"main": COUNT}, commands={"flood": FLOOD, **STEP})
    server.value("demo", "flood")
    assert notes() == []
    viewer = watch()
    viewer.next()
    viewer.close()
    seen = len(notes())
    until(lambda: server.ask("panel.press", look=1, revision=1, path="").failure["kind"] == "not-found")
    server.value("demo", "flood")
    assert len(notes()) == seen


def test_a_rendering_that_shows_the_same_is_not_sent(install, watch, notes, until):
    server = install({"main": COUNT}, commands=STEP)
    viewer = watch()
    viewer.next()
    server.value("demo", "step", "0")
    until(lambda: len(notes()) >= 2)
    server.value("demo", "step", "1")
    viewer.until(lambda shown: shown["value"] == 1)
    assert viewer.revision == viewer.updates == 2


def test_only_so_many_may_look_and_who_goes_makes_room(install, watch, until):
    server = install({"main": COUNT})
    first = watch()
    first.next()
    for _ in range(MAX_LOOKS - 1):
        watch().next()
    assert (
        f"{MAX_LOOKS} panels are looked at"
        in server.refusal("panel.show", plugin="demo", panel="main")["message"]
    )
    first.close()
    until(lambda: server.ask("panel.show", plugin="demo", panel="main").failure is None)


def test_who_goes_while_a_panel_is_rendered_ends_that(install, watch, notes, until):
    server = install(
        {"main": "self.note('begun')\ntry:\n    await asyncio.sleep(1000)\nfinally:\n    self.note('ended')"}
    )
    viewer = watch()
    until(lambda: notes() == ["begun"])
    viewer.close()
    until(lambda: notes() == ["begun", "ended"])
    assert server.state_of("demo") == "running"


# --- with a session


def test_a_plugin_is_told_of_a_session_that_it_may_read(install, watch):
    server = install({"main": GREET}, **READS)
    assert watch(session="work-1").next() == text("This is work-1")
    assert "is shown with a session" in server.refusal("panel.show", plugin="demo", panel="main")["message"]


def test_a_plugin_is_not_told_of_another_and_who_looks_learns_why(install, watch, notes):
    install({"main": f"self.note(view.session)\n{GREET}"}, **READS)
    shown = watch(session="home").next()
    assert shown["kind"] == "error"
    assert "plugin 'demo' lacks permission 'session.read:home'" in shown["text"]
    assert notes() == []


def test_a_grant_and_its_end_are_seen_at_once(install, watch):
    server = install({"main": GREET}, agreed={"grants": []}, **READS)
    viewer = watch(session="work-1")
    refused = viewer.next()
    assert "lacks permission 'session.read:work-1'" in refused["text"]
    assert "yesman plugin grant demo" in refused["hint"]
    server.call("plugin.grant", name="demo", permissions=["session.read:work-*"])
    viewer.until("This is work-1")
    server.call("plugin.revoke", name="demo", permissions=["session.read:work-*"])
    viewer.until("lacks permission")


# --- while a plugin's life goes on


def test_who_looks_sees_a_plugin_disabled_and_enabled_again(install, watch):
    server = install({"main": COUNT})
    viewer = watch()
    viewer.until("Count")
    server.call("plugin.disable", name="demo")
    assert "disabled" in viewer.until("error")["text"]
    server.call("plugin.enable", name="demo")
    viewer.until("Count")


def test_who_looks_sees_a_plugin_removed_and_installed_again(install, watch):
    server = install({"main": COUNT})
    viewer = watch()
    viewer.until("Count")
    server.call("plugin.remove", name="demo")
    assert "unknown installed plugin 'demo'" in viewer.until("error")["text"]
    install({"main": COUNT})
    viewer.until("Count")


def test_who_looks_sees_the_version_that_took_over(install, watch, plugins):
    server = install({"main": "return ui.Text('before')"})
    viewer = watch()
    viewer.until("before")
    server.install(plugins.make(panels=Panels({"main": "return ui.Text('after')"}), version="1.1.0"))
    viewer.until("after")
    server.install(plugins.make(panels=Panels({"other": COUNT}), version="1.2.0"))
    assert "has no panel 'main'" in viewer.until("error")["text"]


def test_who_looks_sees_what_a_plugin_still_needs_and_that_it_has_it(install, watch):
    config = {"properties": {"place": {"type": "string", "required": True}}}
    server = install({"main": "return ui.Text(self.context.config['place'])"}, config=config)
    viewer = watch()
    assert "place" in viewer.until("error")["text"]
    server.call("plugin.config", name="demo", set={"place": "at home"})
    viewer.until("at home")


def test_a_large_panel_comes_whole_both_ways(install, watch):
    server = install({"main": LARGE}, commands=STEP)
    shown = server.call("panel.show", plugin="demo", panel="main")
    viewer = watch()
    assert viewer.next() == shown
    server.value("demo", "step", "2")
    assert json.dumps(viewer.next()).count("2") > 100_000
