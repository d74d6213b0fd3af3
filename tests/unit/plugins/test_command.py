"""A command checks itself when it is made and describes itself as data."""

from __future__ import annotations

import pytest

from yesman.plugins import PluginCommand


def handler() -> None: ...


def test_a_command_keeps_what_it_was_given():
    command = PluginCommand("gh-sync", "Syncs.", handler)
    assert (command.name, command.description, command.handler) == ("gh-sync", "Syncs.", handler)
    assert command.options == []
    assert command.describe() == {"name": "gh-sync", "description": "Syncs.", "options": []}


@pytest.mark.parametrize("name", ["", "-x", "a b", "a/b", "a:b", "é", "x" * 65, "x\n", 3, None])
def test_a_name_that_cannot_be_typed_is_refused(name):
    with pytest.raises(ValueError, match=r"^command name .* must be 1 to 64 letters"):
        PluginCommand(name, "Does it.", handler)


def test_a_description_is_text():
    with pytest.raises(ValueError, match="description must be text"):
        PluginCommand("cmd", None, handler)


def test_a_handler_can_be_called():
    with pytest.raises(ValueError, match="handler cannot be called: 'handler'"):
        PluginCommand("cmd", "Does it.", "handler")


@pytest.mark.parametrize("options", [{"name": "--x"}, "--x", ["--x"], 3])
def test_options_are_a_list_of_dicts(options):
    with pytest.raises(ValueError, match="must be a list of dicts"):
        PluginCommand("cmd", "Does it.", handler, options)


def test_options_added_later_are_checked_when_described():
    command = PluginCommand("cmd", "Does it.", handler)
    command.options.append({"name": "--json"})
    with pytest.raises(ValueError, match="clashes with --json"):
        command.describe()
