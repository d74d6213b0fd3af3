"""The list of commands, and the tables it is made of."""

import click
import pytest

from yesman.cli import catalogue
from yesman.cli.group import root
from yesman.cli.invocation import Invocation
from yesman.cli.overview import overview
from yesman.host.index import compile_index
from yesman.model.home import Home

GROUPS = [
    catalogue.ROOT,
    catalogue.PLUGIN,
    catalogue.KEYS,
    catalogue.SESSION,
    catalogue.AGENT,
    catalogue.SERVER,
]
ENTRIES = [(name, entry) for entries in GROUPS for name, entry in entries.items()]


def describe(name: str, text: str) -> tuple[str, str, dict[str, object]]:
    return name, "plug", {"name": name, "description": text, "options": []}


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=lambda value: str(value)[:12])
def test_the_tables_say_what_the_commands_say(name, entry):
    module, _, attribute = entry.target.partition(":")
    command = getattr(__import__(module, fromlist=["x"]), attribute)
    assert isinstance(command, click.Command)
    assert (command.name, command.get_short_help_str(200)) == (name, entry.help)


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=lambda value: str(value)[:12])
def test_every_command_shows_an_example(name, entry):
    module, _, attribute = entry.target.partition(":")
    command = getattr(__import__(module, fromlist=["x"]), attribute)
    assert "Example:\n    yesman " in command.get_help(click.Context(command, info_name=name))


def test_the_options_that_are_listed_are_those_that_exist():
    listed = {word for text in catalogue.OPTIONS for word in text.replace(",", "").split() if word[0] == "-"}
    exist = {option for parameter in root.params for option in parameter.opts}
    assert listed == exist | {"-h", "--help"}


def test_commands_of_plugins_come_last(home):
    (home / "commands.index").write_bytes(compile_index([describe("hello", "Says hello.")], "1"))
    assert "\nPlugin commands:\n  hello  Says hello.\n" in overview(Home(home), 80)
    assert "Plugin commands" in root.get_help(click.Context(root, obj=Invocation({"YESMAN_HOME": str(home)})))


def test_without_plugins_there_is_no_empty_list(home):
    assert "Plugin commands" not in overview(Home(home), 80)


def test_nothing_is_wider_than_the_terminal(home):
    (home / "commands.index").write_bytes(compile_index([describe("c" * 40, "long " * 30)], "1"))
    lines = overview(Home(home), 60).split("\n")
    assert max(map(len, lines[4:])) <= 60
    assert any(line.endswith("…") for line in lines)


def test_what_a_plugin_says_cannot_change_the_list(home):
    (home / "commands.index").write_bytes(compile_index([describe("x", "\x1b[2Jhidden\u202e")], "1"))
    assert "  x  \\x1b[2Jhidden\\u202e\n" in overview(Home(home), 80)


def test_a_thousand_commands_are_all_there(home):
    many = [describe(f"command-{number}", "One of many.") for number in range(1000)]
    (home / "commands.index").write_bytes(compile_index(many, "1"))
    assert overview(Home(home), 80).count("One of many.") == 1000
