"""Starting, finding, replacing and losing the server."""

import json
import os
import signal
import socket
import threading
from contextlib import contextmanager

import pytest

from yesman import __version__
from yesman.package import remove_tree
from yesman.wire.frames import PROTOCOL_VERSION, Kind, pack


def test_it_starts_by_itself_and_stops(desk):
    assert json.loads(desk.yesman("server", "status", "--json", code=1).stdout) == {"running": False}
    assert desk.yesman("plugin", "list").stderr.startswith("No plugins are installed")
    status = json.loads(desk.yesman("server", "status", "--json").stdout)
    assert (status["running"], status["version"], [status["pid"]]) == (True, __version__, desk.server_pids())
    assert desk.yesman("server", "stop").stdout == f"The server (process {status['pid']}) has stopped.\n"
    assert desk.server_pids() == []
    assert not (desk.home / "server.sock").exists()
    assert desk.yesman("server", "stop").stdout == "The server is not running.\n"


def test_start_says_what_it_found(desk):
    pid = desk.yesman("server", "start").stdout.split()[-1]
    assert desk.yesman("server", "start").stdout == f"The server already runs as process {pid}\n"


def test_command_lines_that_race_get_one_server(desk, until):
    running = [desk.start("plugin", "list", "--json") for _ in range(6)]
    answers = [(*each.communicate(), each.returncode) for each in running]
    assert answers == [("[]\n", "", 0)] * 6
    assert until(lambda: len(desk.server_pids()) == 1)  # a loser may be on its way out still


def test_the_server_survives_its_command_line(desk):
    terminal = desk.terminal("session", "ls")
    assert terminal.end() == 0
    terminal.close()
    pids = desk.server_pids()
    assert desk.yesman("session", "ls").returncode == 0
    assert desk.server_pids() == pids


def test_after_a_kill_the_next_command_works(desk):
    desk.yesman("server", "start")
    desk.kill_server()
    assert (desk.home / "server.sock").exists()
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"


def test_the_state_folder_is_the_users_alone(desk):
    remove_tree(desk.home)
    desk.yesman("server", "start")
    assert (desk.home.stat().st_mode & 0o777, (desk.home / "logs").stat().st_mode & 0o777) == (0o700, 0o700)


@pytest.mark.parametrize("home", ["/dev/null/yesman", "/proc/yesman"])
def test_a_folder_that_cannot_be_is_one_sentence(desk, home):
    error = desk.yesman("plugin", "list", code=1, YESMAN_HOME=home).stderr
    assert error.count("\n") == 1
    assert home in error
    assert "YESMAN_HOME" in error


def test_a_path_too_long_for_a_socket_is_one_sentence(desk):
    error = desk.yesman("plugin", "list", code=1, YESMAN_HOME="/tmp/" + "x" * 110).stderr
    assert "107 bytes" in error
    assert error.count("\n") == 1


def test_a_home_of_nobody_is_one_sentence(desk):
    assert "names no folder" in desk.yesman("--help", code=2, YESMAN_HOME="~nobody-at-all/x").stderr


def test_a_server_that_breaks_at_once_says_why(desk):
    (desk.home / "sitecustomize.py").write_text(
        "import sys\nif 'yesman.server' in sys.orig_argv: sys.exit('broken by the test')\n"
    )
    error = desk.yesman("plugin", "list", code=1, PYTHONPATH=str(desk.home)).stderr
    assert error.startswith("yesman: The server ended while it was starting: ")
    assert "broken by the test. See " in error


def test_a_reason_given_by_the_server_is_passed_on(desk):
    (desk.home / "server.sock").mkdir()
    error = desk.yesman("plugin", "list", code=1).stderr
    assert error.startswith("yesman: ")
    assert error.count("\n") == 1


@contextmanager
def old_server(desk, version="0.10.0"):
    """A server of another version, as a process of its own would be: here a thread answers."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(desk.home / "server.sock"))
    listener.listen()

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(
                    pack(Kind.HELLO, 0, {"protocol": PROTOCOL_VERSION, "version": version, "pid": 1})
                )
                connection.recv(1000)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_another_version_is_said_so(desk):
    with old_server(desk):
        error = desk.yesman("plugin", "list", code=2).stderr
    assert f"The running server is yesman 0.10.0, this command is yesman {__version__}" in error
    assert "yesman server stop" in error


def test_another_version_is_restarted_when_the_user_says_so(desk):
    old = desk.start_server_of_version("0.10.0")
    terminal = desk.terminal("plugin", "list")
    terminal.read_until("Restart it now? [y/N] ")
    terminal.type_until("y\n", "No plugins are installed")
    assert terminal.end() == 0
    assert desk.server_pids() != [old]
    assert json.loads(desk.yesman("server", "status", "--json").stdout)["version"] == __version__


def test_no_is_the_answer_when_the_user_just_presses_enter(desk):
    old = desk.start_server_of_version("0.10.0")
    terminal = desk.terminal("plugin", "list")
    terminal.read_until("Restart it now? [y/N] ")
    terminal.type_until("\n", "yesman server stop")
    assert terminal.end() == 2
    assert desk.server_pids() == [old]


def test_a_server_of_another_version_can_be_stopped(desk):
    desk.start_server_of_version("0.10.0")
    desk.yesman("server", "stop")
    assert desk.server_pids() == []


def test_a_server_that_hangs_is_said_so(desk):
    desk.yesman("server", "start")
    (pid,) = desk.server_pids()
    os.kill(pid, signal.SIGSTOP)
    try:
        error = desk.yesman("plugin", "list", code=1).stderr
    finally:
        os.kill(pid, signal.SIGCONT)
    assert f"The server (process {pid}) has not answered" in error
    assert f"kill -9 {pid}" in error


def test_another_tmux_socket_than_the_servers_is_refused(desk):
    desk.yesman("server", "start", "--tmux-socket", str(desk.home / "mine.sock"))
    assert desk.yesman("--tmux-socket", str(desk.home / "mine.sock"), "plugin", "list").returncode == 0
    error = desk.yesman("--tmux-socket", str(desk.home / "other.sock"), "plugin", "list", code=2).stderr
    assert "mine.sock" in error
    assert "yesman server stop" in error


def test_in_the_foreground_it_ends_with_ctrl_c(desk, until):
    with desk.start("server", "start", "--foreground") as running:
        until(lambda: desk.yesman("server", "status", code=None).returncode == 0)
        assert desk.server_pids() == [running.pid]
        running.send_signal(signal.SIGINT)
        assert running.wait() == 0


@pytest.mark.parametrize("mode", [0o777, 0o770])
@pytest.mark.escape("files")
def test_a_home_that_others_may_write_is_refused(desk, mode):
    desk.home.chmod(mode)
    assert "may be written by, others" in desk.yesman("plugin", "list", code=1).stderr
    desk.home.chmod(0o755)
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"
