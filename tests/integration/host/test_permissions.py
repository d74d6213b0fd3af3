"""What a plugin may do is what was agreed to: sessions by name, files by folder, and nothing wider."""

from __future__ import annotations

import os

import pytest

SESSIONS = {
    "names": "return [s.name for s in self.context.session_manager.list_sessions()]",
    "get": "return self.context.session_manager.get_session(arg).cwd",
    "capture": "return self.context.tmux_manager.capture_pane(arg)",
    "close": "self.context.session_manager.close_session(arg)",
    "rename": "self.context.session_manager.rename_session(*arg.split())",
    "mark": "self.context.session_manager.set_metadata(arg, 'k', 'v')",
    "type": "self.context.tmux_manager.send_keys(arg, 'echo typed')",
    "create": "return self.context.session_manager.create_session(*arg.split()).cwd",
    "start": "self.context.session_manager.create_session(*arg.split(), command=['sleep', '9'])",
}
FILES = {
    "read": "return Path(arg).read_text()",
    "write": "Path(arg).write_text('written')",
    "list": "return sorted(os.listdir(arg))",
    "remove": "Path(arg).unlink()",
}


def denied(server, command, arg=None):
    """Return the sentence of a command that must be refused for want of a permission."""
    failure = server.explained(server.run("demo", command, arg))
    assert failure["exit_code"] == 3, failure
    return failure["message"]


def server_failure(server, command, arg):
    return server.explained(server.run("demo", command, arg))


@pytest.fixture
def demo(server, plugins, tmp_path):
    """Install ``demo`` with these permissions, sessions ``work-1`` and ``home`` running."""

    def install(*permissions, **more):
        server.install(plugins.make(commands=SESSIONS | FILES, permissions=list(permissions), **more))
        server.session("work-1", tmp_path / "w")
        server.session("home", tmp_path / "h")
        return server

    return install


@pytest.mark.escape("wire")
def test_without_any_permission_no_session_is_reached(demo):
    server = demo()
    for command in ("names", "get", "capture", "close", "mark", "type", "create", "start"):
        arg = "new /tmp" if command in {"create", "start"} else "work-1"
        assert "lacks permission 'session." in denied(server, command, arg)
    assert "'session.modify:work-1'" in denied(server, "rename", "work-1 work-2")
    assert [s["name"] for s in server.call("session.list")] == ["home", "work-1"]


@pytest.mark.escape("wire")
def test_a_scoped_read_hides_the_other_sessions(demo, tmp_path):
    server = demo("session.read:work-*")
    assert server.value("demo", "names") == ["work-1"]
    assert server.value("demo", "get", "work-1") == str(tmp_path / "w")
    assert "'session.read:home'" in denied(server, "get", "home")
    assert "'session.read:home'" in denied(server, "capture", "home")


@pytest.mark.escape("wire")
def test_a_hidden_session_cannot_be_told_from_an_absent_one(demo):
    server = demo("session.read:work-*")
    there, absent = denied(server, "get", "home"), denied(server, "get", "nowhere")
    assert there.replace("home", "nowhere") == absent


def test_the_callers_session_is_read_only_with_a_grant_that_covers_it(server, plugins, tmp_path):
    body = {"here": "return self.context.session_manager.get_current_session().name"}
    server.install(plugins.make(commands=body, permissions=["session.read:work-*"]))
    server.session("work-1", tmp_path / "w")
    server.session("home", tmp_path / "h")
    assert server.value("demo", "here", cwd=str(tmp_path / "w")) == "work-1"
    assert server.value("demo", "here", session="work-1") == "work-1"
    failure = server.explained(server.run("demo", "here", cwd=str(tmp_path / "h")))
    assert "'session.read:home'" in failure["message"]


