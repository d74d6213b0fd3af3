"""``yesman plugin dev``: what an author sees while they write, on a terminal and as JSON."""

from __future__ import annotations

import json
import signal

import pytest

MAIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "greets", self.hello, [{"name": "--to", "default": "you"}])]

    async def hello(self, to):
        self.logger.warning("greeting %s", to)
        BODY
"""
READS = "permissions: [filesystem.read]\n"


def source(body):
    return MAIN.replace("BODY", body)


class Author:
    """Somebody who writes a plugin called hello."""

    def __init__(self, desk):
        self._desk = desk
        self.folder = self.write("print('one', to)")

    def write(self, body, manifest=""):
        return self._desk.plugin("hello", source(body), manifest, ("hello",))

    def rewrite(self, body):
        (self.folder / "src/main.py").write_text(source(body))

    def dev(self, *options):
        terminal = self._desk.terminal("plugin", "dev", str(self.folder), *options)
        terminal.read_until("Watching")
        terminal.read_until("reloaded")
        return terminal


@pytest.fixture
def author(desk):
    return Author(desk)


def test_a_change_is_taken_over_at_once(desk, author):
    terminal = author.dev()
    assert desk.yesman("hello").stdout == "one you\n"
    terminal.shown = ""
    author.rewrite("print('two', to)")
    terminal.read_until("reloaded")
    assert desk.yesman("hello").stdout == "two you\n"


def test_calls_and_the_log_are_shown_as_they_happen(desk, author):
    terminal = author.dev()
    desk.yesman("hello", "--to", "Ann")
    terminal.read_until("greeting Ann")
    shown = terminal.read_until("command")
    assert "warning" in shown


def test_what_does_not_take_over_is_said_with_why(desk, author):
    terminal = author.dev()
    author.rewrite("raise Oh no(")
    terminal.read_until("src/main.py:10 is not valid Python")
    terminal.read_until("the code before goes on")
    ran = desk.yesman("hello")
    assert ran.stdout == "one you\n"
    assert "the version before answers" in ran.stderr


def test_why_it_does_not_take_over_is_told_in_one_line_of_ours(desk, author):
    desk.yesman("plugin", "install", "--link", str(author.folder))
    desk.yesman("hello")
    author.rewrite('pass\nraise ValueError("no\\nyesman: type your password\\x1b[2K")')
    ran = desk.yesman("hello")
    assert ran.stdout == "one you\n"
    (line,) = ran.stderr.splitlines()
    assert "the version before answers" in line
    assert "\x1b" not in line


def test_a_new_option_can_be_used_at_once(desk, author):
    terminal = author.dev()
    main = author.folder / "src/main.py"
    terminal.shown = ""
    main.write_text(
        main.read_text()
        .replace("--to", "--whom")
        .replace("hello(self, to)", "hello(self, whom)")
        .replace("to)", "whom)")
    )
    terminal.read_until("reloaded")
    assert desk.yesman("hello", "--whom", "Ann").stdout == "one Ann\n"


def test_a_permission_that_was_added_is_asked_for(desk, author):
    terminal = author.dev()
    author.write(
        "print(open('/etc/hostname').read() and 'read')", "permissions: ['filesystem.read:/etc/hostname']\n"
    )
    terminal.read_until("Grant these permissions?")
    terminal.type_until("y\n", "are taken over")
    terminal.shown = ""
    assert desk.yesman("hello").stdout == "read\n"


def test_a_refused_permission_that_it_asks_for_is_offered(desk, author):
    author.write(
        "print(open('/etc/hostname').read() and 'read')", "permissions: ['filesystem.read:/etc/hostname']\n"
    )
    terminal = author.dev("--yes")
    desk.yesman("plugin", "revoke", "hello", "--all")
    desk.yesman("hello", code=3)
    terminal.read_until("was refused filesystem.read:/etc/hostname, which it asks for.")
    terminal.read_until("Grant these permissions?")
    terminal.shown = ""
    terminal.type_until("y\n", "reloaded")
    assert desk.yesman("hello").stdout == "read\n"


def test_a_manifest_that_makes_no_sense_changes_nothing(desk, author):
    terminal = author.dev()
    manifest = author.folder / "plugin.yaml"
    manifest.write_text(manifest.read_text() + "permissons: []\n")
    terminal.read_until("did you mean 'permissions'")
    terminal.read_until("goes on as it was")
    assert desk.yesman("hello").stdout == "one you\n"


def test_ctrl_c_ends_it_and_leaves_the_plugin_linked(desk, author):
    terminal = author.dev()
    terminal.type("\x03")
    assert terminal.end() == 130
    assert desk.yesman("hello").stdout == "one you\n"


def test_for_programs_each_thing_is_a_json_object(desk, author):
    with desk.start("plugin", "dev", "--yes", "--json", str(author.folder)) as running:
        first = json.loads(running.stdout.readline())
        assert (first["kind"], first["what"], first["state"]) == ("reloaded", "hello", False)
        desk.yesman("hello")
        notes = [json.loads(running.stdout.readline()) for _ in range(2)]
        assert [note["kind"] for note in notes] == ["log", "call"]
        running.send_signal(signal.SIGINT)
    assert running.returncode == 130


def test_what_a_plugin_logs_cannot_imitate_the_rest(desk, author):
    terminal = author.dev()
    author.rewrite("self.logger.warning('x\\\\n\\\\x1b[2K00:00:00.000 reloaded  \\\\u202eevil')")
    terminal.read_until("reloaded")
    desk.yesman("hello")
    shown = terminal.read_until("command")
    assert "\x1b[2K" not in shown
    assert "\u202e" not in shown


def test_breakpoint_stops_in_the_terminal_that_runs_the_command(desk, author):
    author.write("answer = 41\n        breakpoint()\n        print('the answer is', answer)")
    author.dev()
    terminal = desk.terminal("hello")
    assert "-> print('the answer is', answer)" in terminal.read_until("(Pdb)")
    terminal.type("answer = 42\n")
    terminal.type("continue\n")
    terminal.read_until("the answer is 42")
    assert terminal.end() == 0


def test_a_plugin_that_is_no_folder_here_is_not_watched(desk, author):
    ran = desk.yesman("plugin", "dev", str(author.folder / "nowhere"), code=5)
    assert "nowhere" in ran.stderr
