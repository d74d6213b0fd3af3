"""Installing, configuring, enabling, disabling and removing, as a user goes through it."""

from __future__ import annotations

import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

HELLO = {"hello": "return {'said': f'hello {arg}'}"}


def test_an_installed_plugin_is_listed_shown_and_run(server, plugins):
    done = server.install(plugins.make(commands=HELLO, permissions=["session.read"]))
    assert done | {"reason": ""} == {
        "name": "demo",
        "version": "1.0.0",
        "state": "enabled",
        "reason": "",
        "warnings": [],
        "commands": ["hello"],
    }
    (row,) = server.call("plugin.list")
    assert (row["name"], row["state"], row["commands"]) == ("demo", "enabled", ["hello"])
    shown = server.call("plugin.show", name="demo")
    assert [(p["permission"], p["granted"]) for p in shown["permissions"]] == [("session.read", True)]
    assert server.value("demo", "hello", "Ann") == {"said": "hello Ann"}
    assert server.state_of("demo") == "running"


def test_inspecting_shows_what_is_asked_for_and_changes_nothing(server, plugins):
    asked = [{"name": "filesystem.read:/srv/x", "reason": "to look"}]
    folder = plugins.make(commands=HELLO, permissions=asked, author="Somebody")
    seen = server.inspect(folder)
    assert (seen["name"], seen["author"], seen["publisher"], seen["installed"]) == (
        "demo",
        "Somebody",
        "local",
        None,
    )
    (row,) = seen["permissions"]
    assert (row["permission"], row["reason"]) == ("filesystem.read:/srv/x", "to look")
    assert server.names() == []
    assert server.on_disk().keys() <= {"commands.index"}


def test_a_disabled_plugin_neither_runs_nor_hears(server, plugins):
    server.install(plugins.make(commands=HELLO))
    assert server.value("demo", "hello")
    assert server.call("plugin.disable", name="demo") == {
        "name": "demo",
        "state": "installed",
        "needed_by": [],
    }
    failure = server.explained(server.run("demo", "hello"))
    assert "disabled" in failure["message"]
    assert "yesman plugin enable demo" in failure["next_step"]
    assert server.call("plugin.enable", name="demo")["state"] == "enabled"
    assert server.value("demo", "hello")


def test_disabling_ends_the_process(server, plugins):
    server.install(plugins.make(commands=HELLO))
    server.value("demo", "hello")
    (before,) = server.call("server.status")["plugins"]
    assert before["pid"]
    server.call("plugin.disable", name="demo")
    (after,) = server.call("server.status")["plugins"]
    assert (after["state"], after["pid"]) == ("installed", None)


def test_removing_keeps_the_data_unless_it_is_purged(server, plugins):
    folder = plugins.make(commands={"write": "self.note('kept')"})
    server.install(folder)
    server.value("demo", "write")
    kept = server.call("plugin.remove", name="demo", purge=False)
    assert kept["data_dir"] == str(server.data("demo"))
    assert (server.data("demo") / "notes").read_text() == "kept\n"
    server.install(folder)
    assert server.call("plugin.remove", name="demo", purge=True)["data_dir"] is None
    assert not server.data("demo").exists()


def test_what_was_removed_is_gone_from_everywhere(server, plugins):
    server.install(plugins.make(commands=HELLO))
    server.call("plugin.remove", name="demo", purge=True)
    assert server.names() == []
    assert list(server.home.plugins.iterdir()) == []
    assert list(server.home.store.iterdir()) == []
    assert b"demo" not in server.home.index.read_bytes()
    assert server.refusal("plugin.show", name="demo")["kind"] == "not-found"


def test_removing_a_plugin_that_is_not_there_suggests_the_near_miss(server, plugins):
    server.install(plugins.make(commands=HELLO))
    failure = server.refusal("plugin.remove", name="dmeo")
    assert failure["kind"] == "not-found"
    assert "'demo'" in failure["message"]


