"""What an option may say, and what is refused with which sentence."""

from __future__ import annotations

import json

import pytest

from yesman.plugins import PluginCommand, parameter_name


def handler(**values: object) -> object:
    return values


def described(*options: dict) -> list[dict]:
    return PluginCommand("cmd", "Does it.", handler, list(options)).describe()["options"]


def test_a_bare_name_becomes_a_complete_option():
    assert described({"name": "title"}) == [
        {
            "name": "--title",
            "short": None,
            "type": "str",
            "default": None,
            "required": False,
            "multiple": False,
            "is_flag": False,
            "help": "",
        }
    ]


def test_everything_an_option_says_survives():
    option = {
        "name": "--limit",
        "short": "-l",
        "type": "int",
        "default": [1, 2],
        "required": True,
        "multiple": True,
        "is_flag": False,
        "help": "How many.",
    }
    assert described(option) == [option]


def test_describing_is_json_data_and_normalising_twice_changes_nothing():
    options = [{"name": "--ratio", "type": float, "default": 1}, {"name": "--dry-run", "is_flag": True}]
    once = described(*options)
    assert json.loads(json.dumps(once)) == once
    assert described(*once) == once
    assert options[0] == {"name": "--ratio", "type": float, "default": 1}


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ({"type": int}, "int"),
        ({"type": "float"}, "float"),
        ({"default": 3}, "int"),
        ({"default": 0.5}, "float"),
        ({"default": True}, "bool"),
        ({"default": [1, 2], "multiple": True}, "int"),
        ({"default": [], "multiple": True}, "str"),
        ({"is_flag": True}, "bool"),
        ({"default": "main"}, "str"),
    ],
)
def test_the_type_is_named_or_follows_the_default(option, kind):
    assert described({"name": "--x", **option})[0]["type"] == kind


def test_a_flag_is_off_unless_it_says_otherwise():
    assert described({"name": "--x", "is_flag": True})[0]["default"] is False
    assert described({"name": "--x", "is_flag": True, "default": True})[0]["default"] is True


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"name": "--x", "requird": True}, "unknown key 'requird'; did you mean 'required'"),
        ({"name": "--x", "nargs": 2}, "unknown key 'nargs'"),
        ({}, "the name must look like"),
        ({"name": 3}, "the name must look like"),
        ({"name": "-x"}, "the name must look like"),
        ({"name": "--a/--no-a"}, "the name must look like"),
        ({"name": "--x\n"}, "the name must look like"),
        ({"name": "a" * 65}, "the name must look like"),
        ({"name": "--json"}, "clashes with --json"),
        ({"name": "session"}, "clashes with --session"),
        ({"name": "--help"}, "clashes with --help"),
        ({"name": "--x", "short": "-h"}, "clashes with -h"),
        ({"name": "--x", "short": "--y"}, "must look like '-t'"),
        ({"name": "--x", "type": "path"}, "'type' must be one of str, int, float, bool"),
        ({"name": "--x", "type": list}, "'type' must be one of"),
        ({"name": "--x", "required": "yes"}, "'required' must be True or False"),
        ({"name": "--x", "help": 3}, "'help' must be text"),
        ({"name": "--x", "is_flag": True, "type": str}, "a flag has type bool"),
        ({"name": "--x", "is_flag": True, "multiple": True}, "cannot be a flag and multiple"),
        ({"name": "--x", "type": int, "default": "3"}, "default must be of type int"),
        ({"name": "--x", "type": int, "default": True}, "default must be of type int"),
        ({"name": "--x", "default": object()}, "default must be of type str"),
        ({"name": "--x", "default": float("nan")}, "finite"),
        ({"name": "--x", "multiple": True, "default": "a"}, "default must be a list"),
    ],
)
def test_an_unusable_option_is_refused_in_one_sentence(option, sentence):
    with pytest.raises(ValueError, match=f"^command 'cmd': option .*{sentence}"):
        described(option)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ({"name": "--title"}, {"name": "title"}, "title"),
        ({"name": "--dry-run"}, {"name": "--dry_run"}, "dry_run"),
        ({"name": "--title", "short": "-t"}, {"name": "--text", "short": "t"}, "-t"),
    ],
)
def test_two_options_may_not_share_a_spelling(one, other, shared):
    with pytest.raises(ValueError, match=f"share '{shared}'"):
        described(one, other)


def test_the_handler_receives_the_name_as_a_parameter():
    assert parameter_name("--dry-run") == "dry_run"
    assert PluginCommand.parameter_name({"name": "--Title"}) == "title"