@pytest.mark.escape("wire")
def test_a_scoped_modify_ends_at_its_scope(demo):
    server = demo("session.modify:work-*")
    server.value("demo", "mark", "work-1")
    assert server.call("session.show", name="work-1")["metadata"]["k"] == "v"
    assert "'session.modify:home'" in denied(server, "mark", "home")
    assert "'session.modify:home'" in denied(server, "close", "home")
    server.value("demo", "close", "work-1")
    assert [s["name"] for s in server.call("session.list")] == ["home"]


@pytest.mark.escape("wire")
def test_renaming_needs_both_names(demo):
    server = demo("session.modify:work-*")
    assert "'session.modify:home'" in denied(server, "rename", "home work-2")
    assert "'session.modify:play'" in denied(server, "rename", "work-1 play")
    server.value("demo", "rename", "work-1 work-2")
    assert [s["name"] for s in server.call("session.list")] == ["home", "work-2"]


@pytest.mark.escape("wire")
def test_a_session_cannot_be_renamed_into_the_reach_of_another_permission(demo):
    server = demo("session.modify", "session.type:work-2", "session.read:home")
    assert "'session.type:work-1'" in denied(server, "rename", "work-1 work-2")
    server.value("demo", "rename", "home other")
    assert "'session.read:other'" in denied(server, "rename", "other home")
    assert [s["name"] for s in server.call("session.list")] == ["other", "work-1"]


@pytest.mark.escape("wire")
def test_no_near_miss_names_a_session_that_is_hidden(demo):
    server = demo("session.read:work-2", "session.modify:w*")
    for command in ("get", "mark"):
        failure = server.explained(server.run("demo", command, "work-2"))
        assert "work-1" not in f"{failure['message']} {failure['next_step']}"


def test_several_sessions_in_the_callers_folder_are_not_named_to_the_plugin(server, plugins, tmp_path):
    body = {"here": "return self.context.session_manager.get_current_session().name"}
    server.install(plugins.make(commands=body, permissions=["session.read:x"]))
    for name in ("one", "two"):
        server.session(name, tmp_path / "w")
    failure = server.explained(server.run("demo", "here", cwd=str(tmp_path / "w")))
    assert "--session" in f"{failure['message']} {failure['next_step']}"
    assert "'one'" not in f"{failure['message']} {failure['next_step']}"


@pytest.mark.escape("wire")
def test_modify_is_not_typing(demo, tmp_path):
    server = demo("session.modify")
    assert "'session.type:work-1'" in denied(server, "type", "work-1")
    assert "'session.type:new'" in denied(server, "start", f"new {tmp_path / 'w'}")


@pytest.mark.escape("wire")
def test_typing_ends_at_its_scope(demo, tmp_path):
    server = demo("session.type:work-*")
    server.value("demo", "type", "work-1")
    assert "'session.type:home'" in denied(server, "type", "home")
    server.value("demo", "start", f"work-2 {tmp_path / 'w'}")
    assert "'session.type:home-2'" in denied(server, "start", f"home-2 {tmp_path / 'w'}")
    assert "'session.modify:work-3'" in denied(server, "create", f"work-3 {tmp_path / 'w'}")


@pytest.mark.escape("files")
def test_a_plugin_cannot_widen_its_folders_by_starting_a_session_elsewhere(demo, tmp_path):
    server = demo("session.modify", "session.type", "filesystem.read")
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (tmp_path / "w" / "way").symlink_to(secret)
    for folder in (secret, "/", tmp_path, tmp_path / "w" / "..", tmp_path / "w" / "way", "relative"):
        assert "may not start a session in" in denied(server, "create", f"new {folder}")
        assert "may not start a session in" in denied(server, "start", f"new {folder}")
    (tmp_path / "w" / "inner").mkdir()
    server.value("demo", "create", f"new {tmp_path / 'w' / 'inner'}")
    assert [s["name"] for s in server.call("session.list")] == ["home", "new", "work-1"]


@pytest.mark.escape("files")
def test_a_session_in_a_folder_that_is_never_granted_opens_nothing_inside_it(demo, tmp_path):
    server = demo("session.modify", "filesystem.read")
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    diary = tmp_path / "home" / "documents" / "diary"
    diary.parent.mkdir()
    diary.write_text("secret")
    server.session("at-home", tmp_path / "home")
    assert "may not start a session in" in denied(server, "create", f"new {diary.parent}")
    assert f"'filesystem.read:{diary}'" in denied(server, "read", str(diary))


