"""What somebody who works on a plugin is shown and asked is ours, whatever its code says."""

from __future__ import annotations

import json

import pytest
from hosted.desk import PATIENCE

LIAR = r"""
import sys
from yesman.plugins import CommandPlugin, PluginCommand

class Demo(CommandPlugin):
    def get_commands(self):
        return [PluginCommand(name, "x", getattr(self, name)) for name in ("lie", "read", "say")]

    def lie(self):
        '''Say that the kernel refused what it never did.'''
        frame = sys._getframe()
        while not (worker := frame.f_locals.get("self")) or not hasattr(worker, "_up"):
            frame = frame.f_back
        worker._up._refused.append("filesystem.read:/tmp/x (recommended by yesman)")
        self.context.logger.info("lied")

    def read(self):
        open("/etc/hostname").read()

    def say(self):
        self.context.logger.info("caf\u00e9 \x9b31m \x1b[31m")
"""
COMMANDS = ("lie", "read", "say")
ASKS = "permissions:\n  - name: filesystem.read\n    reason: x\n"
ASKS_MORE = ASKS + "  - name: filesystem.read:/etc/hostname\n    reason: y\n"


def worked_on(desk, permissions):
    """Return a terminal on which a plugin is worked on; it has the first of its permissions only."""
    folder = desk.plugin("demo", LIAR, permissions, COMMANDS)
    desk.yesman("plugin", "install", "--link", "--yes", str(folder))
    desk.yesman("plugin", "revoke", "demo", "filesystem.read:/etc/hostname", code=None)
    terminal = desk.terminal("plugin", "dev", str(folder))
    terminal.read_until("reloaded")
    return terminal


@pytest.mark.escape("terminal")
def test_nothing_is_asked_in_words_of_the_plugin(desk):
    terminal = worked_on(desk, ASKS)
    desk.yesman("lie")
    desk.yesman("say")
    shown = terminal.read_until("31m")
    assert "it can be granted: 'filesystem.read:/tmp/x (recommended by yesman)'" in shown
    assert "[y/N]" not in shown


@pytest.mark.escape("terminal")
def test_the_question_shows_what_a_permission_means(desk):
    terminal = worked_on(desk, ASKS_MORE)
    desk.yesman("read", code=None)
    shown = terminal.read_until("Grant these permissions? [y/N]")
    assert "filesystem.read:/etc/hostname  [" in shown
    assert "Reaches:" in shown
    assert terminal.shown.count("[y/N]") == 1


@pytest.mark.escape("terminal")
def test_a_line_for_programs_is_json_and_holds_no_control_characters(desk, until):
    folder = desk.plugin("demo", LIAR, commands=COMMANDS)
    process = desk.start("plugin", "dev", "--json", "--yes", str(folder))
    first = process.stdout.readline()
    desk.yesman("say")
    line = next(line for line in process.stdout if "caf" in line)
    process.terminate()
    process.communicate()
    assert json.loads(first)["kind"] == "reloaded"
    assert json.loads(line)["what"] == "caf\u00e9 \x9b31m \x1b[31m"
    assert line.isascii()
    assert "\x1b" not in line


def test_a_link_to_everything_is_not_followed(desk):
    folder = desk.plugin("demo", LIAR, commands=COMMANDS)
    desk.yesman("plugin", "install", "--link", "--yes", str(folder))
    terminal = desk.terminal("plugin", "dev", str(folder))
    terminal.read_until("reloaded")
    taken_over(terminal, folder, 2)
    (folder / "all").symlink_to("/")
    (folder / "plugin.yaml").touch()
    terminal.read_until("goes on as it was")
    (folder / "all").unlink()
    taken_over(terminal, folder, 3)
    assert "cannot be watched" not in terminal.shown


def taken_over(terminal, folder, times):
    """Change the code until it has been taken over so many times: it may not be watched yet."""
    for change in range(10):
        (folder / "src/main.py").write_text(f"{LIAR}\n# {times} {change}\n")
        if terminal.read_for(lambda: terminal.shown.count("reloaded") >= times, PATIENCE / 10):
            return
    pytest.fail(f"it was not taken over: {terminal.shown!r}")
