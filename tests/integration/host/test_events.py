"""Events reach the plugins that declared them, in order, and no listener stops another."""

from __future__ import annotations

import pytest

NOTE = "self.note(f'{event.name} {event.session} {sorted(event.payload)}')"


def notes(server, plugin="demo"):
    file = server.data(plugin) / "notes"
    return file.read_text().splitlines() if file.exists() else []


def test_a_new_session_reaches_a_plugin_that_was_never_started(server, plugins, until, tmp_path):
    server.install(plugins.make(hooks={"session.created": NOTE}, permissions=["session.read"]))
    server.session("work", tmp_path / "w")
    until(lambda: notes(server))
    assert notes(server) == ["session.created work ['cwd', 'id']"]


def test_without_session_read_only_the_name_arrives(server, plugins, until, tmp_path):
    server.install(plugins.make(hooks={"session.*": NOTE}))
    server.session("work", tmp_path / "w")
    server.call("session.close", name="work")
    until(lambda: len(notes(server)) == 2)
    assert notes(server) == [f"session.{name} work []" for name in ("created", "closed")]


def test_a_scoped_session_read_shows_the_payload_of_those_sessions_only(server, plugins, until, tmp_path):
    server.install(plugins.make(hooks={"session.created": NOTE}, permissions=["session.read:work-*"]))
    server.session("work-1", tmp_path / "w")
    server.session("home", tmp_path / "h")
    until(lambda: len(notes(server)) == 2)
    assert notes(server) == ["session.created work-1 ['cwd', 'id']", "session.created home []"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("raise ValueError('no')", id="raises"),
        pytest.param("sys.exit(3)", id="exits"),
        pytest.param("time.sleep(1000)", id="hangs"),
        pytest.param("await asyncio.sleep(1000)", id="waits"),
        pytest.param("import ctypes; ctypes.string_at(0)", id="segfaults"),
        pytest.param("os._exit(1)", id="dies"),
        pytest.param("print('x' * 1000000)", id="floods"),
    ],
)
def test_a_broken_listener_stops_no_other(server, plugins, until, tmp_path, body):
    server.install(plugins.make("broken", hooks={"session.created": f"self.note('here')\n{body}"}))
    server.install(plugins.make("sound", hooks={"session.created": NOTE}))
    for number in range(3):
        server.session(f"s{number}", tmp_path / "w")
    until(lambda: len(notes(server, "sound")) == 3, seconds=4.0)
    assert [line.split()[1] for line in notes(server, "sound")] == ["s0", "s1", "s2"]
    until(lambda: notes(server, "broken"))
    assert server.call("server.status")["plugins"]


def test_a_listener_that_failed_hears_the_next_event(server, plugins, until, tmp_path):
    body = "self.note(event.session)\nif event.session == 's0':\n    os.kill(os.getpid(), 9)"
    server.install(plugins.make(hooks={"session.created": body}))
    server.session("s0", tmp_path / "w")
    until(lambda: notes(server) == ["s0"])
    server.session("s1", tmp_path / "w")
    until(lambda: notes(server) == ["s0", "s1"])
    assert any(
        "SIGKILL" in line for line in server.home.plugin_logs.joinpath("demo.log").read_text().splitlines()
    )


def test_events_come_in_order(server, plugins, until):
    publish = "for n in range(200):\n    self.context.event_bus.publish('plugin.loud.x', {'n': n})"
    server.install(plugins.make("loud", commands={"go": publish}))
    server.install(
        plugins.make(hooks={"plugin.loud.x": "self.note(f'{event.payload[\"n\"]} {event.source}')"})
    )
    server.value("loud", "go")
    until(lambda: len(notes(server)) == 200)
    assert notes(server) == [f"{n} plugin:loud" for n in range(200)]


@pytest.mark.parametrize("name", ["session.created", "plugin.other.x", "plugin.demo", "plugin.demox.y", ""])
@pytest.mark.escape("wire")
def test_a_plugin_publishes_under_its_own_name_only(server, plugins, name):
    body = "self.context.event_bus.publish(arg, {})"
    server.install(plugins.make(commands={"go": body}))
    failure = server.explained(server.run("demo", "go", name))
    assert (failure["kind"], failure["exit_code"]) == ("plugin", 3)
    assert "plugin.demo." in failure["message"]


def test_a_subscription_lives_as_long_as_the_process(server, plugins, until, tmp_path):
    bodies = {
        "listen": "self.context.event_bus.subscribe('plugin.demo.*', lambda event: self.note(event.name))",
        "speak": "self.context.event_bus.publish('plugin.demo.said', {})",
        "die": "os._exit(1)",
    }
    server.install(plugins.make(commands=bodies))
    server.value("demo", "listen")
    server.value("demo", "speak")
    until(lambda: notes(server) == ["plugin.demo.said"])
    server.run("demo", "die")
    server.value("demo", "speak")
    server.value("demo", "listen")
    assert notes(server) == ["plugin.demo.said"]


@pytest.mark.escape("wire")
def test_session_events_are_not_for_plugins_without_session_read(server, plugins):
    body = "self.context.event_bus.subscribe(arg, print)"
    server.install(plugins.make(commands={"listen": body}))
    failure = server.explained(server.run("demo", "listen", "session.*"))
    assert "session.read" in failure["message"]


@pytest.mark.escape("wire")
def test_a_payload_that_is_too_large_is_refused_and_the_next_event_arrives(server, plugins, until):
    publish = "self.context.event_bus.publish('plugin.loud.x', {'n': 'x' * int(arg)})"
    server.install(plugins.make("loud", commands={"go": publish}))
    server.install(plugins.make(hooks={"plugin.loud.x": "self.note(len(event.payload['n']))"}))
    assert "bytes" in server.explained(server.run("loud", "go", "200000"))["message"]
    server.value("loud", "go", "10000")
    until(lambda: notes(server) == ["10000"])


@pytest.mark.escape("wire")
def test_a_pattern_has_a_largest_size(server, plugins):
    server.install(
        plugins.make(commands={"go": "self.context.event_bus.subscribe('plugin.' + '*a' * 60000, print)"})
    )
    assert "matches no event" in server.explained(server.run("demo", "go"))["message"]


def test_a_disabled_plugin_hears_nothing(server, plugins, until, tmp_path):
    server.install(plugins.make("off", hooks={"session.created": NOTE}))
    server.install(plugins.make("on", hooks={"session.created": NOTE}))
    server.call("plugin.disable", name="off")
    server.session("work", tmp_path / "w")
    until(lambda: notes(server, "on"))
    assert notes(server, "off") == []
