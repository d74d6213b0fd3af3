"""Plugins may forbid that sessions are made and closed; a user gets past them, a broken one harms nobody."""

from __future__ import annotations

import json
import time

import pytest

MODIFY = ["session.modify", "session.read"]
NO = "return Deny('not on Fridays')"


def guard(plugins, body=NO, name="guard", event="session.*ing", **more):
    return plugins.make(name, hooks={event: body}, permissions=MODIFY, **more)


def close(server, *options):
    return server.yesman("session", "close", "work", *options)


def records(server, kind):
    done = server.yesman("plugin", "audit", "--kind", kind, "--json")
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def work(server, tmp_path):
    server.session("work", tmp_path / "w")
    return server


def test_one_veto_keeps_a_session_from_being_made_and_says_who_and_why(server, plugins, tmp_path):
    server.install(guard(plugins, "self.note(event.payload)"))
    server.install(guard(plugins, name="strict"))
    done = server.yesman("session", "new", "work", "--cwd", str(tmp_path), "--", "sleep", "1000")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(
        "yesman: plugin 'strict' forbids making the session 'work': 'not on Fridays'. "
    )
    assert done.stderr.count("\n") == 1
    assert server.call("session.list") == []
    heard = (server.data("guard") / "notes").read_text()
    assert heard.strip() == str({"cwd": str(tmp_path), "command": ["sleep", "1000"], "by": "user"})


def test_a_veto_keeps_a_session_open_and_is_on_record(work, plugins):
    work.install(guard(plugins))
    assert close(work).returncode == 3
    assert [session["name"] for session in work.call("session.list")] == ["work"]
    (record,) = records(work, "veto")
    assert (record["plugin"], record["what"]) == ("guard", "session.closing work")
    assert record["detail"] == {"by": "user", "why": "not on Fridays"}


@pytest.mark.parametrize("body", [NO, "import os; os._exit(1)", "time.sleep(60)"])
def test_a_user_gets_past_every_guard_without_asking_it(work, plugins, hook, body):
    work.install(guard(plugins, hook(body, on_error="closed")))
    assert close(work).returncode == 3
    assert close(work, "--no-hooks").returncode == 0
    assert work.call("session.list") == []
    (record,) = records(work, "bypass")
    assert (record["what"], record["detail"]) == ("session.closing work", {"by": "user"})


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize(
    "body", ["os.kill(os.getpid(), 11)", "raise ValueError", "return 'no'", "sys.exit(1)"]
)
@pytest.mark.escape("resources")
def test_a_broken_guard_forbids_only_if_its_manifest_says_so(work, plugins, hook, kind, body):
    work.install(guard(plugins, hook(body, kind)))
    assert close(work).returncode == 0
    work.session("work", work.home.root / "w")
    work.install(guard(plugins, hook(body, kind, on_error="closed"), version="1.0.1"))
    refused = close(work)
    assert refused.returncode == 3
    assert "plugin 'guard' forbids closing the session 'work': 'it could not be asked (" in refused.stderr


@pytest.mark.parametrize("body", ["while True: time.sleep(1)", "await asyncio.sleep(60)"])
@pytest.mark.escape("resources")
def test_a_guard_that_hangs_is_waited_for_no_longer_than_the_deadline(work, plugins, body):
    work.install(guard(plugins, body))
    began = time.monotonic()
    assert work.ask("session.close", name="work").failure is None
    assert time.monotonic() - began < 15, "two seconds, and what a busy machine adds"


@pytest.mark.escape("grants")
@pytest.mark.parametrize("permissions", [[], ["session.read"], ["session.modify:home-*"], ["session.type"]])
def test_who_may_not_change_a_session_forbids_nothing(work, plugins, permissions):
    work.install(plugins.make("guard", hooks={"session.closing": NO}, permissions=permissions))
    assert close(work).returncode == 0


def test_a_plugin_is_not_asked_about_what_it_does_itself(work, plugins):
    body = "self.context.session_manager.close_session('work')"
    work.install(guard(plugins, commands={"go": body}))
    assert close(work).returncode == 3
    work.value("guard", "go")
    assert work.call("session.list") == []


def test_a_plugin_hears_that_it_was_forbidden_and_not_by_whom(work, plugins):
    work.install(guard(plugins, "return Deny('because of session hush')"))
    body = "self.context.session_manager.close_session('work')"
    work.install(plugins.make("tidy", commands={"go": body}, permissions=MODIFY))
    failure = work.explained(work.run("tidy", "go"))
    assert failure["exit_code"] == 3
    assert "a plugin forbids closing the session 'work'" in failure["message"]
    assert "hush" not in json.dumps(failure)
    assert records(work, "veto")[0]["detail"]["by"] == "plugin:tidy"


