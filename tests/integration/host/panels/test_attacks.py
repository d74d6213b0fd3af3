"""Panels that break every rule: whoever looks is told why, and the server and other plugins go on."""

from __future__ import annotations

import pytest
from hosted.folders import Panels, forged

NESTED = "node = ui.Text('x')\nfor _ in range({}):\n    node = ui.Stack([node])\nreturn node"
CIRCLE = "node = ui.Stack([])\nobject.__setattr__(node, 'children', [node])\nreturn node"
BROKEN = {
    "raises": ("raise ValueError('no such file')", "ValueError: no such file"),
    "raises-later": ("await asyncio.sleep(0)\nraise KeyError('gone')", "KeyError: 'gone'"),
    "raises-ugly": ("raise ValueError('\\x1b[2J\\u202e' + 'x' * 100_000)", "u{1b}[2J"),
    "leaves": ("sys.exit(4)", "exited with code 4"),
    "nothing": ("pass", "shows NoneType, not a node"),
    "data": ("return {'kind': 'text', 'text': 'x'}", "shows dict, not a node"),
    "class": ("return ui.Text", "shows type, not a node"),
    "part": ("return ui.Action('go')", "shows Action, not a node"),
    "own-node": ("class Video(ui.Node): pass\nreturn Video()", "not plain JSON data"),
    "object": ("return ui.Text(object())", "not plain JSON data"),
    "bytes": ("return ui.Text(b'x')", "not plain JSON data"),
    "nan": ("return ui.Metric('x', float('nan'))", "not plain JSON data"),
    "surrogate": ("return ui.Text('\\ud800')", "not plain JSON data"),
    "number": ("return ui.Text(5)", "Expected `str`, got `int` - at `$.text`"),
    "integer": ("return ui.Metric('x', 10 ** 1000)", "Expected `int` <= 9007199254740992 - at `$.value`"),
    "large": ("return ui.Stack([ui.Text('x' * 50_000)] * 6)", "more than 262144"),
    "larger": ("return ui.Text('x' * 50_000_000)", "returned a value that is too large"),
    "many": ("return ui.Stack([ui.Text('')] * 2_000)", "more than 2000 parts - at `$.children[1999]`"),
    "deep": (NESTED.format(12), "deeper than 12 levels"),
    "deeper": (NESTED.format(60), "deeper than 12 levels"),
    "deepest": (NESTED.format(5_000), "recursion"),
    "circle": (CIRCLE, "recursion"),
    "no-text": (forged(b"\xff"), "cannot be passed on"),
    "no-json": (forged(b"{"), "cannot be passed on"),
    "no-answer": (forged(b""), "cannot be passed on"),
    "infinite": (forged(b'{"kind": "metric", "label": "x", "value": 1e999}'), "cannot be passed on"),
    "half": (forged(b'{"kind": "text", "text": "\\ud800"}'), "cannot be passed on"),
    "brackets": (forged(b"[" * 100_000), "cannot be passed on"),
    "maps": (forged(b'{"a":' * 900 + b"1" + b"}" * 900), "deeper than 12 levels"),
    "twice": (forged(b'{"kind": "text", "kind": "script", "text": ""}'), "Invalid value 'script'"),
}  # fmt: skip
STAYS = "while True:\n    try:\n        {}\n    except BaseException:\n        pass"
CALM = "return ui.Text('calm')"
DEADLY = {
    "exits": ("os._exit(3)", "exited with code 3"),
    "kills": ("os.kill(os.getpid(), signal.SIGKILL)", "died of SIGKILL"),
    "clings": (STAYS.format("time.sleep(1000)"), "did not finish"),
    "spins": (STAYS.format("while True: pass"), "did not finish"),
}  # fmt: skip
LARGE = """\
self.note("rendered")
self.count = getattr(self, "count", 0) + 1
return ui.Stack([ui.Log([f"{self.count} {n} " + "x" * 200 for n in range(1000)])])"""
BUSY = """\
self.count = getattr(self, 'count', 0) + 1
return ui.Metric("Count", self.count)"""


def show(server, panel="main", plugin="demo"):
    return server.call("panel.show", plugin=plugin, panel=panel)


