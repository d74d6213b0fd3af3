"""Going back to the version before: at once, with nothing that was taken back since; and staying with one."""

from __future__ import annotations

import pytest

VERSIONED = {"which": "return (VERSION, os.getpid())", "value": "return self.context.config.get('colour')"}
COLOUR = {"type": "object", "properties": {"colour": {"type": "string", "default": "red"}}}


@pytest.fixture
def release(plugins, server):
    """Install a version of the plugin, from the folder of all versions."""

    def install(version, permissions=(), **more):
        folder = plugins.make(
            version=version,
            commands=VERSIONED,
            top=f"VERSION = {version!r}",
            permissions=list(permissions),
            config=COLOUR,
        )
        return server.install(folder, **more)

    return install


def version_of(server):
    return server.value("demo", "which")[0]


def held(server):
    rows = server.call("plugin.permissions", name="demo")["permissions"]
    return [row["permission"] for row in rows if row["granted"]]


def test_the_version_before_is_back_and_once_more_leads_forward(release, server):
    release("1.0.0")
    release("2.0.0")
    assert version_of(server) == "2.0.0"
    done = server.call("plugin.rollback", name="demo")
    assert (done["version"], done["before"], done["state"]) == ("1.0.0", "2.0.0", "running")
    assert version_of(server) == "1.0.0"
    assert server.call("plugin.rollback", name="demo")["version"] == "2.0.0"
    assert version_of(server) == "2.0.0"


def test_a_third_version_leads_back_to_the_second_alone(release, server):
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        release(version)
    assert server.call("plugin.rollback", name="demo")["version"] == "2.0.0"
    assert server.call("plugin.rollback", name="demo")["version"] == "3.0.0"


def test_installing_the_same_again_forgets_no_version(release, server):
    release("1.0.0")
    release("2.0.0")
    release("2.0.0")
    assert server.call("plugin.rollback", name="demo")["version"] == "1.0.0"


def test_there_is_nothing_before_the_first(release, server):
    release("1.0.0")
    failure = server.refusal("plugin.rollback", name="demo")
    assert "no version before 1.0.0" in failure["message"]


def test_what_was_taken_back_since_does_not_come_back(release, server):
    release("1.0.0", ["session.read", "filesystem.write:/srv/a", "filesystem.write:/srv/b"])
    release("2.0.0", ["session.read", "filesystem.write:/srv/a"])
    server.call("plugin.revoke", name="demo", permissions=["filesystem.write:/srv/a"])
    server.call("plugin.rollback", name="demo")
    assert held(server) == ["session.read"]


def test_what_nobody_took_back_is_there_again(release, server):
    release("1.0.0", ["session.read", "filesystem.read:/srv/b"])
    release("2.0.0", ["session.read"])
    server.call("plugin.rollback", name="demo")
    assert held(server) == ["session.read", "filesystem.read:/srv/b"]


def test_settings_made_since_stay(release, server):
    release("1.0.0")
    release("2.0.0")
    server.call("plugin.config", name="demo", set={"colour": "blue"})
    server.call("plugin.rollback", name="demo")
    assert server.value("demo", "value") == "blue"


def test_a_version_that_is_not_fit_any_more_leaves_the_current_one(release, server, plugins):
    folder = plugins.make(version="1.0.0", commands=VERSIONED, top="VERSION = '1.0.0'")
    main = folder / "src/main.py"
    main.write_text(main.read_text() + "\n    def health_check(self): return False\n")
    server.install(folder)
    release("2.0.0")
    before = server.value("demo", "which")
    failure = server.refusal("plugin.rollback", name="demo")
    assert "not fit to serve" in failure["message"]
    assert server.value("demo", "which") == before
    assert server.call("plugin.show", name="demo")["previous"] == "1.0.0"


def test_a_disabled_plugin_stays_disabled(release, server):
    release("1.0.0")
    release("2.0.0")
    server.call("plugin.disable", name="demo")
    assert server.call("plugin.rollback", name="demo")["state"] == "installed"


def test_it_is_on_record_and_outlives_the_server(release, server):
    release("1.0.0")
    release("2.0.0")
    server.call("plugin.rollback", name="demo")
    server.stop()
    server.start()
    assert version_of(server) == "1.0.0"
    assert server.call("plugin.rollback", name="demo")["version"] == "2.0.0"


def test_a_pinned_plugin_stays_pinned_through_versions(release, server):
    release("1.0.0")
    assert server.call("plugin.pin", name="demo") == {"name": "demo", "version": "1.0.0", "pinned": True}
    release("2.0.0")
    assert server.call("plugin.show", name="demo")["pinned"]
    assert not server.call("plugin.pin", name="demo", pinned=False)["pinned"]


def test_what_a_grants_file_refused_since_does_not_come_back(release, server):
    release("1.0.0", ["session.read", "session.modify"])
    release("2.0.0", ["session.read", "session.modify"], grants=["session.modify"])
    server.call("plugin.rollback", name="demo")
    assert held(server) == ["session.modify"]


def test_state_in_memory_does_not_go_to_another_publisher(plugins, server, tmp_path):
    keeps = "\n    def export_state(self): return {'token': 'hunter2'}\n"
    takes = "\n    def import_state(self, state, version): self.note(str(state))\n"
    for name, methods in (("one", keeps), ("two", takes), ("one", keeps), ("one", takes)):
        folder = type(plugins)(tmp_path / name).make(version="1.0.0", commands={"hi": "return 1"})
        main = folder / "src/main.py"
        main.write_text(main.read_text() + methods)
        server.install(folder, replace=True)
        server.value("demo", "hi")
        notes = server.data("demo") / "notes"
        seen = notes.read_text() if notes.exists() else ""
        assert ("hunter2" in seen) == (methods == takes and name == "one"), "the last is the control"