@pytest.mark.escape("files")
def test_a_session_that_a_plugin_made_opens_nothing(server, plugins, tmp_path):
    note = tmp_path / "w" / "inner" / "note"
    note.parent.mkdir(parents=True)
    note.write_text("hello")
    server.install(plugins.make(commands=SESSIONS, permissions=["session.modify"]))
    server.install(plugins.make("reader", commands={"see": FILES["read"]}, permissions=["filesystem.read"]))
    server.session("work", tmp_path / "w")
    server.value("demo", "create", f"new {note.parent}")
    assert server.value("reader", "see", str(note)) == "hello"
    server.call("session.close", name="work")
    assert server.explained(server.run("reader", "see", str(note)))["exit_code"] == 3
    assert [s["name"] for s in server.call("session.list")] == ["new"]


@pytest.mark.parametrize("folder", ["/" + "a/" * 300, "/" + "a" * 5000])
@pytest.mark.escape("wire")
def test_an_endless_folder_is_refused_before_it_is_looked_at(demo, folder):
    failure = server_failure(demo("session.modify"), "create", f"new {folder}")
    assert "parts" in failure["message"]


def test_bare_reading_means_the_folders_of_sessions_as_they_come_and_go(server, plugins, tmp_path):
    server.install(plugins.make(commands=FILES, permissions=["filesystem.read"]))
    file = tmp_path / "w" / "note"
    server.session("elsewhere", tmp_path / "e")
    file.parent.mkdir()
    file.write_text("hello")
    assert f"'filesystem.read:{file}'" in denied(server, "read", str(file))
    server.session("work", tmp_path / "w")
    assert server.value("demo", "read", str(file)) == "hello"
    assert f"'filesystem.write:{file}'" in denied(server, "write", str(file))
    server.call("session.close", name="work")
    assert f"'filesystem.read:{file}'" in denied(server, "read", str(file))


def test_configured_roots_take_the_place_of_session_folders(server, plugins, tmp_path):
    server.install(plugins.make(commands=FILES, permissions=["filesystem.read"]))
    server.session("work", tmp_path / "w")
    for name in ("w", "chosen"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "note").write_text(name)
    server.home.config.write_text(f"roots: [{tmp_path / 'chosen'}]\n")
    assert server.value("demo", "read", str(tmp_path / "chosen" / "note")) == "chosen"
    assert "filesystem.read" in denied(server, "read", str(tmp_path / "w" / "note"))


@pytest.mark.escape("files")
def test_a_granted_folder_ends_at_its_border(server, plugins, tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "note").write_text(folder.name)
    (inside / "way").symlink_to(outside)
    server.install(plugins.make(commands=FILES, permissions=[f"filesystem.read:{inside}"]))
    assert server.value("demo", "read", str(inside / "note")) == "in"
    assert server.value("demo", "list", str(inside)) == ["note", "way"]
    for path in (outside / "note", inside / ".." / "out" / "note"):
        assert f"'filesystem.read:{outside}" in denied(server, "read", str(path))
    assert denied(server, "read", str(inside / "way" / "note"))
    assert "filesystem.read" in denied(server, "list", str(tmp_path))
    assert "filesystem.write" in denied(server, "write", str(inside / "note"))


@pytest.mark.escape("files")
def test_a_folder_granted_for_writing_ends_at_its_border(server, plugins, tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "way").symlink_to(outside)
    server.install(plugins.make(commands=FILES, permissions=[f"filesystem.write:{inside}"]))
    server.value("demo", "write", str(inside / "made"))
    assert server.value("demo", "read", str(inside / "made")) == "written"
    server.value("demo", "remove", str(inside / "made"))
    assert list(inside.iterdir()) == [inside / "way"]
    for path in (outside / "made", inside / ".." / "made"):
        assert "'filesystem.write:" in denied(server, "write", str(path))
    assert denied(server, "write", str(inside / "way" / "made"))
    assert list(outside.iterdir()) == []


