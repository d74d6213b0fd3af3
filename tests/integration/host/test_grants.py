"""Grants are what the user answered, for what they were shown."""

from __future__ import annotations

import json

import pytest

NAMES = {"names": "return [s.name for s in self.context.session_manager.list_sessions()]"}
ASKED = ["filesystem.read", "session.read", "session.type"]


def rows(server, name="demo"):
    found = server.call("plugin.permissions", name=name)["permissions"]
    return {row["permission"]: row["grants"] for row in found}


def test_a_partly_granted_plugin_runs(server, plugins):
    server.install(plugins.make(commands={**NAMES, "ok": "return 'ok'"}, permissions=ASKED), grants=[])
    assert server.value("demo", "ok") == "ok"
    assert "'session.read'" in server.explained(server.run("demo", "names"))["message"]
    assert rows(server) == {key: [] for key in ASKED}


def test_only_what_is_asked_for_can_be_granted(server, plugins, tmp_path):
    server.install(plugins.make(permissions=["filesystem.read", "session.read:work-*"]), grants=[])
    for wrong in ("session.type", "session.read", "filesystem.write", "session.read:home"):
        failure = server.refusal("plugin.grant", name="demo", permissions=[wrong])
        assert "does not ask for" in failure["message"]
    for never in ("filesystem.read:~/.ssh", f"filesystem.read:{server.home.root}"):
        assert (
            "cannot be granted" in server.refusal("plugin.grant", name="demo", permissions=[never])["message"]
        )
    docs = f"filesystem.read:{tmp_path / 'docs'}"
    done = server.call("plugin.grant", name="demo", permissions=[f"{docs}/", "session.read:work-1"])
    assert done["added"] == [docs, "session.read:work-1"]


def test_of_several_permissions_all_are_granted_or_none(server, plugins):
    server.install(plugins.make(permissions=ASKED), grants=[])
    server.refusal("plugin.grant", name="demo", permissions=["session.read", "session.modify"])
    assert rows(server) == {key: [] for key in ASKED}


def test_an_update_that_asks_for_the_same_keeps_the_answers(server, plugins, tmp_path):
    docs = f"filesystem.read:{tmp_path / 'docs'}"
    server.install(plugins.make(permissions=ASKED))
    server.call("plugin.revoke", name="demo", permissions=["session.type", "filesystem.read"])
    server.call("plugin.grant", name="demo", permissions=[docs])
    folder = plugins.make(permissions=ASKED, version="2.0.0")
    seen = server.inspect(folder)
    assert seen["added_permissions"] == []
    assert server.call("plugin.install", path=str(folder), digest=seen["digest"])["version"] == "2.0.0"
    assert rows(server) == {"filesystem.read": [docs], "session.read": ["session.read"], "session.type": []}


def test_a_widened_update_waits_and_the_old_version_goes_on(server, plugins):
    server.install(plugins.make(commands={"which": "return 1"}, permissions=["session.read"]))
    wider = plugins.make(commands={"which": "return 2"}, permissions=["session.read:*", "session.type"])
    seen = server.inspect(wider)
    assert (seen["added_permissions"], seen["dropped_permissions"]) == (["session.type"], ["session.read"])
    failure = server.explained(server.ask("plugin.install", path=str(wider), digest=seen["digest"]))
    assert "nobody has agreed to session.type" in failure["message"]
    assert server.value("demo", "which") == 1
    server.ask("plugin.install", path=str(wider), digest=seen["digest"], consent=["session.type"])
    assert server.value("demo", "which") == 2
    assert rows(server)["session.type"] == ["session.type"]


@pytest.mark.escape("environment")
def test_a_linked_folder_that_asks_for_more_waits_too(server, plugins):
    folder = plugins.make(commands={"which": "return 1"}, permissions=["session.read"])
    server.install(folder, link=True)
    assert server.value("demo", "which") == 1
    plugins.make(commands={"which": "return 2"}, permissions=["session.read", "session.type"])
    assert server.value("demo", "which") == 1
    (row,) = server.call("plugin.list")
    assert row["reason"] == f"now asks for session.type: yesman plugin install --link {folder}"
    assert rows(server) == {"session.read": ["session.read"]}
    server.install(folder, link=True)
    assert server.value("demo", "which") == 2
    assert server.call("plugin.list")[0]["reason"] == ""


def test_a_linked_folder_whose_code_alone_changes_is_run_as_it_is(server, plugins):
    server.install(plugins.make(commands={"which": "return 1"}, permissions=["session.read"]), link=True)
    assert server.value("demo", "which") == 1
    plugins.make(commands={"which": "return 2"}, permissions=["session.read"])
    assert server.value("demo", "which") == 2


@pytest.mark.escape("environment")
def test_a_plugin_from_another_folder_is_asked_about_anew(server, plugins, tmp_path):
    server.install(plugins.make(permissions=["session.read"]))
    other = type(plugins)(tmp_path / "elsewhere").make(permissions=["session.read"])
    assert server.inspect(other)["added_permissions"] == ["session.read"]


@pytest.mark.escape("environment")
def test_grants_in_a_registry_that_was_altered_do_not_count(server, plugins):
    server.install(plugins.make(commands=NAMES, permissions=["session.read"]))
    server.stop()
    registry = json.loads(server.home.registry.read_text())
    registry["demo"]["consent"]["digest"] = "sha256:00"
    server.home.registry.write_text(json.dumps(registry))
    assert server.start() is None
    failure = server.explained(server.run("demo", "names"))
    assert failure["next_step"] == "To allow it: yesman plugin grant demo session.read"
    server.call("plugin.grant", name="demo", permissions=["session.read"])
    assert server.value("demo", "names") == []


@pytest.mark.parametrize("digest", ["*", None])
def test_a_grants_file_takes_the_place_of_an_answer(server, plugins, tmp_path, digest):
    folder = plugins.make(commands=NAMES, permissions=ASKED)
    content = digest or server.inspect(folder)["digest"]
    file = tmp_path / "grants.yaml"
    file.write_text(json.dumps({"demo": {content: ["session.read", "plugin.manage"]}}))
    ran = server.yesman("plugin", "install", str(folder), "--grants", str(file))
    assert ran.returncode == 0, ran.stderr
    assert "'plugin.manage' was not granted" in ran.stderr
    assert rows(server) == {"filesystem.read": [], "session.read": ["session.read"], "session.type": []}
    file.write_text(json.dumps({"other": {"*": []}}))
    plugins.make(commands=NAMES, permissions=ASKED, version="2.0.0")
    ran = server.yesman("plugin", "install", str(folder), "--grants", str(file))
    assert ran.returncode == 3
    assert "grants nothing to 'demo'" in ran.stderr


def test_a_grants_file_takes_back_what_it_does_not_name(server, plugins, tmp_path):
    folder = plugins.make(commands=NAMES, permissions=ASKED)
    server.install(folder)
    file = tmp_path / "grants.yaml"
    file.write_text('demo: {"*": [session.type]}')
    assert server.yesman("plugin", "install", str(folder), "--grants", str(file)).returncode == 0
    assert [p for p, grants in rows(server).items() if grants] == ["session.type"]
