"""What the ledger says of a real server's plugins."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

MANY = """
for n in range(200):
    try:
        open('/etc/hosts' if n % 4 else f'/etc/passwd{n}')
    except OSError:
        pass
"""
COMMANDS = {
    "ok": "return 1",
    "names": "return [s.name for s in self.context.session_manager.list_sessions()]",
    "passwd": "return open('/etc/passwd').read()",
    "type": "self.context.tmux_manager.send_keys('work', 's3cret')",
    "crash": "os.kill(os.getpid(), 11)",
    "many": MANY,
}


def records(server, **query):
    answer = server.ask("plugin.audit", **query)
    assert answer.failure is None, answer.failure
    return [json.loads(line) for line in answer.out.splitlines()]


def only(server, kind, **query):
    (record,) = records(server, kind=kind, **query)
    return record


def test_a_call_is_recorded_with_its_duration_and_end(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.value("demo", "ok")
    record = only(server, "call")
    assert (record["plugin"], record["what"]) == ("demo", "ok")
    assert record["detail"] | {"ms": 0} == {"form": "command", "ms": 0, "outcome": "ok"}
    assert record["detail"]["ms"] > 0


def test_a_refusal_by_the_host_is_authoritative(server, plugins):
    server.install(plugins.make(commands=COMMANDS, permissions=["session.read"]), grants=[])
    server.run("demo", "names")
    record = only(server, "denial")
    assert (record["what"], record["detail"]["authority"]) == ("session.read", "authoritative")
    call = next(r for r in records(server, kind="call") if r["what"] == "names")
    assert call["detail"]["outcome"] == "permission"


def test_a_refusal_that_only_the_plugin_saw_is_advisory(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.run("demo", "passwd")
    record = only(server, "denial")
    assert (record["what"], record["detail"]["authority"]) == ("filesystem.read:/etc/passwd", "advisory")


@pytest.mark.escape("resources")
def test_a_flood_of_refusals_is_counted_and_not_kept_one_by_one(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.value("demo", "many")
    found = records(server, kind="denial")
    assert sum(record["detail"]["count"] for record in found) <= 200
    assert max(record["detail"]["count"] for record in found) >= 32
    assert len(found) < 50


def test_keystrokes_are_counted_and_never_kept(server, plugins, tmp_path):
    server.install(plugins.make(commands=COMMANDS, permissions=["session.type"]))
    server.session("work", tmp_path / "w")
    server.value("demo", "type")
    record = only(server, "keystrokes")
    assert (record["what"], record["detail"]) == ("work", {"characters": 6, "enter": True})
    server.stop()
    assert b"s3cret" not in server.home.ledger.read_bytes()


def test_a_crash_says_what_killed_it_and_what_it_used(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.run("demo", "crash")
    record = only(server, "crash")
    assert (record["what"], record["detail"]["code"]) == ("died of SIGSEGV", -11)
    assert record["detail"]["peak_kib"] > 1000
    assert record["detail"]["cpu_ms"] >= 0


def test_a_polite_end_is_no_crash(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.value("demo", "ok")
    server.call("plugin.disable", name="demo")
    assert records(server, kind="crash") == []
    assert records(server, kind="end")[-1]["detail"]["why"] == "it was stopped"


def test_what_the_user_decided_is_recorded_with_how_they_said_it(server, plugins, tmp_path):
    folder = plugins.make(permissions=["session.read", "session.type"])
    server.yesman("plugin", "install", str(folder), "--yes")
    server.yesman("plugin", "revoke", "demo", "session.type")
    server.yesman("plugin", "grant", "demo", "session.type:work-*")
    file = tmp_path / "grants.yaml"
    file.write_text('demo: {"*": [session.read]}')
    server.yesman("plugin", "install", str(folder), "--grants", str(file))
    server.yesman("plugin", "remove", "demo")
    found = [(r["kind"], r["what"], r["detail"].get("by")) for r in records(server) if r["kind"] != "end"]
    assert found == [
        ("install", "1.0.0", "--yes"),
        ("consent", "1.0.0", "--yes"),
        ("grant", "session.read", "--yes"),
        ("grant", "session.type", "--yes"),
        ("revoke", "session.type", "command line"),
        ("grant", "session.type:work-*", "command line"),
        ("update", "1.0.0", "grants file"),
        ("consent", "1.0.0", "grants file"),
        ("revoke", "session.type:work-*", "grants file"),
        ("remove", "1.0.0", None),
    ]


def test_records_are_followed_as_they_come(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    command = [sys.executable, "-m", "yesman", "plugin", "audit", "demo", "--kind", "call", "-f", "--json"]
    with subprocess.Popen(
        command, env=server.environ, cwd="/", stdout=subprocess.PIPE, text=True
    ) as follower:
        server.value("demo", "ok")
        first = json.loads(follower.stdout.readline())
        server.run("demo", "passwd")
        second = json.loads(follower.stdout.readline())
        follower.terminate()
    assert [first["what"], second["what"]] == ["ok", "passwd"]


def test_an_unknown_kind_is_one_sentence(server):
    assert "no records of the kind" in server.refusal("plugin.audit", kind="nope")["message"]


def test_top_counts_and_measures(server, plugins):
    server.install(plugins.make(commands=COMMANDS))
    server.install(plugins.make("idle"))
    for _ in range(5):
        server.value("demo", "ok")
    server.run("demo", "passwd")
    busy, idle = server.call("plugin.top")
    assert (busy["name"], busy["state"], busy["calls"], busy["denials"]) == ("demo", "running", 6, 1)
    assert busy["rss_kib"] > 1000
    assert 0 < busy["pss_kib"] <= busy["rss_kib"]
    assert busy["cpu_seconds"] >= 0
    assert (idle["state"], idle["pid"], idle["rss_kib"], idle["calls"]) == ("enabled", None, None, 0)


def test_the_ledger_of_another_version_keeps_the_server_from_starting(cold):
    import sqlite3  # noqa: PLC0415 - only here

    cold.home.root.mkdir(exist_ok=True)
    with sqlite3.connect(cold.home.ledger) as made:
        made.execute("PRAGMA user_version = 99")
    made.close()
    said = cold.start()
    assert said["kind"] == "verification"
    assert "newer yesman" in said["message"]


def test_a_ledger_that_cannot_be_written_keeps_nobody_from_working(cold, plugins):
    cold.home.root.mkdir(exist_ok=True)
    cold.home.ledger.mkdir()
    assert cold.start() is None
    assert "cannot be written" in cold.call("server.status")["ledger"]
    cold.install(plugins.make(commands=COMMANDS))
    assert cold.value("demo", "ok") == 1
    failure = cold.refusal("plugin.audit")
    assert failure["kind"] == "platform"
