"""Plugins that crash: started again a little later, given up after three times, and nobody else suffers."""

from __future__ import annotations

import json
import os
import signal

import pytest

DEATHS = {
    "segfault": "import ctypes; ctypes.string_at(0)",
    "abort": "os.abort()",
    "leave": "os._exit(3)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
}
MEANT = {"segfault": "SIGSEGV", "abort": "SIGABRT", "leave": "exited with code 3", "kill": "SIGKILL"}
COMMANDS = {**DEATHS, "tell": "return os.getpid()"}


def crash(server, how="kill", plugin="demo"):
    assert "while running" in server.explained(server.run(plugin, how))["message"]


def quarantine(server, how="kill"):
    for _ in range(3):
        crash(server, how)
    assert server.state_of("demo") == "quarantined"


@pytest.fixture
def crasher(server, plugins):
    """A server with a plugin that dies of its commands, and one that works."""
    server.install(plugins.make(commands=COMMANDS))
    server.install(plugins.make("other", commands={"tell": "return 'well'"}))
    return server


def test_after_one_crash_the_next_call_is_served_by_a_new_process(crasher):
    before = crasher.value("demo", "tell")
    crash(crasher)
    assert crasher.value("demo", "tell") != before
    assert crasher.state_of("demo") == "running"


@pytest.mark.parametrize("how", DEATHS)
def test_the_third_crash_within_five_minutes_is_the_last(crasher, how):
    quarantine(crasher, how)
    refused = crasher.refusal("command.run", **call("tell"))
    assert MEANT[how] in refused["message"]
    assert f"while running '{how}'" in refused["message"]
    assert refused["next_step"].endswith("yesman plugin enable demo")
    assert crasher.value("other", "tell") == "well"


def call(command):
    where = {"cwd": "/", "terminal": {}, "columns": 80, "lines": 24, "options": {}}
    return {"plugin": "demo", "command": command, **where}


def test_a_quarantine_outlives_the_server_with_all_its_blame(crasher):
    crasher.run("demo", "segfault")
    crasher.run("demo", "leave")
    os.kill(crasher.running(), signal.SIGKILL)
    crasher.process.wait()
    assert crasher.start() is None
    crash(crasher, "kill")
    os.kill(crasher.running(), signal.SIGKILL)
    crasher.process.wait()
    assert crasher.start() is None
    assert crasher.value("other", "tell") == "well"
    shown = crasher.call("plugin.show", name="demo")
    assert shown["state"] == "quarantined"
    assert [blame["during"] for blame in shown["crashes"]] == ["segfault", "leave", "kill"]
    assert [blame["end"] for blame in shown["crashes"]] == [
        "died of SIGSEGV",
        "exited with code 3",
        "died of SIGKILL",
    ]
    assert all(blame["peak_kib"] > 0 and blame["log"] and blame["version"] for blame in shown["crashes"])
    assert "quarantined" in crasher.refusal("command.run", **call("tell"))["message"]


def test_the_last_words_are_kept_and_bounded(server, plugins, until):
    body = "for n in range(50): os.write(2, b'word %d \\x1b[2J' % n + b'x' * 1000 + b'\\n')\nos._exit(1)"
    server.install(plugins.make(commands={"die": body}))
    server.run("demo", "die")

    def log():
        return server.call("plugin.show", name="demo")["crashes"][0]["log"]

    until(lambda: any("word 49" in line for line in log()))
    assert len(log()) == 30
    assert all(len(line) <= 200 and "\x1b" not in line for line in log())


def test_enabling_lifts_it_and_forgets_the_crashes(crasher):
    quarantine(crasher)
    assert crasher.call("plugin.enable", name="demo")["state"] == "enabled"
    assert crasher.call("plugin.show", name="demo")["crashes"] == []
    crash(crasher)
    assert crasher.value("demo", "tell")
    (record,) = [row for row in audit(crasher) if row["kind"] == "enable"]
    assert record["detail"]["quarantined"] is True


def audit(server):
    return [json.loads(line) for line in server.ask("plugin.audit", name="demo").out.splitlines()]


def test_it_is_announced_and_on_record(crasher, plugins, until):
    listener = plugins.make(
        "listener",
        commands={"heard": "return self.heard"},
        hooks={"plugin.quarantined": "self.heard = [*getattr(self, 'heard', []), event.payload]"},
    )
    crasher.install(listener)
    quarantine(crasher, "segfault")
    (payload,) = until(lambda: crasher.run("listener", "heard").value)
    assert payload["plugin"] == "demo"
    assert "SIGSEGV" in payload["reason"]
    assert [row["kind"] for row in audit(crasher)].count("quarantine") == 1


