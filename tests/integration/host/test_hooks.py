"""What a hook says of itself holds: which events it wants, in which order, how many, kept until handled."""

from __future__ import annotations

import pytest

NAME = "self.note(event.name)"
SESSION = "self.note(event.session)"
READ = ["session.read"]


def notes(server, plugin="demo"):
    file = server.data(plugin) / "notes"
    return file.read_text().splitlines() if file.exists() else []


def waits(server):
    """Return a hook's body that is done when the test says so: by then it has noted that it began."""
    gate = server.data("demo") / "gate"
    return f"self.note(event.session)\nwhile not Path({str(gate)!r}).exists(): await asyncio.sleep(0.01)"


def publish(plugins, name="loud"):
    body = "for n in range(int(arg)):\n    self.context.event_bus.publish('plugin.loud.x', {'n': n})"
    return plugins.make(name, commands={"go": body})


def test_a_hook_hears_of_the_sessions_it_wants(server, plugins, until, tmp_path, hook):
    server.install(plugins.make(hooks={"session.created": hook(SESSION, session="work-*")}))
    for name in ("home", "work-1", "other", "work-2"):
        server.session(name, tmp_path / "w")
    until(lambda: "work-2" in notes(server))
    assert notes(server) == ["work-1", "work-2"]


def test_a_hook_hears_of_the_payloads_it_wants(server, plugins, until, hook):
    wanted = hook("self.note(event.payload['n'])", where={"n": 3})
    server.install(plugins.make(hooks={"plugin.loud.*": wanted}))
    server.install(publish(plugins))
    server.value("loud", "go", "5")
    server.value("loud", "go", "4")
    until(lambda: len(notes(server)) == 2)
    assert notes(server) == ["3", "3"]


def test_sync_and_async_hooks_with_and_without_wildcards_hear_one_event_each_once(
    server, plugins, until, tmp_path, hook
):
    hooks = {
        "session.created": hook("self.note('exact')", "def"),
        "session.*": "self.note('family')",
        "sess*.created": "self.note('all')",
    }
    server.install(plugins.make(hooks=hooks))
    server.session("work", tmp_path / "w")
    until(lambda: len(notes(server)) == 3)
    assert sorted(notes(server)) == ["all", "exact", "family"]


@pytest.mark.parametrize("most", [1, 3])
def test_a_plugin_is_given_as_many_events_at_a_time_as_it_says(server, plugins, until, hook, most):
    body = waits(server).replace("event.session", "event.payload['n']")
    server.install(plugins.make(hooks={"plugin.loud.x": hook(body, concurrency=most)}))
    server.install(publish(plugins))
    server.value("loud", "go", "6")
    until(lambda: len(notes(server)) >= most)
    server.value("loud", "go", "1")
    assert len(notes(server)) == most
    (server.data("demo") / "gate").touch()
    until(lambda: len(notes(server)) == 7)
    assert notes(server) == ["0", "1", "2", "3", "4", "5", "0"]


def test_what_was_not_handled_when_the_server_was_killed_comes_after_its_start(
    server, plugins, until, tmp_path, hook
):
    server.install(plugins.make(hooks={"session.created": hook(waits(server), durable=True)}))
    server.install(plugins.make("passing", hooks={"session.created": SESSION}))
    for number in range(4):
        server.session(f"s{number}", tmp_path / "w")
    until(lambda: notes(server) == ["s0"] and len(notes(server, "passing")) == 4)
    server.kill()
    (server.data("demo") / "gate").touch()
    assert server.start() is None
    until(lambda: len(notes(server)) == 5)
    assert notes(server) == ["s0", "s0", "s1", "s2", "s3"]  # the first was begun, so it comes again
    server.session("s4", tmp_path / "w")
    until(lambda: notes(server)[-1] == "s4" and notes(server, "passing")[-1] == "s4")
    assert notes(server, "passing") == ["s0", "s1", "s2", "s3", "s4"]


def test_sequence_numbers_rise_across_servers(server, plugins, until, tmp_path, hook):
    server.install(plugins.make(hooks={"session.created": hook("self.note(event.seq)", durable=True)}))
    for number in range(3):
        server.session(f"s{number}", tmp_path / "w")
        until(lambda: len(set(notes(server))) == number + 1)  # noqa: B023 - asked for within the round
        server.kill()
        assert server.start() is None
    numbers = [int(line) for line in dict.fromkeys(notes(server))]  # one may come again after the kill
    assert numbers == sorted(numbers)


def test_durable_events_wait_for_a_plugin_that_is_disabled_or_does_not_start(
    server, plugins, until, tmp_path, hook
):
    hooks = {"session.created": hook(SESSION, durable=True)}
    server.install(
        plugins.make(hooks=hooks, config={"properties": {"ok": {"type": "boolean", "default": True}}})
    )
    main = plugins.make(hooks=hooks) / "src" / "main.py"
    text = main.read_text() + "\n    def initialize(self):\n        assert self.context.config['ok']\n"
    main.write_text(text)
    server.install(
        plugins.make(
            hooks=hooks,
            main=text,
            version="1.0.1",
            config={"properties": {"ok": {"type": "boolean", "default": True}}},
        )
    )
    server.session("s0", tmp_path / "w")
    until(lambda: notes(server) == ["s0"])
    server.call("plugin.disable", name="demo")
    server.call("plugin.config", name="demo", set={"ok": "false"})
    server.call("plugin.enable", name="demo")
    server.session("s1", tmp_path / "w")
    until(lambda: server.state_of("demo") == "failed")
    server.call("plugin.disable", name="demo")
    server.session("s2", tmp_path / "w")
    assert notes(server) == ["s0"]
    server.call("plugin.config", name="demo", set={"ok": "true"})
    server.call("plugin.enable", name="demo")
    until(lambda: notes(server) == ["s0", "s1"])