def test_a_granted_folder_that_is_made_anew_is_granted_still(server, plugins, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    server.install(plugins.make(commands=FILES, permissions=[f"filesystem.read:{folder}"]))
    assert server.value("demo", "list", str(folder)) == []
    folder.rename(tmp_path / "old")
    folder.mkdir()
    (folder / "note").touch()
    assert server.value("demo", "list", str(folder)) == ["note"]


@pytest.mark.parametrize(
    "scope",
    ["~/.ssh", "~/.ssh/id_rsa", "~", "/", "~/.aws", "/proc", "/proc/self", "/etc/shadow", "/dev", "/sys"],
)
@pytest.mark.parametrize("name", ["filesystem.read", "filesystem.write"])
@pytest.mark.escape("files")
def test_secrets_and_the_system_are_never_granted(server, plugins, name, scope):
    folder = plugins.make(commands=FILES, permissions=[f"{name}:{scope}"])
    failure = server.refusal("plugin.inspect", path=str(folder))
    assert failure["kind"] in {"permission", "author"}
    assert scope in failure["message"]
    assert failure["next_step"]


@pytest.mark.escape("files")
def test_our_own_state_is_never_granted(server, plugins):
    state = server.home.root
    for scope in (state, state / "data", state / "plugins" / "x", state.parent):
        folder = plugins.make(permissions=[f"filesystem.read:{scope}"])
        assert server.refusal("plugin.inspect", path=str(folder))["kind"] == "permission"


def test_a_folder_behind_a_link_must_be_named_itself(server, plugins, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "way").symlink_to(tmp_path / "real")
    folder = plugins.make(permissions=[f"filesystem.read:{tmp_path / 'way'}"])
    assert str(tmp_path / "real") in server.refusal("plugin.inspect", path=str(folder))["message"]


@pytest.mark.escape("files")
def test_a_granted_folder_that_turns_into_a_link_opens_nothing(server, plugins, tmp_path):
    secret, granted = tmp_path / "home" / ".ssh", tmp_path / "granted"
    for folder in (secret, granted):
        folder.mkdir()
        (folder / "key").write_text(folder.name)
    server.install(plugins.make(commands=FILES, permissions=[f"filesystem.read:{granted}"]))
    assert server.value("demo", "read", str(granted / "key")) == "granted"
    granted.rename(tmp_path / "old")
    granted.symlink_to(secret)
    failure = server.explained(server.run("demo", "read", str(granted / "key")))
    assert "no permission can allow it" in failure["message"]


@pytest.mark.escape("files")
def test_a_folder_on_the_search_path_is_not_writable(server, plugins):
    folder = plugins.make(permissions=["filesystem.write:/usr/bin"])
    assert "programs are started" in server.refusal("plugin.inspect", path=str(folder))["message"]


@pytest.mark.escape("files")
def test_plugins_do_not_see_each_others_data(server, plugins):
    server.install(plugins.make("other", commands={"w": "self.note('mine')"}))
    server.value("other", "w")
    server.install(plugins.make(commands=FILES))
    failure = server.explained(server.run("demo", "read", str(server.data("other") / "notes")))
    assert "no permission can allow it" in failure["message"]
    assert server.explained(server.run("demo", "read", str(server.home.registry)))["exit_code"] == 3


@pytest.mark.escape("files")
def test_a_plugin_reads_its_code_and_cannot_change_it(server, plugins):
    server.install(plugins.make(commands=FILES))
    (content,) = server.home.store.iterdir()
    assert "class Made" in server.value("demo", "read", str(content / "src" / "main.py"))
    for path in (content / "src" / "main.py", content / "new"):
        assert server.explained(server.run("demo", "write", str(path)))["exit_code"] == 3
    assert os.access(content, os.R_OK)
