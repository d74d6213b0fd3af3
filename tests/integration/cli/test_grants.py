"""Permissions, grants and the ledger from the command line, with and without a terminal."""

from __future__ import annotations

import json

import pytest

PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "Says hello.", self.hello)]

    def hello(self):
        print("hello", len(self.context.session_manager.list_sessions()))
"""
HOSTILE = """permissions:
  - name: session.read
    reason: "x\\n\\nGrant these permissions? [y/N] y"
  - name: session.type
    reason: "\\u202egrant all\\u202c"
"""


@pytest.fixture
def install(desk):
    def do(permissions, *options, code=0):
        folder = desk.plugin("hello", PLUGIN, permissions, ("hello",))
        return desk.yesman("plugin", "install", str(folder), *options, code=code)

    return do


def test_a_refusal_ends_with_the_command_that_grants(desk, install):
    install("permissions: [session.read]\n", "--yes")
    desk.yesman("plugin", "revoke", "hello", "session.read")
    error = desk.yesman("hello", code=3).stderr
    lacks = "yesman: plugin 'hello' lacks permission 'session.read'. "
    assert error == f"{lacks}To allow it: yesman plugin grant hello session.read\n"
    assert desk.yesman(*error.rpartition(": yesman ")[2].split()).stdout == "hello is granted session.read.\n"
    assert desk.yesman("hello").stdout == "hello 0\n"


def test_a_refusal_of_what_is_not_asked_for_names_the_author(desk, install):
    install("", "--yes")
    assert "so it cannot be granted: tell its author" in desk.yesman("hello", code=3).stderr


def test_permissions_are_shown_with_risk_reach_and_reason(desk, install):
    install("permissions: [session.read, {name: session.type, reason: to help}]\n", "--yes")
    desk.yesman("plugin", "revoke", "hello", "session.type")
    desk.yesman("plugin", "grant", "hello", "session.type:work-*")
    head, read, typing = desk.yesman("plugin", "permissions", "hello").stdout.splitlines()
    assert head.split()[:3] == ["PERMISSION", "GRANTED", "RISK"]
    assert read.split()[:3] == ["session.read", "yes", "Low"]
    assert "in part: session.type:work-*" in typing
    assert typing.endswith("to help")
    data = json.loads(desk.yesman("plugin", "permissions", "hello", "--json").stdout)
    assert [row["granted"] for row in data["permissions"]] == [True, False]


def test_nothing_to_do_is_said_and_is_no_failure(desk, install):
    install("permissions: [session.read]\n", "--yes")
    assert "Nothing was changed" in desk.yesman("plugin", "grant", "hello", "session.read").stderr
    desk.yesman("plugin", "revoke", "hello", "--all")
    assert "Nothing was changed" in desk.yesman("plugin", "revoke", "hello", "--all").stderr


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("revoke", "hello"), "Either permissions or --all", 2),
        (("revoke", "hello", "--all", "session.read"), "Either permissions or --all", 2),
        (("grant", "hello", "session.raed"), "did you mean 'session.read'", 2),
        (("grant", "hello", "session.type"), "does not ask for 'session.type'", 2),
        (("grant", "nobody", "session.read"), "unknown installed plugin", 5),
        (("grant", "hello"), "Missing argument", 2),
    ],
)
def test_mistakes_are_one_sentence(desk, install, arguments, said, code):
    install("permissions: [session.read]\n", "--yes")
    error = desk.yesman("plugin", *arguments, code=code).stderr
    assert said in error
    assert error.count("\n") == 1


def test_a_widened_update_is_asked_about_on_a_terminal(desk, install):
    install("permissions: [session.read]\n", "--yes")
    folder = desk.plugin("hello", PLUGIN, "permissions: [session.read, session.type]\n", ("hello",))
    terminal = desk.terminal("plugin", "install", str(folder))
    shown = terminal.read_until("Grant these permissions? [y/N] ")
    kept, new = shown.split("It asks for these new permissions:")
    assert "session.read" in kept.split("It keeps these permissions:")[1]
    assert "+ session.type" in new
    assert desk.yesman("hello").stdout == "hello 0\n"  # the old version, while the question is open
    terminal.type_until("y\n", "Installed hello 1.0.0")
    assert terminal.end() == 0
    by = [json.loads(line)["detail"]["by"] for line in _records(desk, "consent")]
    assert by == ["--yes", "terminal"]


def test_a_no_keeps_the_old_version_and_its_grants(desk, install):
    install("permissions: [session.read]\n", "--yes")
    folder = desk.plugin("hello", "broken", "permissions: [session.read, session.type]\n", ("hello",))
    terminal = desk.terminal("plugin", "install", str(folder))
    terminal.type("y\n" * 5)  # too early: before the question was shown
    terminal.read_until("Grant these permissions? [y/N] ")
    terminal.type_until("\n", "was not updated")
    assert terminal.end() == 3
    assert desk.yesman("hello").stdout == "hello 0\n"
    (row,) = json.loads(desk.yesman("plugin", "permissions", "hello", "--json").stdout)["permissions"]
    assert row["permission"] == "session.read"


@pytest.mark.escape("terminal")
def test_what_the_author_wrote_forges_no_question(desk, install):
    install("permissions: [session.read]\n", "--yes")
    folder = desk.plugin("hello", PLUGIN, HOSTILE, ("hello",))
    error = desk.yesman("plugin", "install", str(folder), code=None).stderr
    assert "\nGrant these permissions? [y/N] y" not in error
    assert "\u202e" not in error
    install("permissions: [session.read, {name: session.type, reason: 'a b'}]\n", "--yes")
    assert "\x1b" not in desk.yesman("plugin", "permissions", "hello").stdout


def test_the_ledger_is_shown_as_lines_and_as_json(desk, install):
    install("permissions: [session.read]\n", "--yes")
    desk.yesman("hello")
    lines = desk.yesman("plugin", "audit", "hello", "--since", "1h").stdout.splitlines()
    assert any("hello  grant  session.read  by=--yes" in line for line in lines)
    assert any("hello  call  hello  form=command" in line for line in lines)
    assert len(_records(desk, "grant")) == 1
    assert "no such records" in desk.yesman("plugin", "audit", "--kind", "crash").stderr
    assert "is no time" in desk.yesman("plugin", "audit", "--since", "soon", code=2).stderr


def test_top_is_one_table_without_a_terminal(desk, install):
    install("", "--yes")
    assert desk.yesman("plugin", "top").stdout.splitlines()[1].split()[:2] == ["hello", "enabled"]
    (row,) = json.loads(desk.yesman("plugin", "top", "--json").stdout)
    assert row["calls"] == 0


def test_top_is_drawn_again_on_a_terminal_until_ctrl_c(desk, install):
    install("permissions: [session.read]\n", "--yes")
    terminal = desk.terminal("plugin", "top")
    terminal.read_until("enabled")
    desk.yesman("hello")
    terminal.read_until("running")
    terminal.type("\x03")
    assert terminal.end() == 130


def _records(desk, kind):
    return desk.yesman("plugin", "audit", "hello", "--kind", kind, "--json").stdout.splitlines()