def test_nothing_is_kept_for_a_plugin_that_was_removed(server, plugins, until, tmp_path, hook):
    folder = plugins.make(hooks={"session.created": hook(waits(server), durable=True)})
    server.install(folder)
    server.session("s0", tmp_path / "w")
    server.session("s1", tmp_path / "w")
    until(lambda: notes(server) == ["s0"])
    server.call("plugin.remove", name="demo")
    (server.data("demo") / "gate").touch()
    server.install(folder)
    server.session("s2", tmp_path / "w")
    until(lambda: "s2" in notes(server))
    assert notes(server) == ["s0", "s2"]


@pytest.mark.escape("resources")
def test_who_is_too_slow_is_told_how_much_it_missed(server, plugins, until, hook):
    body = waits(server).replace("event.session", "event.payload['n']")
    gap = "self.note(f'missed {event.payload[\"missed\"]}')"
    server.install(plugins.make(hooks={"plugin.loud.x": body, "bus.gap": gap}))
    server.install(publish(plugins))
    server.value("loud", "go", "1")
    until(lambda: notes(server) == ["0"])
    server.value("loud", "go", "1200")
    (server.data("demo") / "gate").touch()
    until(lambda: notes(server)[-1:] == ["1199"])
    missed = [int(line.split()[1]) for line in notes(server) if line.startswith("missed")]
    assert missed[0] > 100
    assert sum(missed) + len(notes(server)) - len(missed) == 1201


def test_plugins_whose_wishes_contradict_each_other_are_named(server, plugins, hook):
    server.install(plugins.make("one", hooks={"session.closing": hook(NAME, before=["two"])}))
    server.install(plugins.make("two", hooks={"session.closing": hook(NAME, before=["three"])}))
    third = plugins.make("three", hooks={"session.*": hook(NAME, before=["one"])})
    failure = server.explained(server.try_install(third))
    assert failure["message"] == (
        "the plugins' wishes about 'session.closing' contradict each other: "
        "'one' before 'two', 'two' before 'three', 'three' before 'one'"
    )
    assert server.names() == ["one", "two"]
    server.install(plugins.make("three", hooks={"session.*": hook(NAME, after=["two"])}))


@pytest.mark.escape("resources")
def test_what_others_say_of_a_name_keeps_nobody_of_that_name_out(server, plugins, hook):
    server.install(plugins.make("one", hooks={"session.closing": hook(NAME, before=["guard"])}))
    server.install(
        plugins.make("two", hooks={"session.closing": hook(NAME, after=["guard"], before=["one"])})
    )
    server.install(plugins.make("guard", hooks={"session.closing": NAME}))
    assert server.names() == ["one", "two", "guard"]
    wishes = hook(NAME, before=["guard"], after=["guard"])
    third = plugins.make("three", hooks={"session.closing": wishes})
    assert "'guard' cannot come both" in server.ask("plugin.inspect", path=str(third)).failure["message"]


LIFE = "self.note(f'{event.name} {event.payload[\"plugin\"]}')"


def test_others_hear_of_a_plugins_life(server, plugins, until):
    hooks = dict.fromkeys(("plugin.loaded", "plugin.unloaded", "plugin.crashed"), LIFE)
    server.install(plugins.make("watcher", hooks=hooks))
    server.install(plugins.make(commands={"go": "pass", "die": "os._exit(3)"}))
    server.value("demo", "go")
    server.call("plugin.disable", name="demo")
    server.call("plugin.enable", name="demo")
    server.run("demo", "die")
    expected = ["loaded", "unloaded", "loaded", "crashed"]
    until(lambda: notes(server, "watcher") == [f"plugin.{what} demo" for what in expected])


def test_changed_settings_are_told_by_name_only(server, plugins, until):
    config = {"properties": {"token": {"type": "string", "default": ""}}}
    server.install(plugins.make("watcher", hooks={"config.changed": "self.note(event.payload)"}))
    server.install(plugins.make(config=config))
    server.call("plugin.config", name="demo", set={"token": "hunter2"})
    server.call("plugin.config", name="demo", set={"token": "hunter2"})
    server.call("plugin.config", name="demo", unset=["token"])
    until(lambda: len(notes(server, "watcher")) == 2)
    assert notes(server, "watcher") == [str({"plugin": "demo", "keys": ["token"]})] * 2


@pytest.mark.escape("resources")
def test_refusals_are_told_without_scope_and_seldom(server, plugins, until):
    refused = "for n in range(200):\n    try: self.context.session_manager.get_session(f's{n}')\n"
    server.install(plugins.make("watcher", hooks={"plugin.denied": "self.note(event.payload)"}))
    server.install(plugins.make(commands={"go": f"{refused}    except PermissionError: pass"}))
    server.value("demo", "go")
    until(lambda: notes(server, "watcher"))
    assert set(notes(server, "watcher")) == {str({"plugin": "demo", "permission": "session.read"})}
    assert len(notes(server, "watcher")) < 20


def test_who_dies_of_hearing_that_plugins_die_does_not_die_for_ever(server, plugins, until):
    hooks = {"plugin.crashed": "self.note('heard')\nos._exit(3)"}
    server.install(plugins.make("weak", hooks=hooks))
    server.install(plugins.make(commands={"die": "os._exit(3)"}))
    server.run("demo", "die")
    until(lambda: notes(server, "weak") == ["heard"])
    server.run("demo", "die")
    until(lambda: len(notes(server, "weak")) == 2)
