"""What the user is told beside a plugin's words: what it was refused meanwhile, which session was meant."""

from __future__ import annotations

import json

import pytest

PLUGIN = """
import socket
from pathlib import Path
from yesman.plugins import CommandPlugin, PluginCommand

class Aside(CommandPlugin):
    def get_commands(self):
        options = [{"name": "--folder", "default": ""}]
        return [PluginCommand("look", "Looks.", self.look, options),
                PluginCommand("where", "Where.", self.where),
                PluginCommand("try-all", "Tries.", self.try_all)]

    def look(self, folder):
        return sorted(path.name for path in Path(folder).rglob("*"))

    def where(self):
        return self.context.session_manager.get_current_session().name

    def try_all(self):
        print("before")
        for deed in (self.context.session_manager.list_sessions, lambda: socket.socket().bind(("", 0))):
            try:
                deed()
            except PermissionError:
                pass
        print("after")
"""
COMMANDS = ("look", "where", "try-all")


@pytest.fixture
def folder(tmp_path):
    for name in ("open", "closed"):
        (tmp_path / "files" / name).mkdir(parents=True)
        (tmp_path / "files" / name / "paper").touch()
    return tmp_path / "files"


@pytest.fixture
def install(desk):
    def do(*permissions):
        asked = "permissions:\n" + "".join(f"  - {json.dumps(each)}\n" for each in permissions)
        made = desk.plugin("aside", PLUGIN, asked, COMMANDS)
        desk.yesman("plugin", "install", str(made), "--yes")

    return do


def test_what_was_refused_while_a_command_succeeded_is_said_after_its_output(desk, install, folder):
    install(f"filesystem.read:{folder}")
    assert desk.yesman("look", "--folder", str(folder)).stderr == ""
    desk.yesman("plugin", "revoke", "aside", "filesystem.read")
    ran = desk.yesman("look", "--folder", str(folder), "--json")
    grant = f"filesystem.read:{folder}"
    assert json.loads(ran.stdout) == []
    assert ran.stderr == (
        f"yesman: plugin 'aside' was refused {grant} meanwhile (as its own process says). "
        f"To allow it: yesman plugin grant aside {grant}\n"
    )
    desk.yesman(*ran.stderr.rpartition(": yesman ")[2].split())
    assert json.loads(desk.yesman("look", "--folder", str(folder), "--json").stdout) == [
        *("closed", "open", "paper", "paper")
    ]


def test_it_is_on_a_line_of_its_own_after_what_was_printed(desk, install):
    install("session.read")
    desk.yesman("plugin", "revoke", "aside", "session.read")
    terminal = desk.terminal("try-all")
    seen = terminal.read_until("grant aside session.read")
    assert terminal.end() == 0
    assert seen.index("after") < seen.index(
        "yesman: plugin 'aside' was refused session.read meanwhile. To allow"
    )
    assert "bind" not in seen  # nothing allows that


def test_a_command_that_fails_says_only_that(desk, install):
    install("session.read")
    desk.yesman("plugin", "revoke", "aside", "session.read")
    assert "meanwhile" not in desk.yesman("where", code=3).stderr


def test_without_a_current_session_the_error_says_what_to_type(desk, install):
    install("session.read")
    assert "Name one: --session NAME" in desk.yesman("where", code=1).stderr


def test_a_misspelt_session_has_a_near_miss_for_the_user_alone(desk, install, tmp_path):
    install("session.read:nothing*")
    desk.yesman("session", "new", "work", "--cwd", str(tmp_path))
    error = desk.yesman("where", "--session", "wrok", code=1).stderr
    assert error.endswith("There is no session named 'wrok' (src/main.py:17). Did you mean 'work'?\n")
    assert "work'" not in desk.yesman("plugin", "logs", "aside").stdout