def test_an_update_replaces_code_and_keeps_settings_and_data(server, plugins):
    schema = {"type": "object", "properties": {"who": {"type": "string"}}}
    tell = "self.note('x')\nreturn self.context.config['who']"
    server.install(plugins.make(commands={"tell": tell}, config=schema), config={"who": "Ann"})
    assert server.value("demo", "tell") == "Ann"
    folder = plugins.make(commands={"tell": tell + " + '!'"}, config=schema, version="2.0.0")
    assert server.inspect(folder)["installed"]["version"] == "1.0.0"
    assert server.install(folder)["version"] == "2.0.0"
    assert server.value("demo", "tell") == "Ann!"
    assert (server.data("demo") / "notes").read_text() == "x\nx\n"


def test_the_versions_before_the_last_two_are_not_kept(server, plugins, until):
    for version in ("1.0.0", "2.0.0", "3.0.0"):
        server.install(plugins.make(commands={"which": f"return {version!r}"}, version=version))
        assert server.value("demo", "which") == version
    until(lambda: len(list(server.home.store.iterdir())) == 2)


def test_an_update_that_does_not_load_leaves_the_old_version_in_service(server, plugins):
    server.install(plugins.make(commands={"tell": "return 1"}))
    before = server.on_disk()
    folder = plugins.make(commands={"tell": "return 2"}, top="raise ValueError('no')", version="2.0.0")
    server.explained(server.try_install(folder))
    assert server.on_disk() == before
    assert server.value("demo", "tell") == 1


def test_an_update_that_wants_more_says_what_is_new(server, plugins):
    server.install(plugins.make(commands=HELLO, permissions=["session.read"]))
    folder = plugins.make(commands=HELLO, permissions=["session.read", "session.modify"], version="2.0.0")
    assert server.inspect(folder)["added_permissions"] == ["session.modify"]
    old = server.ask(
        "plugin.install",
        path=str(folder),
        digest=server.inspect(folder)["digest"],
        consent=["session.read"],
    )
    assert server.explained(old)["kind"] == "permission"
    assert server.call("plugin.show", name="demo")["version"] == "1.0.0"


def test_a_folder_takes_the_place_of_another_only_when_agreed(server, plugins, tmp_path):
    first = plugins.make(commands={"tell": "return 1"})
    server.install(first)
    other = first.rename(tmp_path / "other")
    assert server.inspect(other)["replaces"] == {"source": str(first)}
    failure = server.explained(server.try_install(other))
    assert (failure["kind"], str(first) in failure["message"]) == ("permission", True)
    assert server.call("plugin.show", name="demo")["source"] == str(first)
    server.install(other, replace=True)
    assert server.inspect(other)["replaces"] is None


def test_what_is_installed_has_the_name_that_was_shown(server, plugins):
    failure = server.explained(server.try_install(plugins.make(commands=HELLO), name="other"))
    assert (failure["kind"], "changed while you were asked" in failure["message"]) == ("verification", True)
    assert server.names() == []


def test_nothing_is_installed_without_consent(server, plugins):
    folder = plugins.make(commands=HELLO, permissions=["session.read"], top="open('/nowhere/ran', 'w')")
    failure = server.explained(server.try_install(folder, consent=[]))
    assert (failure["kind"], failure["exit_code"]) == ("permission", 3)
    assert "session.read" in failure["message"]
    assert "--yes" in failure["next_step"]
    assert server.names() == []


@pytest.mark.escape("environment")
def test_a_folder_that_changed_since_it_was_shown_is_refused(server, plugins):
    folder = plugins.make(commands=HELLO)
    shown = server.inspect(folder)["digest"]
    plugins.make(commands={"hello": "return 'something else'"})
    failure = server.explained(server.try_install(folder, digest=shown))
    assert (failure["kind"], failure["exit_code"]) == ("verification", 4)
    assert server.names() == []


@pytest.mark.escape("environment")
def test_installed_files_that_were_changed_are_not_run(cold, plugins):
    cold.start()
    cold.install(plugins.make(commands=HELLO))
    cold.kill()
    (content,) = cold.home.store.iterdir()
    main = content / "src" / "main.py"
    main.chmod(0o644)
    main.write_text(main.read_text() + "\n# changed\n")
    cold.start()
    failure = cold.explained(cold.run("demo", "hello"))
    assert (failure["kind"], failure["exit_code"]) == ("verification", 4)
    assert "yesman plugin install" in failure["next_step"]


