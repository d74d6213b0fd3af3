"""Pressing what a panel shows: only what was shown, as it was shown, and what comes of it."""

from __future__ import annotations

import pytest
from hosted.folders import forged

from yesman.host.panels import KEPT
from yesman.model.panels import MAX_SAID

ODD = "a\tb\n\u202e\x1b"
COUNTER = f"""\
self.count = getattr(self, "count", 0)
go = ui.Action("add", {{"number": 3, "now": self.count, "path": {ODD!r}}})
return ui.Stack([ui.Metric("Count", self.count), ui.Button("More", go), ui.Text("not to be pressed")])"""
ADD = """\
self.note(repr((act.name, act.arguments, act.values, act.view.session)))
self.count += act.arguments["number"]
return f"{self.count} by now\""""
FORM = """\
fields = {"name": {"type": "string", "required": True, "maxLength": 5}}
fields["depth"] = {"type": "integer", "default": 3}
return ui.Stack([ui.Form({"properties": fields}, ui.Action("send", {"to": "here"}))])"""
SENT = "self.note(repr(act.values))\nreturn f'{act.values} to {act.arguments}'"
MORE, FILLED = "/children/1", "/children/0"
GONE = "what was pressed is not shown any more"


def counted(number):
    return lambda shown: shown["children"][0]["value"] == number


@pytest.fixture
def counter(install, watch):
    """Somebody who looks at a counter with a button."""
    install({"main": COUNTER}, {"add": ADD, "wipe": "self.note('wiped')"})
    viewer = watch()
    viewer.next()
    return viewer


@pytest.fixture
def form(install, watch):
    install({"main": FORM}, {"send": SENT})
    viewer = watch()
    viewer.next()
    return viewer


def test_an_action_gets_its_arguments_to_the_last_character(counter, notes):
    assert counter.said(MORE) == "3 by now"
    assert notes() == [repr(("add", {"number": 3, "now": 0, "path": ODD}, {}, None))]
    counter.until(counted(3))


def test_whoever_presses_a_button_can_say_nothing_more(counter, notes):
    counter.said(MORE, number=1000, arguments={"number": 1000}, action="wipe")
    assert notes() == [repr(("add", {"number": 3, "now": 0, "path": ODD}, {}, None))]


def test_what_was_shown_before_can_be_pressed_as_it_was_then(counter, notes):
    counter.said(MORE)
    counter.until(counted(3))
    assert counter.press(MORE, revision=1).value == "6 by now"
    assert "'now': 0" in notes()[-1]
    counter.until(counted(6))
    counter.said(MORE)
    assert "'now': 6" in notes()[-1]


def test_what_was_shown_long_ago_cannot(counter, notes):
    for number in range(KEPT):
        counter.said(MORE)
        counter.until(counted(3 * (number + 1)))
    assert counter.refusal(MORE, revision=1) == GONE
    assert len(notes()) == KEPT
    assert counter.press(MORE, revision=2).failure is None


@pytest.mark.parametrize(
    ("path", "revision"),
    [("", 1), ("/children/0", 1), ("/children/2", 1), ("/children/9", 1), ("children/1", 1), ("/wipe", 1)]
    + [(MORE, revision) for revision in (-1, 0, 2, 2**40)],
)
def test_what_was_never_shown_cannot(counter, notes, path, revision):
    assert counter.refusal(path, revision) == GONE
    assert notes() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"look": "1"},
        {"revision": 1.5},
        {"path": 1},
        {"values": []},
        {"look": -1},
        {"look": 99},
        {"values": {"a": 2**70}},
    ],
)
def test_a_press_that_makes_no_sense_is_refused_in_a_sentence(counter, notes, wrong):
    told = counter.server.ask(
        "panel.press", **({"look": counter.look, "revision": 1, "path": "", "values": {}} | wrong)
    )
    assert counter.server.explained(told)
    assert notes() == []


def test_nobody_presses_what_nobody_looks_at_any_more(counter, server, until):
    counter.close()
    press = {"look": counter.look, "revision": 1, "path": MORE}
    until(lambda: "nobody looks" in server.refusal("panel.press", **press)["message"])


