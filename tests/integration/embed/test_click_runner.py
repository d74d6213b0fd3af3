"""Programs test themselves with Click's own runner; plugin commands stand that."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hosted.desk import YESMAN, desk_of

from yesman.embed import PluginCommandError, PluginGroup
from yesman.package import remove_tree

PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Echo(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("echo", "Say it.", self.echo, [{"name": "--text", "required": True}])]

    def echo(self, text):
        if text == "stop":
            raise SystemExit(9)
        if text == "break":
            raise ValueError("broken")
        print(text)
"""


@pytest.fixture(scope="module")
def home():
    root = Path(tempfile.mkdtemp(prefix="ymr", dir="/tmp")).resolve()
    with desk_of(root, YESMAN, root / "state") as desk:
        desk.yesman("plugin", "install", str(desk.plugin("echo", PLUGIN, commands=("echo",))))
        yield desk.home
    remove_tree(root)


@pytest.fixture
def program(home):
    @click.group(cls=PluginGroup, plugins_dir=str(home / "plugins"), manage="extensions")
    def inner() -> None:
        """Have more commands."""

    @click.group()
    def outer() -> None:
        """Have a group of plugins below."""

    outer.add_command(inner, "more")
    return outer


def test_output_is_the_runners(program):
    result = CliRunner().invoke(program, ["more", "echo", "--text", "hello"])
    assert (result.exit_code, result.output) == (0, "hello\n")


@pytest.mark.parametrize(("text", "code", "told"), [("stop", 9, ""), ("break", 1, "ValueError: broken")])
def test_so_are_failures(program, text, code, told):
    result = CliRunner().invoke(program, ["more", "echo", "--text", text])
    assert result.exit_code == code
    assert told in result.output


def test_a_program_may_look_at_what_went_wrong(program):
    arguments = ["more", "echo", "--text", "break"]
    with pytest.raises(PluginCommandError) as caught:
        program.main(arguments, standalone_mode=False)
    assert "in echo" in caught.value.__cause__.traceback


def test_its_users_manage_plugins_under_the_name_it_chose(program):
    runner = CliRunner()
    assert "echo" in runner.invoke(program, ["more", "extensions", "list"]).output
    text = runner.invoke(program, ["more", "extensions", "install", "--help"], prog_name="top").output
    assert "top more extensions install ./my-plugin" in text
