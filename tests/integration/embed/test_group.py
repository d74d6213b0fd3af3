"""Another Click program with plugins: a real process on a real terminal, a server and home of its own."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest
from hosted.desk import desk_of

from yesman.package import remove_tree

PROGRAM = """
import click
from yesman.embed import PluginGroup

@click.group(cls=PluginGroup, plugins_dir="~/.{name}/plugins")
@click.pass_context
def program(ctx):
    ctx.obj = "the program's own"

@program.command()
@click.pass_obj
def add(obj):
    "Add one."
    print("added by", obj)

program(prog_name="{name}")
"""
PLUGIN = """
import os, sys, time
from pathlib import Path
from yesman.plugins import CommandPlugin, PluginCommand

class Helper(CommandPlugin):
    def get_commands(self):
        return [PluginCommand(name, f"It does {name}.", getattr(self, name), options)
                for name, options in COMMANDS.items()]

    def add(self):
        return "added by the plugin"

    def repeat(self, text, count):
        print(text * count)

    def read(self, file):
        return Path(file).read_text()

    def leave(self, code):
        sys.exit(code)

    def fail(self):
        raise ValueError("not\\nlike this\\x1b[2J")

    def wait(self):
        try:
            print("waiting", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("cleaning up", flush=True)
            raise

COMMANDS = {
    "add": [],
    "repeat": [{"name": "--text", "required": True}, {"name": "--count", "type": int, "default": 2}],
    "read": [{"name": "--file", "required": True}],
    "leave": [{"name": "--code", "type": int}],
    "fail": [],
    "wait": [],
}
"""
COMMANDS = ("add", "repeat", "read", "leave", "fail", "wait")


@pytest.fixture(scope="module")
def user():
    """A user's home, with a short path because sockets lie below it."""
    folder = Path(tempfile.mkdtemp(prefix="yme", dir="/tmp")).resolve()
    yield folder
    remove_tree(folder)


def program_of(user, name):
    file = user / f"{name}.py"
    file.write_text(PROGRAM.format(name=name))
    return desk_of(user, [sys.executable, str(file)], user / f".{name}")


@pytest.fixture(scope="module")
def notes(user):
    """The program ``notes``, with the plugin ``helper``."""
    with program_of(user, "notes") as desk:
        desk.environ["YESMAN_HOME"] = str(user / "yesman's own")
        papers = f"permissions: ['filesystem.read:{user}/papers']\n"
        (user / "papers").mkdir()
        (user / "papers" / "list").write_text("milk")
        folder = desk.plugin("helper", PLUGIN, papers, COMMANDS)
        desk.yesman("plugin", "install", str(folder), "--yes")
        yield desk


@pytest.fixture
def idle(notes):
    """The same, with nothing running."""
    if notes.server_pids():
        notes.kill_server()
    yield notes
    assert notes.server_pids() == [], "something was started"


def test_help_lists_the_commands_of_plugins_and_starts_nothing(idle):
    own, _, others = idle.yesman("--help").stdout.partition("Plugin commands:")
    assert re.findall(r"^  (\S+)  ", own.partition("Commands:")[2], re.MULTILINE) == ["add", "plugin"]
    listed = dict(re.findall(r"^  (\S+)  +(.*)$", others, re.MULTILINE))
    assert set(listed) == {"helper:add", *COMMANDS} - {"add"}
    assert listed["repeat"] == "It does repeat."


def test_help_of_one_names_the_plugin_and_this_program(idle):
    text = idle.yesman("repeat", "--help").stdout
    assert "A command of the plugin helper." in text
    assert "[default: 2]" in text
    assert "notes repeat --text TEXT" in text


@pytest.mark.parametrize(
    ("typed", "found"),
    [("rep", {"repeat"}), ("repeat --c", {"--count"}), ("plugin gra", {"grant"}), ("ad", {"add"})],
)
def test_completion_starts_nothing(idle, typed, found):
    words = ["notes", *typed.split()]
    asked = {"COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    said = idle.yesman(_NOTES_COMPLETE="bash_complete", **asked).stdout
    assert set(re.findall(r"^plain,(.*)$", said, re.MULTILINE)) == found


@pytest.mark.parametrize("wrong", [["--text", "x", "--count", "many"], [], ["--text", "x", "extra"]])
def test_wrong_options_are_refused_before_anything_starts(idle, wrong):
    said = idle.yesman("repeat", *wrong, code=2).stderr
    assert "Try 'notes repeat --help' for help." in said


def test_a_command_runs_with_its_options(notes):
    assert notes.yesman("repeat", "--text", "ab", "--count", "3").stdout == "ababab\n"


def test_it_runs_in_the_sandbox(notes):
    outside = Path(notes.environ["HOME"]) / "secret"
    outside.write_text("the program itself may read this")
    said = notes.yesman("read", "--file", str(outside), code=3)
    assert said.stdout == ""
    assert said.stderr.startswith("Error: plugin 'helper' ")
    assert notes.yesman("read", "--file", f"{outside.parent}/papers/list").stdout == "milk\n"


def test_a_missing_permission_is_told_with_what_this_programs_user_types(notes, user):
    wanted = f"filesystem.read:{user}/papers"
    notes.yesman("plugin", "revoke", "helper", wanted)
    said = notes.yesman("read", "--file", f"{user}/papers/list", code=3).stderr
    assert said.startswith("Error: ")
    command = said.rpartition("To allow it: notes ")[2].split()
    assert command[:3] == ["plugin", "grant", "helper"]
    notes.yesman("plugin", "grant", "helper", wanted)
    assert notes.yesman("read", "--file", f"{user}/papers/list").stdout == "milk\n"


def test_exit_codes_are_the_plugins(notes):
    left = notes.yesman("leave", "--code", "7", code=7)
    assert (left.stdout, left.stderr) == ("", "")


def test_a_failure_is_one_harmless_line(notes):
    said = notes.yesman("fail", code=1).stderr
    assert re.fullmatch(
        r"Error: plugin 'helper': ValueError: not like this\\x1b\[2J \(src/main\.py:\d+\)\.\n", said
    )


def test_ctrl_c_reaches_the_plugin(notes):
    terminal = notes.terminal("wait")
    terminal.read_until("waiting")
    terminal.type("\x03")
    terminal.read_until("cleaning up")
    assert terminal.end() == 130


def test_the_programs_own_commands_stay_what_they_are(notes):
    assert notes.yesman("add").stdout == "added by the program's own\n"
    assert notes.yesman("helper:add").stdout == "added by the plugin\n"


def test_the_example_of_installing_names_this_program(notes):
    assert "    notes plugin install ./my-plugin\n" in notes.yesman("plugin", "install", "--help").stdout
    assert "Did you mean 'show'?" in notes.yesman("plugin", "shw", code=2).stderr


def test_two_programs_do_not_meet(notes, user):
    with program_of(user, "tasks") as tasks:
        folder = tasks.plugin("other", PLUGIN.replace("It does", "Otherwise"), commands=("wait", "leave"))
        tasks.yesman("plugin", "install", str(folder))
        assert "repeat" not in tasks.yesman("--help").stdout
        assert "Otherwise" not in notes.yesman("--help").stdout
        assert "No such command 'repeat'" in tasks.yesman("repeat", code=2).stderr
        assert "unknown installed plugin" in tasks.yesman("plugin", "disable", "helper", code=5).stderr
        tasks.yesman("leave", "--code", "3", code=3)
        assert tasks.server_pids() != notes.server_pids()


def test_the_users_own_yesman_is_not_touched(notes, user):
    notes.yesman("repeat", "--text", "x")
    assert not (user / "yesman's own").exists()
    assert not (user / ".yesman").exists()


def test_what_was_recorded_wrongly_is_one_sentence_as_well(idle):
    index = idle.home / "commands.index"
    sound = index.read_bytes()
    index.write_bytes(sound.replace(b'"options": [', b'"optionz": ['))
    try:
        assert "What yesman recorded of the command" in idle.yesman("repeat", code=4).stderr
        assert idle.yesman("add").returncode == 0
        assert "repeat" in idle.yesman("--help").stdout
    finally:
        index.write_bytes(sound)


def test_nothing_heavy_is_imported_for_help(idle):
    program = (
        "import runpy, sys; sys.argv = ['notes', '--help']\ntry: runpy.run_path({!r}, run_name='__main__')\n"
    )
    program += "except SystemExit: print(*sys.modules, file=sys.stderr)"
    idle.program = [sys.executable, "-c", program.format(str(idle.home.parent / "notes.py"))]
    modules = set(idle.yesman().stderr.split())
    assert "yesman.embed.group" in modules
    assert not modules & {"asyncio", "logging", "msgspec", "yaml", "subprocess", "yesman.server"}
