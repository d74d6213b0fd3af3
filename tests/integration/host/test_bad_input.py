"""Whatever is wrong is said in one sentence with a next step, and everything stays as it was."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

GOOD = {"tell": "return 1"}
CLASS = """
from yesman.plugins import CommandPlugin, PluginCommand

class {name}(CommandPlugin):
    {body}

    def get_commands(self):
        return []
"""
ONE = CLASS.format(name="One", body="pass")
BROKEN = {
    "syntax-error": ("def x(:\n", "src/main.py:1"),
    "no-class": ("x = 1\n", "no plugin class"),
    "two-classes": (ONE + CLASS.format(name="Two", body="pass"), "2 plugin classes (One and Two)"),
    "init-raises": (
        CLASS.format(name="One", body="def __init__(self, context):\n        raise ValueError('broken')"),
        "broken",
    ),
    "initialize-raises": (
        CLASS.format(name="One", body="async def initialize(self):\n        raise KeyError('absent')"),
        "absent",
    ),
    "import-raises": ("import nowhere_to_be_found\n", "nowhere_to_be_found"),
    "exits": ("raise SystemExit(7)\n", "exited with code 7"),
    "dies": ("import os\nos._exit(9)\n", "exited with code 9"),
    "segfaults": ("import ctypes\nctypes.string_at(0)\n", "SIGSEGV"),
    "not-a-command": (
        CLASS.format(name="One", body="pass").replace("return []", "return ['x']"),
        "PluginCommand",
    ),
}


def refused(server, answer, before):
    """Return the message of a refusal that says what to do now and has changed nothing."""
    failure = server.explained(answer)
    assert failure["next_step"], failure
    assert failure["exit_code"] != 0
    assert server.on_disk() == before
    return failure["message"]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_refused_and_the_old_one_stays(server, plugins, kind):
    main, words = BROKEN[kind]
    server.install(plugins.make(commands=GOOD))
    listed, before = server.call("plugin.list"), server.on_disk()
    answer = server.try_install(plugins.make(main=main, version="2.0.0"))
    assert words in refused(server, answer, before)
    assert server.call("plugin.list") == listed
    assert server.value("demo", "tell") == 1


def test_a_missing_entry_is_named(server, plugins):
    folder = plugins.make()
    (folder / "src" / "main.py").unlink()
    before = server.on_disk()
    assert "src/main.py is missing" in refused(server, server.try_install(folder), before)
    assert server.names() == []
    assert not server.data("demo").exists()
    assert list(server.home.store.iterdir()) == []


def test_a_hanging_initialize_is_ended(server, plugins):
    server.install(plugins.make(commands=GOOD))
    before = server.on_disk()
    body = "def initialize(self):\n        import time\n        time.sleep(1000)"
    answer = server.try_install(plugins.make(main=CLASS.format(name="One", body=body), version="2.0.0"))
    assert "did not finish loading" in refused(server, answer, before)
    assert server.value("demo", "tell") == 1


def test_what_a_failed_version_wrote_does_not_reach_the_data_of_the_old_one(server, plugins):
    server.install(plugins.make(commands={"note": "self.note('old')"}))
    server.value("demo", "note")
    spoil = 'Path(os.environ["HOME"], "notes").write_text("spoilt"); raise ValueError("no")'
    server.explained(server.try_install(plugins.make(commands=GOOD, top=spoil, version="2.0.0")))
    assert (server.data("demo") / "notes").read_text() == "old\n"
    assert [entry.name for entry in server.home.data.iterdir()] == ["demo"]


def test_a_failed_installation_leaves_a_log_to_read(server, plugins):
    server.explained(server.try_install(plugins.make(top="print('said before'); 1 / 0")))
    answer = server.ask("plugin.logs", name="demo", lines=50, follow=False)
    assert answer.failure is None
    assert server.refusal("plugin.logs", name="../server", lines=5, follow=False)["kind"] == "not-found"


def test_a_plugin_called_server_has_a_log_of_its_own(server, plugins):
    server.install(plugins.make("server", commands={"tell": "print('x'); self.logger.info('mine')"}))
    server.value("server", "tell")
    log = Path(server.call("plugin.show", name="server")["log"])
    assert log == server.home.root / "logs" / "plugins" / "server.log"
    assert "mine" in log.read_text()
    assert "mine" not in (server.home.logs / "server.log").read_text()


def test_no_folder_and_no_manifest_are_told_apart(server, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    absent = server.refusal("plugin.inspect", path=str(tmp_path / "absent"))
    assert (absent["kind"], bool(absent["next_step"])) == ("not-found", True)
    assert "plugin.yaml" in server.refusal("plugin.inspect", path=str(tmp_path / "empty"))["message"]
    assert server.refusal("plugin.inspect", path=str(tmp_path / "file"))["next_step"]


@pytest.mark.parametrize("kind", ["directory", "fifo", "link", "device"])
def test_a_manifest_that_is_no_file_is_refused(server, plugins, tmp_path, kind):
    folder = plugins.make()
    path = folder / "plugin.yaml"
    path.unlink()
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "/etc/passwd")
    failure = server.refusal("plugin.inspect", path=str(folder))
    assert failure["next_step"]
    assert "root:" not in failure["message"]


def test_a_full_disk_changes_nothing_at_whatever_point_it_fills(mounted, plugins):
    assert mounted.start("size=4m") is None
    mounted.install(plugins.make("old", commands=GOOD))
    schema = {"type": "object", "properties": {"who": {"type": "string"}}}
    folder = plugins.make("new", commands={"new": "return 2"}, config=schema)
    listed, before = mounted.call("plugin.list"), mounted.on_disk()
    page = os.sysconf("SC_PAGESIZE")
    for room in range(0, 100 * page, page):
        with mounted.nearly_full(room):
            answer = mounted.try_install(folder, config={"who": "Ann"})
        if answer.failure is None:
            break
        refused(mounted, answer, before)
        assert mounted.call("plugin.list") == listed
    assert room > page
    assert mounted.value("new", "new") == 2
    assert mounted.value("old", "tell") == 1


def test_a_full_disk_keeps_a_plugin_enabled_and_running(mounted, plugins):
    assert mounted.start("size=2m") is None
    mounted.install(plugins.make(commands=GOOD))
    before = mounted.on_disk()
    with mounted.nearly_full(0):
        for method in ("plugin.disable", "plugin.remove"):
            message = refused(mounted, mounted.ask(method, name="demo"), before)
            assert "No space left" in message or "disk is full" in message
        assert mounted.value("demo", "tell") == 1
    assert mounted.call("plugin.disable", name="demo")["state"] == "installed"


def test_a_server_that_finds_no_space_says_so(mounted):
    failure = mounted.start("size=64k", script='dd if=/dev/zero of="$0/filler" 2>/dev/null || true')
    if failure is None:
        assert mounted.names() == []
    else:
        assert "No space left" in failure["message"] or "disk is full" in failure["message"]
        assert failure["next_step"]


def test_a_home_that_turns_read_only_changes_nothing(mounted, plugins):
    assert mounted.start() is None
    mounted.install(plugins.make("old", commands=GOOD))
    before = mounted.on_disk()
    folder = plugins.make("new", commands={"new": "return 2"})
    with mounted.read_only():
        for answer in (
            mounted.try_install(folder),
            mounted.ask("plugin.disable", name="old"),
            mounted.ask("plugin.remove", name="old"),
        ):
            assert "Read-only file system" in refused(mounted, answer, before)
    assert mounted.install(folder)["state"] == "enabled"


def test_a_read_only_home_is_named_at_the_start(mounted):
    failure = mounted.start("ro")
    assert failure is not None
    assert failure["kind"] == "platform"
    assert "Read-only file system" in failure["message"]
    assert "YESMAN_HOME" in failure["next_step"]


def test_a_home_that_cannot_be_made_is_one_sentence_on_the_command_line(cold, tmp_path):
    (tmp_path / "file").touch()
    called = cold.yesman("plugin", "list", YESMAN_HOME=str(tmp_path / "file" / "home"))
    assert called.returncode == 1
    assert called.stdout == ""
    assert str(tmp_path / "file") in called.stderr
    assert "YESMAN_HOME" in called.stderr
    assert "Traceback" not in called.stderr


@pytest.mark.parametrize("name", ["plugin_registry.json", "plugin_settings.json"])
@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"demo": 1}'])
def test_a_damaged_state_file_is_named_and_left_alone(cold, name, content):
    (cold.home.root / name).write_bytes(content)
    failure = cold.start()
    assert failure is not None
    assert (failure["kind"], failure["exit_code"]) == ("verification", 4)
    assert name in failure["message"]
    assert failure["next_step"]
    assert (cold.home.root / name).read_bytes() == content


@pytest.fixture
def without_tmux(cold, tmp_path):
    (tmp_path / "empty").mkdir()
    cold.environ["PATH"] = str(tmp_path / "empty")
    assert cold.start() is None
    yield cold
    cold.environ["PATH"] = os.environ["PATH"]


def test_a_missing_tmux_is_named_where_it_is_needed_and_nowhere_else(without_tmux, plugins, tmp_path):
    server = without_tmux
    server.install(plugins.make(commands=GOOD))
    assert server.value("demo", "tell") == 1
    before = server.on_disk()
    for method, params in {
        "session.new": {"name": "work", "cwd": str(tmp_path)},
        "session.list": {},
        "session.show": {"name": "work"},
    }.items():
        assert refused(server, server.ask(method, **params), before) == "tmux is not installed"


def test_a_plugin_that_needs_the_sessions_says_that_tmux_is_missing(without_tmux, plugins):
    folder = plugins.make(commands=GOOD, permissions=["filesystem.read"])
    before = without_tmux.on_disk()
    assert refused(without_tmux, without_tmux.try_install(folder), before) == "tmux is not installed"


def test_a_killed_tmux_is_a_tmux_without_sessions(server, plugins, tmp_path, until):
    server.install(plugins.make(commands=GOOD, permissions=["filesystem.read"]))
    server.session("work", tmp_path / "w")
    assert server.value("demo", "tell") == 1
    before = server.on_disk()
    socket = str(server.home.tmux_socket)
    asked = subprocess.run(
        ["tmux", "-S", socket, "display-message", "-p", "#{pid}"], capture_output=True, check=True
    )
    os.kill(int(asked.stdout), signal.SIGKILL)
    until(lambda: server.call("session.list") == [])
    message = refused(server, server.ask("session.show", name="work"), before)
    assert "'work'" in message
    assert server.value("demo", "tell") == 1
    server.session("work", tmp_path / "w")
    assert [session["name"] for session in server.call("session.list")] == ["work"]
