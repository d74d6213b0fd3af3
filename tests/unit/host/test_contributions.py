"""What is declared is compared with what is delivered; names that two want are told apart."""

from __future__ import annotations

import pytest

from yesman.host.contributions import (
    MAX_TEXT,
    compare,
    declared_data,
    declared_only,
    typed_names,
)
from yesman.model.errors import AuthorError
from yesman.runtime.contributed import Contributed

OPTION = {
    "name": "--x",
    "short": None,
    "type": "int",
    "default": 1,
    "required": False,
    "multiple": False,
    "is_flag": False,
    "help": "",
}


@pytest.fixture
def declared(manifest):
    provides = [
        {"commands": [{"name": "b"}, {"name": "a", "description": "does a", "handler": "run_a"}]},
        {"hooks": [{"name": "session.created", "handler": "on_created"}]},
        {"providers": [{"name": "github", "interface": "IVersionControlProvider"}]},
    ]
    return manifest(provides=provides)


def test_what_agrees_is_kept_without_a_word(declared, command):
    made = Contributed(
        (command("a") | {"options": [OPTION]}, command("b")), ("session.created",), ("github",)
    )
    compared = compare(declared, made)
    assert compared.warnings == ()
    assert [row["name"] for row in compared.commands] == ["a", "b"]
    assert compared.commands[0]["options"] == (OPTION,) or compared.commands[0]["options"] == [OPTION]
    assert (compared.hooks, compared.providers) == (("session.created",), ("github",))


def test_each_difference_is_one_warning(declared, command):
    compared = compare(declared, Contributed((command("a"), command("c")), ("session.closed",), ()))
    assert compared.warnings == (
        "command 'b' is declared but the plugin does not provide it",
        "command 'c' is provided but not declared in plugin.yaml, so it is ignored",
        "hook 'session.created' is declared but the plugin does not provide it",
        "hook 'session.closed' is provided but not declared in plugin.yaml, so it is ignored",
        "provider 'github' is declared but the plugin does not provide it",
    )
    assert [row["name"] for row in compared.commands] == ["a"]
    assert (compared.hooks, compared.providers) == ((), ())


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"name": "a"},
        {"name": 1, "description": "", "options": []},
        {"name": "a", "description": "", "options": [], "more": 1},
        {"name": "a", "description": "", "options": [{"name": "--x"}, 3]},
        {"name": "a", "description": "", "options": {}},
    ],
)
def test_a_command_of_another_form_is_refused(declared, made):
    with pytest.raises(AuthorError, match="describes a command wrongly"):
        compare(declared, Contributed((made,), (), ()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "--x\x1b[2J"},
        {"name": "--" + "x" * 70},
        {"name": "--json"},
        {"name": "--help"},
        {"name": "--session"},
        {"short": "-h"},
        {"short": "--json"},
        {"short": "-\x1b]0;title\x07"},
        {"type": "path"},
        {"default": "1"},
        {"default": [1]},
        {"multiple": True},
        {"type": "str", "default": "\x1b[2J"},
        {"type": "str", "default": "x" * (MAX_TEXT + 1)},
        {"help": "\x1b]0;title\x07"},
        {"help": "\u202e"},
    ],
)
def test_an_option_that_the_author_api_would_not_make_is_refused(declared, command, wrong):
    made = command("a") | {"options": [OPTION | wrong]}
    with pytest.raises(AuthorError) as caught:
        compare(declared, Contributed((made,), (), ()))
    assert caught.value.message.isprintable()


def test_an_option_is_kept_in_the_form_that_the_author_api_makes(declared, command):
    made = command("a") | {"options": [OPTION | {"name": "x", "short": "y"}]}
    (kept,) = compare(declared, Contributed((made,), (), ())).commands
    assert list(kept["options"]) == [OPTION | {"short": "-y"}]


def test_a_description_with_control_characters_is_refused(declared, command):
    with pytest.raises(AuthorError, match="control"):
        compare(declared, Contributed((command("a", "\x1b[2J"),), (), ()))
    assert compare(declared, Contributed((command("a", "two\nlines"),), (), ())).commands


def test_endless_texts_are_refused(declared, command):
    with pytest.raises(AuthorError, match="longer than"):
        compare(declared, Contributed((command("a", "x" * (MAX_TEXT + 1)),), (), ()))


def test_the_worker_is_told_handlers_and_the_index_names(declared):
    assert declared_data(declared)["hooks"][0]["handler"] == "on_created"
    assert [row["name"] for row in declared_only(declared)] == ["b", "a"]
    assert all(row["options"] == [] for row in declared_only(declared))


def names(rows):
    return {name: (plugin, command["name"]) for name, plugin, command in rows}


def test_the_first_to_be_installed_keeps_the_name(record, command):
    records = {
        "second": record(commands=(command("x"), command("y"))),
        "first": record(commands=(command("x"),)),
    }
    assert names(typed_names(records)) == {
        "x": ("second", "x"),
        "y": ("second", "y"),
        "first:x": ("first", "x"),
    }


def test_a_disabled_plugin_takes_no_name(record, command):
    records = {
        "off": record(commands=(command("x"),), enabled=False),
        "on": record(commands=(command("x"),)),
    }
    assert names(typed_names(records)) == {"x": ("on", "x")}


def test_names_are_listed_in_order(record, command):
    records = {"p": record(commands=tuple(command(name) for name in "cab"))}
    assert [row[0] for row in typed_names(records)] == ["a", "b", "c"]
