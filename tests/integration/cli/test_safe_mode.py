"""``yesman --safe-mode``: everything works but plugins, and nobody is left in the dark about it."""

from __future__ import annotations

import json

import pytest

SOURCE = """
from yesman.plugins import CommandPlugin, Deny, PluginCommand

class Noisy(CommandPlugin):
    async def initialize(self):
        open(self.context.data_dir + "/ran", "a").write("x")
        return True

    def get_commands(self):
        return [PluginCommand("speak", "It speaks.", lambda: "spoken")]

    def get_hooks(self):
        return {"session.creating": lambda event: Deny("never")}
"""
MANIFEST = """
  - hooks:
      - name: session.creating
permissions: [session.modify]
activation: {on_startup: true}
"""


@pytest.fixture
def noisy(desk):
    """A machine with a plugin that runs from the start, has a command and forbids every session."""
    folder = desk.plugin("noisy", SOURCE, MANIFEST, commands=("speak",))
    desk.yesman("plugin", "install", str(folder), "--yes")
    assert "noisy" in desk.yesman("session", "new", "work", "--", "sleep", "100", code=3).stderr
    return desk


def ran(desk):
    marks = desk.home / "data/noisy/ran"
    return len(marks.read_text()) if marks.exists() else 0


def test_no_plugin_runs_or_is_asked(noisy):
    noisy.yesman("server", "stop")
    before = ran(noisy)
    assert before
    noisy.yesman("--safe-mode", "session", "new", "work", "--", "sleep", "100")
    noisy.yesman("--safe-mode", "session", "close", "work")
    assert "safe mode" in noisy.yesman("--safe-mode", "speak", code=2).stderr
    (row,) = json.loads(noisy.yesman("--safe-mode", "plugin", "list", "--json").stdout)
    assert (row["state"], row["reason"]) == ("enabled", "no plugin runs in safe mode")
    assert ran(noisy) == before


def test_a_server_that_runs_plugins_is_left_alone_and_the_way_out_named(noisy):
    pids = noisy.server_pids()
    refused = noisy.yesman("--safe-mode", "session", "ls", code=2)
    assert refused.stderr == "yesman: The running server runs plugins. Stop it first: yesman server stop\n"
    assert noisy.server_pids() == pids


def test_it_lasts_until_the_server_is_stopped_and_every_command_says_so(noisy):
    noisy.yesman("server", "stop")
    assert noisy.yesman("--safe-mode", "session", "ls").stderr.startswith("There are no sessions")
    listed = noisy.yesman("session", "ls", "--json")
    assert json.loads(listed.stdout) == []
    assert "safe mode: no plugin runs" in listed.stderr
    assert "No plugin runs" in noisy.yesman("server", "status").stdout
    noisy.yesman("server", "stop")
    assert noisy.yesman("speak").stdout == "spoken\n"


def test_plugins_can_be_mended_and_removed_but_not_installed(noisy):
    noisy.yesman("server", "stop")
    noisy.yesman("--safe-mode", "plugin", "disable", "noisy")
    noisy.yesman("--safe-mode", "plugin", "enable", "noisy")
    noisy.yesman("--safe-mode", "plugin", "revoke", "noisy", "session.modify")
    other = noisy.plugin("other", SOURCE, commands=("speak2",))
    assert "safe mode" in noisy.yesman("--safe-mode", "plugin", "install", str(other), "--yes", code=2).stderr
    noisy.yesman("--safe-mode", "plugin", "remove", "noisy")
    assert json.loads(noisy.yesman("--safe-mode", "plugin", "list", "--json").stdout) == []


def test_it_is_on_record(noisy):
    noisy.yesman("server", "stop")
    records = noisy.yesman("--safe-mode", "plugin", "audit", "--json").stdout.splitlines()
    assert [json.loads(record)["what"] for record in records if '"bypass"' in record] == ["every plugin"]