def test_what_is_no_panel_is_shown_as_an_error_that_says_why(install):
    server = install({name: body for name, (body, _) in BROKEN.items()})
    shown = {name: show(server, name) for name in BROKEN if name not in FORGED}
    assert {name for name, node in shown.items() if node["kind"] != "error"} == set()
    told = {name: node["text"] for name, node in shown.items()}
    assert {name: text for name, text in told.items() if BROKEN[name][1] not in text} == {}
    assert all(text.isprintable() and len(text) < 20_000 for text in told.values())
    assert server.state_of("demo") == "running"


FORGED = [name for name, (body, _) in BROKEN.items() if "_getframe" in body]


@pytest.mark.parametrize("name", FORGED)
def test_what_no_worker_would_send_is_shown_as_an_error_that_says_why(install, plugins, name):
    body, told = BROKEN[name]
    server = install({"main": body})
    server.install(plugins.make("calm", panels=Panels({"main": CALM})))
    node = show(server)
    assert (node["kind"], told in node["text"]) == ("error", True), node
    assert show(server, plugin="calm")["text"] == "calm"


@pytest.mark.parametrize("name", DEADLY)
def test_a_rendering_that_ends_or_hangs_takes_nobody_with_it(install, plugins, watch, name):
    body, told = DEADLY[name]
    server = install({"main": f"if not hasattr(self, 'well'):\n    self.well = True\n    {CALM}\n{body}"})
    server.call("plugin.limits", name="demo", set={"event": "500ms"})
    server.install(plugins.make("calm", panels=Panels({"main": CALM}), commands={"ok": "return 1"}))
    viewer, calm = watch(), watch("main", "calm")
    viewer.until("calm")
    calm.until("calm")
    pressing = server.wire()
    pressing.send("panel.show", plugin="demo", panel="main")
    assert server.value("calm", "ok") == 1
    node = pressing.answer().value
    assert (node["kind"], told in node["text"]) == ("error", True), node
    assert show(server, plugin="calm")["text"] == "calm"
    pressing.close()


def test_a_panel_that_crashes_is_not_rendered_by_itself_and_in_the_end_not_at_all(install, watch, notes):
    server = install({"main": "self.note('rendered')\nos._exit(3)"})
    viewer = watch()
    viewer.until("exited with code 3")
    for _ in range(4):
        show(server)
    assert server.state_of("demo") == "quarantined"
    assert len(notes()) == 3
    viewer.until("quarantined")


def test_a_plugin_that_does_not_load_says_so(install, watch, plugins):
    server = install({"main": CALM})
    viewer = watch()
    viewer.until("calm")
    answer = server.try_install(plugins.make(top="raise ValueError('cannot')", version="1.1.0"))
    assert answer.failure is not None
    assert viewer.shown["text"] == show(server)["text"] == "calm"


@pytest.mark.parametrize(
    ("top", "told"),
    [
        ("[]", None),
        ("[5]", "must return ui.Panel objects, not int"),
        ("[ui.Panel('a', print), ui.Panel('a', print)]", "names 'a' twice"),
        ("5", "not iterable"),
    ],
)
def test_panels_that_are_none_keep_a_plugin_from_being_installed(server, plugins, top, told):
    main = "from yesman.plugins import UIPlugin, ui\nclass Demo(UIPlugin):\n"
    folder = plugins.make(main=f"{main}    def get_panels(self):\n        return {top}\n")
    answer = server.try_install(folder)
    assert (answer.failure is None) if told is None else (told in answer.failure["message"])


def test_what_is_declared_and_not_there_says_so(server, plugins):
    folder = plugins.make(panels=Panels({"main": CALM}))
    main = folder / "src/main.py"
    main.write_text(main.read_text().replace("ui.Panel('main'", "ui.Panel('mian'"))
    assert "'main'" in str(server.install(folder)["warnings"])
    assert "'main'" in show(server)["text"]


def test_whoever_reads_slowly_is_waited_for(install, watch, notes):
    server = install({"main": LARGE, "busy": BUSY}, commands={"go": "self.context.panels.changed()"})
    slow, quick = watch(), watch("busy")
    quick.next()
    for _ in range(12):
        server.value("demo", "go")
        quick.next()
    sent = len(notes())
    assert sent <= 8
    for number in range(1, sent):
        slow.until(f"{number} 999 ")
    slow.until(f"{sent + 1} 999 ")