def test_a_revocation_and_a_disabling_are_no_crashes(server, plugins):
    folder = plugins.make(commands=COMMANDS, permissions=["network.external"])
    server.install(folder)
    for _ in range(4):
        server.value("demo", "tell")
        server.call("plugin.revoke", name="demo", permissions=["network.external"])
        server.call("plugin.grant", name="demo", permissions=["network.external"])
        server.value("demo", "tell")
        server.call("plugin.disable", name="demo")
        server.call("plugin.enable", name="demo")
    shown = server.call("plugin.show", name="demo")
    assert (shown["state"], shown["crashes"]) == ("enabled", [])


def test_the_end_of_the_zygote_is_nobodys_crash(crasher, until):
    for _ in range(3):
        before = crasher.value("demo", "tell")
        os.kill(crasher.call("server.status")["zygote"], signal.SIGKILL)
        until(lambda old=before: crasher.run("demo", "tell").value not in {None, old})
    assert crasher.call("plugin.show", name="demo")["crashes"] == []


def test_what_wants_to_run_from_the_start_is_started_again(server, plugins, until):
    server.install(plugins.make(activation={"on_startup": True}, commands={"tell": "return os.getpid()"}))
    first = server.value("demo", "tell")
    os.kill(first, signal.SIGKILL)
    until(lambda: server.plugin_pid() not in {None, first})
    assert server.call("plugin.show", name="demo")["crashes"][0]["during"] == "tell"


def test_durable_events_are_heard_by_the_next_process(server, plugins, hook, until, tmp_path):
    body = "first = not (Path(self.context.data_dir) / 'notes').exists()\nself.note(event.session)"
    folder = plugins.make(
        hooks={"session.created": hook(body + "\nif first: os._exit(1)", durable=True)},
        permissions=["session.read"],
    )
    server.install(folder)
    server.session("work", tmp_path / "w")
    notes = server.data("demo") / "notes"
    until(lambda: notes.exists() and notes.read_text() == "work\nwork\n")


def test_a_plugin_that_does_not_start_is_not_hammered_by_events(server, plugins):
    made = {"hooks": {"plugin.loud.x": "pass"}, "commands": {"tell": "return 1"}}
    folder = plugins.make(**made)
    server.install(folder, link=True)
    publish = "for n in range(200):\n    self.context.event_bus.publish('plugin.loud.x', {'n': n})"
    server.install(plugins.make("loud", commands={"go": publish}))
    plugins.make(**made, top="raise RuntimeError('not today')")
    server.run("loud", "go")
    assert "not today" in server.refusal("command.run", **call("tell"))["message"]
    assert 1 <= server.ask("plugin.logs", name="demo", lines=10_000).out.count("died of") <= 10
    plugins.make(**made)
    assert server.value("demo", "tell") == 1


def test_the_crash_file_of_somebody_else_stops_the_server(cold):
    cold.home.root.mkdir(exist_ok=True)
    cold.home.crashes.write_text('{"demo": 3}')
    failure = cold.start()
    assert "crashes.json cannot be read" in failure["message"]


def test_a_balloon_counts_and_says_so(server, plugins):
    server.install(plugins.make(commands={"swell": "b = []\nwhile True: b.append(bytearray(1 << 22))"}))
    server.call("plugin.limits", name="demo", set={"memory": "60MB"})
    server.run("demo", "swell")
    (blame,) = server.call("plugin.show", name="demo")["crashes"]
    assert "of memory, more than the" in blame["why"]
    assert blame["peak_kib"] > 50 * 1024


def test_the_blame_is_shown_harmless_on_a_terminal(server, plugins):
    body = "os.write(2, b'last \\x1b[2J\\xe2\\x80\\xae words\\n')\ntime.sleep(0.5)\nos.abort()"
    server.install(plugins.make(commands={"die": body}))
    for _ in range(3):
        server.run("demo", "die")
    listed = server.yesman("plugin", "list", COLUMNS="300").stdout
    assert "quarantined" in listed
    assert "it crashed 3 times within 5 minutes" in listed
    shown = server.yesman("plugin", "show", "demo", COLUMNS="200").stdout
    assert shown.count("died of SIGABRT") >= 3
    assert "Fatal Python error: Aborted" in shown
    assert "last \\x1b[2J\\u202e words" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "is enabled" in server.yesman("plugin", "enable", "demo").stdout
