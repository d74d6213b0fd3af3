"""Sessions from the command line, in a real tmux."""

import json
import subprocess


def test_a_session_from_beginning_to_end(desk, until):
    made = desk.yesman(
        "session", "new", "work", "--cwd", "/tmp", "--", "sh", "-c", "echo started; exec cat"
    ).stdout
    assert made == "Session work runs in /tmp.\n"
    (listed,) = json.loads(desk.yesman("session", "ls", "--json").stdout)
    assert (listed["name"], listed["cwd"]) == ("work", "/tmp")
    desk.yesman("session", "send", "work", "typed\tby us")
    until(lambda: desk.yesman("session", "capture", "work").stdout.count("by us") == 2)
    assert "work" in desk.yesman("session", "show", "work").stdout
    assert desk.yesman("session", "close", "work").stdout == "Session work is closed.\n"
    assert desk.yesman("session", "ls").stderr.startswith("There are no sessions.")


def test_text_may_begin_with_a_dash_and_go_without_enter(desk, until):
    desk.yesman("session", "new", "work", "--cwd", "/tmp", "--", "cat")
    desk.yesman("session", "send", "--no-enter", "work", "--", "--help")
    until(lambda: "--help" in desk.yesman("session", "capture", "work").stdout)
    assert desk.yesman("session", "capture", "work").stdout.count("--help") == 1
    assert json.loads(desk.yesman("session", "capture", "work", "--json").stdout)["name"] == "work"


def test_show_without_a_name_is_the_session_of_this_folder(desk):
    desk.yesman("session", "new", "root", "--cwd", "/", "--", "cat")
    assert json.loads(desk.yesman("session", "show", "--json").stdout)["name"] == "root"


def test_unknown_and_unusable_names(desk):
    assert "yesman session ls" in desk.yesman("session", "show", "absent", code=5).stderr
    assert desk.yesman("session", "new", "a b", code=2).stderr.count("\n") == 1
    assert desk.yesman("session", "attach", "absent", code=2).stderr.count("\n") == 1


def test_attach_shows_the_session_and_leaves_it_running(desk):
    desk.yesman("session", "new", "work", "--cwd", "/tmp", "--", "sh", "-c", "echo inside; exec cat")
    terminal = desk.terminal("session", "attach", "work")
    terminal.read_until("inside")
    detach = ["tmux", "-S", str(desk.home / "tmux.sock"), "detach-client", "-s", "work"]
    subprocess.run(detach, check=True)
    assert terminal.end() == 0
    assert json.loads(desk.yesman("session", "show", "work", "--json").stdout)["attached"] is False