def test_installing_again_mends_changed_files(cold, plugins):
    cold.start()
    folder = plugins.make(commands=HELLO)
    cold.install(folder)
    cold.kill()
    (content,) = cold.home.store.iterdir()
    (content / "src").chmod(0o755)
    (content / "src" / "main.py").unlink()
    cold.start()
    cold.install(folder)
    assert cold.value("demo", "hello")["said"] == "hello "


def test_a_linked_folder_is_run_as_it_is_now(server, plugins):
    folder = plugins.make(commands={"tell": "return 1"})
    assert server.install(folder, link=True)["state"] == "enabled"
    assert server.value("demo", "tell") == 1
    plugins.make(commands={"tell": "return 2"})
    assert server.value("demo", "tell") == 2
    assert server.call("plugin.show", name="demo")["linked"] is True
    assert (server.home.plugins / "demo").resolve() == folder


def test_bytecode_beside_a_linked_module_is_not_believed(server, plugins):
    commands = {"tell": "from src.word import WORD; return WORD", "peek": "import src.__pycache__.hidden"}
    folder = plugins.make(commands=commands)
    module = folder / "src" / "word.py"
    module.write_text("WORD = 'another'")
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compiled = py_compile.compile(str(module), doraise=True, invalidation_mode=unchecked)
    Path(compiled).with_name("hidden.py").write_text("X = 1")
    module.write_text("WORD = 'what is read'")
    path = [sys.executable, "-c", "import word; print(word.WORD)"]
    seen = subprocess.run(path, cwd=module.parent, capture_output=True, text=True, check=True).stdout
    assert seen == "another\n"  # the control: Python believes it
    server.install(folder, link=True)
    assert server.value("demo", "tell") == "what is read"
    assert "No module named" in server.explained(server.run("demo", "peek"))["message"]


def test_a_linked_folder_that_was_moved_away_is_named(server, plugins):
    folder = plugins.make(commands={"tell": "return 1"})
    server.install(folder, link=True)
    folder.rename(folder.with_name("elsewhere"))
    row = server.call("plugin.list")[0]
    assert (row["state"], f"{folder} is not there any more" in row["reason"]) == ("failed", True)
    failure = server.explained(server.run("demo", "tell"))
    assert (
        failure["message"] == f"the folder {folder}, which plugin 'demo' is linked to, is not there any more"
    )
    assert "yesman plugin install --link" in failure["next_step"]
    folder.with_name("elsewhere").rename(folder)
    assert server.call("plugin.list")[0]["state"] == "enabled"
    assert server.value("demo", "tell") == 1


def test_a_plugin_waits_for_the_setting_it_needs(server, plugins):
    token = {"type": "string", "description": "a token", "required": True}
    folder = plugins.make(
        commands={"tell": "return self.context.config['token']"},
        config={"type": "object", "properties": {"token": token}},
    )
    assert server.inspect(folder)["missing_config"] == ["token"]
    done = server.install(folder)
    assert (done["state"], done["commands"]) == ("needs-config", ["tell"])
    failure = server.explained(server.run("demo", "tell"))
    assert failure["kind"] == "needs-config"
    assert "yesman plugin config demo token" in failure["next_step"]
    set_ = server.call("plugin.config", name="demo", set={"token": "s3cret"})
    assert (set_["state"], set_["missing"]) == ("enabled", [])
    assert server.value("demo", "tell") == "s3cret"


def test_taking_a_needed_setting_away_makes_the_plugin_wait_again(server, plugins):
    schema = {"type": "object", "properties": {"n": {"type": "integer", "required": True}}}
    server.install(
        plugins.make(commands={"n": "return self.context.config['n']"}, config=schema), config={"n": "3"}
    )
    assert server.value("demo", "n") == 3
    assert server.call("plugin.config", name="demo", unset=["n"])["state"] == "needs-config"
    assert server.explained(server.run("demo", "n"))["kind"] == "needs-config"


