"""A plugin's command, as Click sees it."""

import click
import pytest

from yesman.cli import command
from yesman.plugins import PluginCommand

EVERYTHING = [
    {"name": "--title", "short": "-t", "required": True, "help": "What it is called."},
    {"name": "--count", "type": int, "default": 3},
    {"name": "--ratio", "type": float},
    {"name": "--strict", "type": bool, "default": True},
    {"name": "--dry-run", "is_flag": True},
    {"name": "--label", "multiple": True},
]


def detail(options=EVERYTHING, description="Does it.") -> dict[str, object]:
    described = PluginCommand("do-it", description, lambda **_: None, list(options)).describe()
    return {"plugin": "doer", **described}


def parse(*arguments: str, name="do-it") -> dict[str, object]:
    return command.build(name, detail()).make_context(name, list(arguments)).params


def test_options_arrive_under_the_handlers_names():
    assert parse("--title", "T", "--dry-run", "--label", "a", "--label", "b", "--strict", "no") == {
        "title": "T",
        "count": 3,
        "ratio": None,
        "strict": False,
        "dry_run": True,
        "label": ("a", "b"),
        command.JSON: False,
        command.SESSION: None,
    }


def test_every_command_has_json_and_session():
    parsed = parse("-t", "T", "--json", "--session", "work")
    assert (parsed[command.JSON], parsed[command.SESSION]) == (True, "work")


@pytest.mark.parametrize("wrong", [["--count", "x"], ["--ratio", "x"], ["--strict", "maybe"], ["extra"], []])
def test_wrong_options_need_no_plugin(wrong):
    with pytest.raises(click.UsageError):
        parse(*(["-t", "T", *wrong] if wrong else []))


@pytest.mark.parametrize("name", ["--title", "--dry-run", "--A-b_C", "x"])
def test_names_of_parameters_are_the_author_apis(name):
    assert command.parameter_name(name) == PluginCommand.parameter_name(name)


def test_help_shows_options_defaults_and_an_example():
    built = command.build("doer:do-it", detail())
    text = built.get_help(click.Context(built, info_name="doer:do-it"))
    assert "-t, --title TEXT" in text
    assert "[default: 3]" in text
    assert "()" not in text, "an option without a default shows none"
    assert "Example:\n    yesman doer:do-it --title TITLE" in text
    assert "A command of the plugin doer." in text


def test_help_is_harmless():
    hostile = [{"name": "--x", "help": "\x1b[2J\x08", "default": "\u202edefault"}]
    built = command.build("do-it", detail(hostile, "\x1b]0;title\x07"))
    text = built.get_help(click.Context(built, info_name="do-it"))
    assert not set(text) & {"\x1b", "\x08", "\x07", "\u202e"}


def test_the_same_as_the_authors_own_click_command():
    own = PluginCommand("do-it", "Does it.", lambda **values: values, EVERYTHING).to_click_command()
    arguments = ["-t", "T", "--count", "4", "--label", "x"]
    ours = parse(*arguments)
    theirs = own.make_context("do-it", list(arguments)).params
    assert {key: value for key, value in ours.items() if key[0] != "_"} == theirs
