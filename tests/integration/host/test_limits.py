"""Limits of a real server's plugins: changed by the user, kept to, on record."""

from __future__ import annotations

import json
import time

import pytest

GREEDY = "import time\nkept = bytearray(b'x') * (300 << 20)\ntime.sleep(1)\nreturn len(kept) >> 20"
FILL = (
    "open(self.context.data_dir + '/big', 'wb').write(bytes(32 << 20))\nimport time; time.sleep(3)\nreturn 1"
)
COMMANDS = {"ok": "return 1", "greedy": GREEDY, "fill": FILL, "spin": "while True: pass"}


@pytest.fixture
def demo(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    return server


def records(server, kind):
    out = server.ask("plugin.audit", kind=kind).out
    return [json.loads(line) for line in out.splitlines()]


def value_of(server, name):
    rows = server.call("plugin.show", name="demo")["limits"]
    return next(row["value"] for row in rows if row["name"] == name)


def test_a_limit_counts_from_the_next_start(demo):
    assert demo.value("demo", "greedy") == 300
    demo.call("plugin.limits", name="demo", set={"memory": "100MB"})
    failure = demo.refusal("command.run", **demo_run("greedy"))
    assert "more than the 95.4 MiB that it may" in failure["message"]
    demo.call("plugin.limits", name="demo", unset=["memory"])
    assert demo.value("demo", "greedy") == 300


def demo_run(command):
    where = {"cwd": "/", "terminal": {}, "columns": 80, "lines": 24, "options": {}}
    return where | {"plugin": "demo", "command": command}


def test_a_limit_that_was_exceeded_is_on_record_and_the_end_is_a_crash(demo):
    demo.call("plugin.limits", name="demo", set={"cpu": "300ms"})
    demo.refusal("command.run", **demo_run("spin"))
    (record,) = records(demo, "exceeded")
    assert (record["plugin"], record["what"]) == ("demo", "cpu")
    assert record["detail"]["allowed"] == 0.3
    assert record["detail"]["used"] > 0.3
    assert record["detail"]["during"] == "spin"
    (crash,) = records(demo, "crash")
    assert "it used more than 0.3 seconds of processor time" in crash["detail"]["why"]
    (call,) = [row for row in records(demo, "call") if row["what"] == "spin"]
    assert call["detail"]["outcome"] == "timeout"
    assert demo.value("demo", "ok") == 1


def test_what_the_user_changed_is_on_record(demo):
    demo.call("plugin.limits", name="demo", set={"memory": "1GB"})
    demo.call("plugin.limits", name="demo", unset=["memory"])
    told = [(record["what"], record["detail"]["to"]) for record in records(demo, "limits")]
    assert told == [("memory", "1GB"), ("memory", "default")]


def test_a_plugin_whose_folders_are_full_is_not_started_until_they_are_not(demo, until):
    demo.call("plugin.limits", name="demo", set={"disk": "8MiB"})
    assert "own folders hold more" in demo.refusal("command.run", **demo_run("fill"))["message"]
    failure = demo.refusal("command.run", **demo_run("ok"))
    assert failure["message"].startswith(
        "plugin 'demo' is not started: its own folders hold more than the 8 MiB"
    )
    assert str(demo.data("demo")) in failure["next_step"]
    assert demo.state_of("demo") == "failed"
    (demo.data("demo") / "big").unlink()
    until(lambda: demo.run("demo", "ok").failure is None)  # they are measured a tenth of the time at most


def test_a_full_plugin_starts_when_the_user_allows_more(demo):
    demo.call("plugin.limits", name="demo", set={"disk": "8MiB"})
    demo.refusal("command.run", **demo_run("fill"))
    demo.call("plugin.limits", name="demo", set={"disk": "none"})
    assert demo.value("demo", "fill") == 1


def test_a_fresh_server_finds_a_full_plugin_out(demo):
    demo.call("plugin.limits", name="demo", set={"disk": "8MiB"})
    demo.stop()
    demo.data("demo").mkdir(parents=True, exist_ok=True)
    (demo.data("demo") / "big").write_bytes(bytes(32 << 20))
    demo.start()
    demo.value("demo", "ok")
    deadline = time.monotonic() + 20
    while "is not started" not in (demo.run("demo", "ok").failure or {"message": ""})["message"]:
        assert time.monotonic() < deadline  # it answers, it is being ended, it is not started
        time.sleep(0.02)
    assert records(demo, "exceeded")


def test_a_lowered_limit_does_not_end_a_command_that_runs(demo):
    wire = demo.wire()
    wire.send("command.run", **demo_run("greedy"))
    demo.call("plugin.limits", name="demo", set={"memory": "100MB"})
    assert demo.value("demo", "ok") == 1
    assert wire.answer().value == 300
    wire.close()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"set": {"memori": "1GB"}}, "did you mean 'memory'"),
        ({"set": {"memory": "lots"}}, "is no value for the limit 'memory'"),
        ({"unset": ["memori"]}, "did you mean 'memory'"),
        ({"name": "demmo", "set": {"memory": "1GB"}}, "demmo"),
    ],
)
def test_a_mistake_changes_nothing(demo, params, message):
    failure = demo.refusal("plugin.limits", **({"name": "demo"} | params))
    assert message in failure["message"]
    assert not demo.home.config.exists()


def test_a_malformed_configuration_starts_nothing_and_names_its_line(demo):
    demo.home.config.write_text("limits:\n  demo: {memory: lots}\n")
    failure = demo.refusal("command.run", **demo_run("ok"))
    assert failure["message"].startswith("config.yaml:2: 'lots' is no value for the limit 'memory'")


def test_limits_are_shown_and_changed_on_the_command_line(demo):
    assert "memory      512MiB  512MiB" in demo.yesman("plugin", "show", "demo").stdout
    done = demo.yesman("plugin", "limits", "demo", "memory=2GB", "cpu=5m")
    assert (done.returncode, done.stderr) == (0, "")
    shown = json.loads(demo.yesman("plugin", "limits", "demo", "--json").stdout)
    assert {row["name"]: row["value"] for row in shown["limits"]}["memory"] == "2GB"
    assert value_of(demo, "cpu") == "5m"
    assert demo.home.config.read_text() == "limits:\n  demo: {cpu: 5m, memory: 2GB}\n"
    wrong = demo.yesman("plugin", "limits", "demo", "memory")
    assert (wrong.returncode, "memory=2GB" in wrong.stderr) == (2, True)