def test_a_changed_setting_reaches_the_next_call(server, plugins):
    schema = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}
    server.install(plugins.make(commands={"n": "return self.context.config['n']"}, config=schema))
    assert server.value("demo", "n") == 1
    server.call("plugin.config", name="demo", set={"n": "2"})
    assert server.value("demo", "n") == 2


def test_a_setting_that_does_not_fit_changes_nothing(server, plugins):
    schema = {"type": "object", "properties": {"count": {"type": "integer", "default": 1}}}
    server.install(plugins.make(commands=HELLO, config=schema), config={"count": "5"})
    before = server.on_disk()
    assert server.refusal("plugin.config", name="demo", set={"count": "many"})["kind"] == "usage"
    assert "'count'" in server.refusal("plugin.config", name="demo", set={"cuont": "1"})["message"]
    assert server.on_disk() == before


PICKY = """
from yesman.plugins import CommandPlugin, PluginCommand

class Picky(CommandPlugin):
    def initialize(self):
        if self.context.config["n"] > 5:
            raise ValueError("n is too large")

    def get_commands(self):
        return [PluginCommand("n", "does it", lambda: self.context.config["n"])]
"""


def picky(plugins, default):
    schema = {"type": "object", "properties": {"n": {"type": "integer", "required": True, **default}}}
    provides = [{"commands": [{"name": "n", "description": "does it"}]}]
    return plugins.make("demo", main=PICKY, provides=provides, config=schema)


@pytest.mark.parametrize("running", [False, True])
def test_a_setting_that_the_plugin_refuses_changes_nothing(server, plugins, running):
    server.install(picky(plugins, {}), config={"n": "3"})
    assert not running or server.value("demo", "n") == 3
    before = server.on_disk()
    failure = server.refusal("plugin.config", name="demo", set={"n": "7"})
    assert "nothing was set" in failure["message"]
    assert "n is too large (src/main.py:7)" in failure["message"]
    assert server.on_disk() == before
    assert server.value("demo", "n") == 3


def test_a_plugin_that_does_not_work_may_be_set_step_by_step(server, plugins):
    server.install(picky(plugins, {}))
    assert "n is too large" in server.refusal("plugin.config", name="demo", set={"n": "7"})["message"]
    assert server.refusal("plugin.config", name="demo", set={"n": "8"})
    assert server.call("plugin.show", name="demo")["config"] == {"n": 8}
    assert server.call("plugin.config", name="demo", set={"n": "4"})["state"] == "enabled"
    server.call("plugin.disable", name="demo")
    assert server.call("plugin.config", name="demo", set={"n": "9"})["config"] == {"n": 9}


def test_settings_are_readable_by_their_owner_only(server, plugins):
    schema = {"type": "object", "properties": {"token": {"type": "string"}}}
    server.install(plugins.make(commands=HELLO, config=schema), config={"token": "s3cret"})
    assert server.home.settings.stat().st_mode & 0o777 == 0o600
    assert "s3cret" not in server.home.registry.read_text()
    server.call("plugin.remove", name="demo", purge=False)
    assert not server.home.settings.exists()


@pytest.mark.escape("environment")
def test_a_folder_put_into_plugins_by_hand_is_seen_and_not_run(server, plugins):
    folder = plugins.make(commands=HELLO)
    folder.rename(server.home.plugins / "demo")
    (row,) = server.call("plugin.list")
    assert (row["name"], row["state"]) == ("demo", "discovered")
    assert "yesman plugin install" in row["reason"]
    assert server.explained(server.run("demo", "hello"))["kind"] == "not-found"


def test_state_survives_the_server(cold, plugins):
    cold.start()
    cold.install(plugins.make("one", commands={"a": "return 1"}))
    cold.install(plugins.make("two", commands={"b": "return 2"}))
    cold.call("plugin.disable", name="two")
    before = cold.call("plugin.list"), cold.on_disk()
    cold.stop()
    cold.start()
    assert (cold.call("plugin.list"), cold.on_disk()) == before
    assert cold.value("one", "a") == 1