def test_an_action_is_told_the_session_that_the_panel_was_shown_with(install, watch, notes):
    server = install(
        {"main": COUNTER}, {"add": ADD}, slot="session", permissions=["session.read:work-*", "session.modify"]
    )
    viewer = watch(session="work-1")
    viewer.next()
    viewer.said(MORE)
    assert notes()[0].endswith("'work-1')")
    server.call("plugin.revoke", name="demo", permissions=["session.read:work-*"])
    assert "lacks permission 'session.read:work-1'" in viewer.refusal(MORE)
    assert len(notes()) == 1


# --- forms


def test_a_form_hands_over_what_was_filled_in_and_its_defaults(form):
    assert form.said(FILLED, name="Ann") == "{'depth': 3, 'name': 'Ann'} to {'to': 'here'}"
    assert form.said(FILLED, name="Ann", depth=9) == "{'depth': 9, 'name': 'Ann'} to {'to': 'here'}"


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        ({}, "the form lacks name"),
        ({"name": 5}, "'name' must be text"),
        ({"name": None}, "'name' must be text"),
        ({"name": "Annabel"}, "at most 5 characters"),
        ({"name": "Ann", "depth": "3"}, "'depth' must be a whole number"),
        ({"name": "Ann", "depth": True}, "'depth' must be a whole number"),
        ({"name": "Ann", "dept": 3}, "did you mean 'depth'"),
        ({"name": "Ann", "x" * 1000: 3}, "unknown"),
        ({"name": "x" * (64 * 1024)}, "the form holds more than"),
    ],
)
def test_a_form_that_is_filled_in_wrongly_does_not_arrive(form, notes, filled, told):
    assert told in form.refusal(FILLED, **filled)
    assert notes() == []


# --- what comes of it


@pytest.fixture
def act(install, watch):
    """Install a plugin whose button does that, and return who looks at it."""

    def make(body):
        install({"main": "return ui.Button('Go', ui.Action('go'))"}, {"go": body} if body else {})
        viewer = watch()
        viewer.next()
        return viewer

    return make


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", ""),
        ("await asyncio.sleep(0)\nreturn 'waited'", "waited"),
        ("return {'a': object()}", ""),
        ("return 5", ""),
        ("return 'x' * 1_000_000", "x" * MAX_SAID),
        ("return '\\x1b[2J\\u202edone\\n'", "␛[2J\ufffddone\n"),
        (forged(b'"' + b"\x7f" * 5000 + b'"'), "\ufffd" * MAX_SAID),
    ],
)
def test_what_an_action_says_is_a_short_and_harmless_text(act, body, said):
    assert act(body).said("") == said


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('no such branch')", "no such branch"),
        ("await asyncio.sleep(0)\nraise PermissionError('not yours')", "not yours"),
        ("raise SystemExit(3)", "exited with code 3 instead"),
        ("os._exit(3)", "while running 'main'"),
        ("", "has no action 'go'"),
        (forged(b"\xff"), "what cannot be passed on"),
    ],
)
def test_an_action_that_fails_says_so_and_the_panel_goes_on(act, body, told):
    viewer = act(body)
    assert told in viewer.refusal("")
    assert viewer.refusal("")  # it was not what somebody can press only once


def test_an_action_that_takes_too_long_is_ended(install, watch, server):
    install({"main": COUNTER}, {"add": "time.sleep(1000)"})
    server.call("plugin.limits", name="demo", set={"event": "500ms"})
    viewer = watch()
    viewer.until("Count")
    assert "did not finish 'main' within 0.5 seconds" in viewer.refusal(MORE)
    assert server.call("panel.show", plugin="demo", panel="main")["kind"] == "stack"


def test_an_action_that_fails_half_way_leaves_nobody_with_the_old_state(install, watch):
    install({"main": COUNTER}, {"add": "self.count = 5\nraise ValueError('half')"})
    viewer = watch()
    viewer.next()
    assert "half" in viewer.refusal(MORE)
    viewer.until(counted(5))
