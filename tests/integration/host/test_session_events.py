"""What happens in tmux reaches plugins once, with who caused it."""

from __future__ import annotations

import subprocess

import pytest

NOTE = "self.note(f'{event.name} {event.session} {event.source}')"
EVERY = {"session.*": NOTE}


@pytest.fixture
def hears(server, plugins, until):
    """Install a plugin that writes down what it hears of sessions; return what it heard so far."""
    read = ["session.read", "session.modify", "session.type"]
    bodies = {
        "make": "self.context.session_manager.create_session(arg)",
        "end": "self.context.session_manager.close_session(arg)",
        "name": "self.context.session_manager.rename_session(arg, arg + 'x')",
    }
    server.install(plugins.make(hooks=EVERY, commands=bodies, permissions=read))

    def heard(count):
        file = server.data("demo") / "notes"
        until(lambda: file.exists() and len(file.read_text().splitlines()) >= count)
        return file.read_text().splitlines()

    return heard


def tmux(server, *args):
    command = ["tmux", "-S", str(server.home.tmux_socket), *args]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=server.environ).stdout


def test_what_the_command_line_does_is_told(server, hears, tmp_path):
    server.session("work", tmp_path / "w")
    server.call("session.close", name="work")
    assert hears(4) == [
        "session.creating work host",
        "session.created work host",
        "session.closing work host",
        "session.closed work host",
    ]


def test_what_a_plugin_does_carries_its_name(server, hears, tmp_path):
    server.session("mine", tmp_path / "w")
    for command, argument in (("make", "work"), ("name", "work"), ("end", "workx")):
        server.value("demo", command, argument, session="mine")
    assert hears(5)[2:] == [
        "session.created work plugin:demo",
        "session.renamed workx plugin:demo",
        "session.closed workx plugin:demo",
    ]


def test_what_anybody_else_does_is_tmuxs(server, hears, tmp_path):
    server.session("mine", tmp_path / "w")
    tmux(server, "new-session", "-d", "-s", "work")
    tmux(server, "rename-session", "-t", "=work", "other")
    tmux(server, "kill-session", "-t", "=other")
    assert hears(5)[2:] == [
        "session.created work tmux",
        "session.renamed other tmux",
        "session.closed other tmux",
    ]


def test_what_is_refused_is_no_cause_of_what_comes_later(server, hears, tmp_path):
    server.session("work", tmp_path / "w")
    assert "already exists" in server.refusal("session.new", name="work", cwd=str(tmp_path))["message"]
    tmux(server, "kill-session", "-t", "=work")
    assert hears(4)[-1] == "session.closed work tmux"


def test_nothing_of_ours_stays_in_tmux_when_the_server_stops(server, until, tmp_path):
    server.session("work", tmp_path / "w")
    tmux(server, "new-session", "-d", "-s", "other")
    server.stop()
    left = tmux(server, "show-hooks", "-g") + tmux(server, "show-hooks", "-gw")
    assert "YESMAN" not in left + tmux(server, "show-environment", "-gh")
    until(lambda: tmux(server, "list-sessions", "-F", "#{session_name}").split() == ["other", "work"])


def test_after_a_kill_the_next_server_takes_over(server, hears, tmp_path):
    server.session("work", tmp_path / "w")
    hears(2)
    server.kill()
    tmux(server, "new-session", "-d", "-s", "meanwhile")
    assert server.start() is None
    server.session("after", tmp_path / "a")
    hears(4)  # it watches: what ends before its first look, nobody has seen
    tmux(server, "kill-session", "-t", "=work")
    assert hears(5)[4:] == ["session.closed work tmux"]
    assert {row["name"] for row in server.call("session.list")} == {"after", "meanwhile"}


def test_the_last_session_ends_the_tmux_server(server, until, tmp_path):
    server.session("work", tmp_path / "w")
    server.call("session.close", name="work")
    assert server.call("session.list") == []
    ask = ["tmux", "-S", str(server.home.tmux_socket), "list-sessions"]
    until(lambda: b"no server" in subprocess.run(ask, check=False, capture_output=True).stderr)


def test_an_exit_code_reaches_a_plugin(server, plugins, until, tmp_path):
    note = "self.note(f'{event.session} {event.payload.get(\"code\")}')"
    server.install(plugins.make(hooks={"pane.exited": note}, permissions=["session.read"]))
    server.session("stays", tmp_path / "w")
    server.call("session.new", name="work", cwd=str(tmp_path), command=["sh", "-c", "exit 7"])
    file = server.data("demo") / "notes"
    until(lambda: file.exists() and file.read_text() == "work 7\n")
