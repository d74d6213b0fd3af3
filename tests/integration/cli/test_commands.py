"""A plugin's command behaves like a local one."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def test_output_is_shown_and_errors_go_to_stderr(talker):
    ran = talker.yesman("say", "--text", "out\\n")
    assert (ran.stdout, ran.stderr) == ("out\n", "")
    ran = talker.yesman("say", "--err", "--text", "err\\n")
    assert (ran.stdout, ran.stderr) == ("", "err\n")


def test_output_streams_as_it_is_printed(talker):
    with talker.start("echo") as running:
        for word in ("one", "two"):
            running.stdin.write(f"{word}\n")
            running.stdin.flush()
            assert running.stdout.readline() == f"got {word}\n"
        running.stdin.close()
        assert running.wait() == 0


def test_stdin_is_left_alone_by_a_command_that_does_not_read(talker):
    shell = 'printf "kept" | { "$@" >/dev/null; cat; }'
    command = ["sh", "-c", shell, "sh", sys.executable, "-m", "yesman", "both"]
    ran = subprocess.run(command, env=talker.environ, cwd="/", capture_output=True, text=True, check=True)
    assert ran.stdout == "kept"


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("data", "success:  yes\nname:     José\\x1b[2J\\x7f\n"),
        ("rows", "name  n\na     1\nb     2\n"),
        ("text", "two\nlines\\x1b[8m\n"),
        ("nothing", ""),
    ],
)
def test_what_is_returned_is_shown_when_nothing_was_printed(talker, what, shown):
    assert talker.yesman("give", "--what", what).stdout == shown


def test_json_is_the_value_and_nothing_else(talker):
    ran = talker.yesman("both", "--json")
    assert (ran.stdout, ran.stderr) == ('{"returned": 1}\n', "printed\n")
    assert talker.yesman("both").stdout == "printed\n"
    hostile = talker.yesman("give", "--what", "data", "--json").stdout
    assert hostile.isascii()
    assert hostile.rstrip("\n").isprintable()
    assert json.loads(hostile)["name"] == "José\x1b[2J\x7f"


def test_what_is_no_json_is_refused(talker):
    ran = talker.yesman("give", "--what", "nan", "--json", code=1)
    assert (ran.stdout, ran.stderr.count("\n")) == ("", 1)


@pytest.mark.parametrize("code", [0, 1, 7, 255])
def test_the_exit_code_is_the_handlers(talker, code):
    ran = talker.yesman("leave", "--code", str(code), code=code)
    assert (ran.stdout, ran.stderr) == ("", "")


def test_an_exception_is_one_sentence(talker):
    ran = talker.yesman("fail", code=1)
    assert ran.stderr == "yesman: plugin 'talker': ValueError: not like this\\x1b[2J (src/main.py:52).\n"
    debug = talker.yesman("--debug", "fail", code=1).stderr
    assert "In the plugin:\nTraceback" in debug
    assert "\x1b" not in debug


def test_wrong_options_are_refused_without_a_server(talker):
    assert talker.yesman("leave", "--code", "many", code=2).stderr.count("\n") == 1
    assert "--text" in talker.yesman("say", code=2).stderr


@pytest.mark.escape("terminal")
def test_escapes_do_not_get_through(talker):
    ran = talker.yesman("say", "--text", "\\x1b]0;title\\x07\\x1b[31mred\\x1b[0m\\u202e\\rx\\n")
    assert ran.stdout == "\\x1b]0;title\\x07red\\u202e\\x0dx\n"


@pytest.mark.escape("terminal")
def test_colours_reach_a_terminal_and_end_there(talker):
    terminal = talker.terminal("say", "--text", "\\x1b[31mred\\x1b[2J")
    assert terminal.end() == 0
    assert terminal.shown == "\x1b[31mred\\x1b[2J\x1b[0m\r\n"
    terminal = talker.terminal("say", "--text", "\\x1b[31mred\\n", NO_COLOR="1")
    assert terminal.end() == 0
    assert terminal.shown == "red\r\n"


def test_the_handler_knows_its_terminal(talker):
    piped = json.loads(talker.yesman("terminal", "--json", COLUMNS="99").stdout)
    assert piped == {"in": False, "out": False, "size": [99, 24]}
    terminal = talker.terminal("terminal")
    assert terminal.end() == 0
    assert "size:  80, 24" in terminal.shown
    assert "in:    yes" in terminal.shown


def test_a_question_on_a_terminal(talker):
    terminal = talker.terminal("first")
    terminal.read_until("name? ")
    terminal.type("Ann\n")
    assert terminal.end() == 0
    assert "hello Ann" in terminal.shown


def test_ctrl_c_interrupts_the_handler(talker):
    terminal = talker.terminal("wait")
    terminal.read_until("waiting")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert terminal.shown == "waiting\r\n^Ccleaning up\r\n"


def test_ctrl_c_while_the_handler_reads(talker):
    terminal = talker.terminal("first")
    terminal.read_until("name? ")
    terminal.type("\x03")
    assert terminal.end() == 130


def test_a_handler_that_takes_its_time_is_waited_for(talker):
    terminal = talker.terminal("wait", "--stubborn", "--json")
    terminal.read_until("waiting")
    terminal.type("\x03")
    terminal.read_until("Press Ctrl-C again")
    assert terminal.end() == 0  # it coped and returned, as a local program may


def test_the_second_ctrl_c_leaves_at_once(talker):
    terminal = talker.terminal("wait", "--stubborn")
    terminal.read_until("waiting")
    terminal.type("\x03")
    terminal.read_until("cleaning up")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert talker.yesman("give", "--what", "text").returncode == 0


def test_sigint_without_a_terminal(talker):
    with talker.start("wait") as running:
        assert running.stdout.readline() == "waiting\n"
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        assert running.stderr.read() == ""


def test_a_reader_that_goes_away_ends_the_command(talker):
    with talker.start("pour") as running:
        assert running.stdout.readline() == "x" * 100 + "\n"
        running.stdout.close()
        assert running.wait() == 141
        assert running.stderr.read() == ""
    assert talker.yesman("both").stdout == "printed\n"


def test_a_full_disk_is_one_sentence(talker):
    with Path("/dev/full").open("w") as full, talker.start("both", stdout=full) as running:
        assert running.stderr.read().endswith("The output cannot be written: No space left on device.\n")
        assert running.wait() == 1


def test_the_server_dying_meanwhile_is_one_sentence(talker):
    with talker.start("wait") as running:
        assert running.stdout.readline() == "waiting\n"
        talker.kill_server()
        assert running.wait() == 1
        assert running.stderr.read().startswith("yesman: The server ended while it ran 'wait'. Try again")
    assert talker.yesman("both").stdout == "printed\n"


def test_help_needs_no_server(talker):
    talker.yesman("server", "stop")
    assert "-text" in talker.yesman("say", "--help").stdout
    assert "Plugin commands:\n" in talker.yesman("--help").stdout
    assert talker.yesman("server", "status", code=1).stdout == "The server is not running.\n"
    assert talker.server_pids() == []