def test_nobody_is_asked_about_what_its_own_answer_has_caused(work, plugins, until, tmp_path):
    for name, on in (("one", ""), ("two", "x-one")):
        make = f"self.context.session_manager.create_session(event.session + '-{name}', '{tmp_path / 'w'}')"
        body = f"self.note(event.session)\nif event.session == '{on or 'x'}': {make}"
        work.install(guard(plugins, body, name, event="session.creating"))
    work.session("x", tmp_path / "w")
    names = {session["name"] for session in work.call("session.list")}
    assert names == {"work", "x", "x-one", "x-one-two"}
    asked = {name: sorted((work.data(name) / "notes").read_text().split()) for name in ("one", "two")}
    assert asked == {"one": ["x"], "two": ["x", "x-one"]}
    logs = "".join((work.home.plugin_logs / f"{name}.log").read_text() for name in ("one", "two"))
    assert "did not answer" not in logs


def test_guards_that_wait_for_each_other_are_cut_off_by_the_deadline(work, plugins, tmp_path):
    for name in ("one", "two"):
        make = f"self.context.session_manager.create_session('{name}', '{tmp_path / 'w'}')"
        body = f"if event.session == 'x': {make}"
        work.install(guard(plugins, body, name, event="session.creating"))
    began = time.monotonic()
    work.session("x", tmp_path / "w")
    assert time.monotonic() - began < 15


def test_what_forbids_is_shown_harmless(work, plugins):
    work.install(guard(plugins, r"return Deny('\x1b[2J\nyesman: all is well' + 'x' * 400)"))
    told = close(work).stderr
    assert "\x1b" not in told
    assert told.count("\n") == 1
    assert len(told) < 600


CLOSER = {
    "close": "self.context.session_manager.close_session('prod')",
    "rename": "self.context.session_manager.rename_session('prod', 'tmp')",
}


@pytest.mark.parametrize("way", CLOSER)
@pytest.mark.escape("grants")
def test_a_session_is_guarded_against_losing_its_name_too(server, plugins, tmp_path, hook, way):
    server.session("prod", tmp_path / "w")
    server.install(plugins.make("taker", commands=CLOSER, permissions=MODIFY))
    watch = hook(NO, on_error="closed")
    server.install(plugins.make("guard", hooks={"session.closing": watch}, permissions=MODIFY))
    assert "forbids closing the session 'prod'" in server.run("taker", way).failure["message"]
    server.call("plugin.disable", name="guard")
    assert server.run("taker", way).failure is None


@pytest.mark.escape("grants")
def test_whoever_is_asked_cannot_lead_the_closing_to_another_session(server, plugins, tmp_path):
    for name in ("scratch", "prod"):
        server.session(name, tmp_path / name)
    swap = (
        "sessions = self.context.session_manager\n"
        "sessions.rename_session('scratch', 'aside')\nsessions.rename_session('prod', 'scratch')"
    )
    server.install(plugins.make("swapper", hooks={"session.closing": swap}, permissions=MODIFY))
    done = server.yesman("session", "close", "scratch")
    assert (done.returncode, "is another one now" in done.stderr) == (3, True) or done.returncode != 0
    assert sorted(row["name"] for row in server.call("session.list")) == ["aside", "scratch"]


def test_a_plugin_has_only_so_many_sessions(server, plugins, tmp_path):
    server.session("base", tmp_path / "w")
    body = f"""
for number in range(40):
    self.context.session_manager.create_session(f'own-{{number}}', {str(tmp_path / "w")!r})
"""
    server.install(plugins.make("maker", commands={"make": body}, permissions=MODIFY))
    assert "has 32 sessions of its own" in server.run("maker", "make").failure["message"]
    assert len(server.call("session.list")) == 33


@pytest.mark.escape("grants")
def test_no_new_name_brings_a_session_into_anothers_reach(server, plugins, tmp_path):
    server.session("private", tmp_path / "w")
    take = {"take": "self.context.session_manager.rename_session('private', arg)"}
    server.install(plugins.make("taker", commands=take, permissions=["session.modify"]))
    server.install(plugins.make("voter", commands={"go": "pass"}, permissions=["session.type:auto-*"]))
    assert (
        "within reach of a plugin's 'session.type'"
        in server.run("taker", "take", "auto-1").failure["message"]
    )
    assert server.run("taker", "take", "other").failure is None
    assert [row["name"] for row in server.call("session.list")] == ["other"]
