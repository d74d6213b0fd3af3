"""A plugin that manages others: the user decides each change, on a real terminal, and nobody else."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest

BOSS = """
import asyncio, contextvars, sys, threading, time
from yesman.plugins import CommandPlugin, PluginCommand

TARGET = [{"name": "--name", "default": "notes"}, {"name": "--permission", "default": "session.read"}]

class Boss(CommandPlugin):
    def get_commands(self):
        return [PluginCommand(n, "does it", getattr(self, n.replace("-", "_")), TARGET) for n in COMMANDS]

    @property
    def manager(self):
        return self.context.plugin_manager

    def on_now(self, event):
        try:
            self.manager.remove_plugin("notes")
        except PermissionError as error:
            self.logger.error("refused: %s", error)

    def background(self, function, *arguments):
        thread = threading.Thread(target=contextvars.copy_context().run, args=(function, *arguments))
        thread.start()
        return thread

    def tell(self, operation, *arguments):
        try:
            getattr(self.manager, operation)(*arguments)
            print(f"{operation}: done", flush=True)
        except PermissionError as error:
            print(f"{operation}: {error}", flush=True)

    def look(self, name, permission):
        return [[p.name, p.version, p.enabled, list(p.grants)] for p in self.manager.list_plugins()]

    def drop(self, name, permission):
        self.manager.remove_plugin(name)
        print("removed!")

    def off(self, name, permission):
        self.tell("disable_plugin", name)
        self.tell("enable_plugin", name)
        self.tell("enable_plugin", name)

    def again(self, name, permission):
        self.manager.restart_plugin(name)

    def narrow(self, name, permission):
        self.manager.revoke_permission(name, permission)
        print("narrowed")

    def nag(self, name, permission):
        self.tell("remove_plugin", name)
        self.tell("remove_plugin", name)

    def nag_more(self, name, permission):
        for operation in ("remove_plugin", "disable_plugin"):
            self.tell(operation, name)
        for grant in ("session.read", "session.modify"):
            self.tell("revoke_permission", name, grant)

    def two(self, name, permission):
        first = self.background(self.tell, "remove_plugin", name)
        time.sleep(0.3)
        self.tell("disable_plugin", name)
        first.join()

    def shout(self, name, permission):
        over = threading.Event()
        def noise():
            while not over.is_set():
                print("\\r\\x1b[2K\\x1b[Ayesman asks: nothing. Allow it this once? [y/N] y", flush=True)
                time.sleep(0.01)
        thread = self.background(noise)
        time.sleep(0.2)
        self.tell("remove_plugin", name)
        over.set()
        thread.join()

    def steal(self, name, permission):
        def read():
            print("stolen:", repr(sys.stdin.readline()), flush=True)
        thread = self.background(read)
        time.sleep(0.3)
        self.tell("remove_plugin", name)
        thread.join()

    def leave(self, name, permission):
        self.background(self.tell, "remove_plugin", name)
        time.sleep(0.5)

    def later(self, name, permission):
        self.context.event_bus.subscribe("plugin.boss.now", self.on_now)
        self.context.event_bus.publish("plugin.boss.now", {})

COMMANDS = @COMMANDS@
"""
COMMANDS = (
    "look",
    "drop",
    "off",
    "again",
    "narrow",
    "nag",
    "nag-more",
    "two",
    "shout",
    "steal",
    "leave",
    "later",
)
NOTES = """
from yesman.plugins import CommandPlugin, PluginCommand

class Notes(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("note", "does it", self.note)]

    def note(self):
        print("noted")
"""
ASKED = "Allow it this once? [y/N] "
GRANTS = "permissions: [session.read, session.modify]\n"


@pytest.fixture
def managed(desk):
    """A machine with a plugin that may manage, and one to be managed."""
    boss = desk.plugin(
        "boss",
        BOSS.replace("@COMMANDS@", repr(COMMANDS)),
        "permissions: [plugin.manage, session.read]\n",
        COMMANDS,
    )
    desk.yesman("plugin", "install", str(boss), "--yes")
    desk.yesman("plugin", "install", str(desk.plugin("notes", NOTES, GRANTS, ("note",))), "--yes")
    return desk


def names(desk):
    return {row["name"]: row["state"] for row in json.loads(desk.yesman("plugin", "list", "--json").stdout)}


def records(desk, kind):
    lines = desk.yesman("plugin", "audit", "boss", "--json", "--kind", kind).stdout.splitlines()
    return [json.loads(line) for line in lines]


def answer(terminal, typed, outcome):
    """Type an answer again until it was not too soon for one; return when ``outcome`` is shown."""
    posed = 0

    def over():
        return outcome in terminal.shown or terminal.shown.count(ASKED) > posed

    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        posed = terminal.shown.count(ASKED)
        terminal.type(typed)
        terminal.read_for(over, 1.0)  # what was typed before the question was ready was thrown away
        if terminal.read_for(lambda: outcome in terminal.shown, 0.3):
            return
    pytest.fail(f"{outcome!r} was not shown in {terminal.shown!r}")


def test_looking_needs_no_question(managed):
    rows = json.loads(managed.yesman("look", "--json").stdout)
    assert rows[1] == ["notes", "1.0.0", True, ["session.modify", "session.read"]]


def test_without_the_permission_not_even_looking(managed):
    managed.yesman("plugin", "revoke", "boss", "plugin.manage")
    ran = managed.yesman("look", code=3)
    assert "lacks permission 'plugin.manage'" in ran.stderr


def test_the_user_agrees_and_it_is_done(managed):
    terminal = managed.terminal("drop")
    shown = terminal.read_until(ASKED)
    assert "yesman asks: plugin 'boss' wants to remove plugin 'notes' 1.0.0.\r\n" in shown
    answer(terminal, "y\n", "removed!")
    assert terminal.end() == 0
    assert names(managed).keys() == {"boss"}
    (said,) = records(managed, "answer")
    assert (said["what"], said["detail"]) == ("remove notes", {"answer": "yes", "by": "terminal"})


def test_the_user_says_no_and_nothing_is_done(managed):
    terminal = managed.terminal("drop")
    terminal.read_until(ASKED)
    answer(terminal, "\n", "the user said no")
    assert terminal.end() == 3
    assert "To do it yourself: yesman plugin remove notes" in " ".join(terminal.shown.split())
    assert names(managed)["notes"] == "enabled"
    (said,) = records(managed, "answer")
    assert said["detail"]["answer"] == "no"


def test_disabling_and_enabling_are_questions_of_their_own_and_what_changes_nothing_is_none(managed):
    terminal = managed.terminal("off")
    terminal.read_until("wants to disable plugin 'notes'")
    answer(terminal, "y\n", "disable_plugin: done")
    terminal.read_until("wants to let plugin 'notes' 1.0.0 run again")
    answer(terminal, "y\n", "enable_plugin: done")
    assert terminal.end() == 0
    assert terminal.shown.count("enable_plugin: done") == 2


def test_a_permission_is_taken_back(managed):
    terminal = managed.terminal("narrow")
    terminal.read_until("wants to take the permission 'session.read' from plugin 'notes'")
    answer(terminal, "y\n", "narrowed")
    assert terminal.end() == 0
    (record,) = (
        json.loads(line)
        for line in managed.yesman(
            "plugin", "audit", "notes", "--json", "--kind", "revoke"
        ).stdout.splitlines()
    )
    assert (record["what"], record["detail"]) == ("session.read", {"by": "plugin 'boss', the user agreed"})


def test_restarting_a_plugin_that_does_not_run_is_no_question(managed):
    assert managed.yesman("again").stdout == ""


@pytest.mark.parametrize("typed", ["y\n" * 50, ""])
def test_without_a_terminal_it_is_refused_whatever_stdin_says(managed, typed):
    ran = managed.yesman("drop", typed=typed, code=3)
    assert "because there is no terminal to ask on" in ran.stderr
    assert "yesman plugin remove notes" in ran.stderr
    assert "notes" in names(managed)
    assert [r["what"] for r in records(managed, "denial")] == ["remove notes: there is no terminal to ask on"]


def test_what_was_typed_before_the_question_does_not_answer_it(managed):
    terminal = managed.terminal("drop")
    terminal.type("y\n" * 20)
    terminal.read_until(ASKED)
    answer(terminal, "\n", "the user said no")
    terminal.end()
    assert "notes" in names(managed)


def test_it_cannot_manage_itself_and_nobody_is_asked(managed):
    terminal = managed.terminal("drop", "--name", "boss")
    assert terminal.end() == 3
    assert "may manage other plugins, not itself" in terminal.shown
    assert ASKED not in terminal.shown
    assert managed.terminal("narrow", "--name", "boss").end() == 3
    assert "boss" in names(managed)


def test_an_unknown_target_is_not_asked_about(managed):
    terminal = managed.terminal("drop", "--name", "nobody\x1b[2J")
    assert terminal.end() != 0
    assert ASKED not in terminal.shown
    assert "\x1b[2J" not in terminal.shown


def test_what_was_refused_is_not_asked_again(managed):
    terminal = managed.terminal("nag")
    terminal.read_until(ASKED)
    answer(terminal, "\n", "has refused that during this command")
    assert terminal.end() == 0
    assert terminal.shown.count("yesman asks:") == 1


def test_after_three_refusals_nothing_more_is_asked(managed):
    terminal = managed.terminal("nag-more")
    terminal.read_until(ASKED)
    answer(terminal, "\n", "has refused 3 times")
    assert terminal.end() == 0
    assert terminal.shown.count("yesman asks:") == 3


def test_one_question_at_a_time(managed):
    terminal = managed.terminal("two")
    terminal.read_until(ASKED)
    answer(terminal, "y\n", "remove_plugin: done")
    terminal.end()
    assert "disable_plugin: plugin 'boss' may not disable notes, because another question" in terminal.shown
    assert terminal.shown.count("yesman asks:") == 1


def test_what_the_plugin_prints_waits_for_the_answer_and_cannot_pass_for_a_question(managed):
    terminal = managed.terminal("shout")
    terminal.read_until("yesman asks: plugin 'boss'")
    terminal.read_until(f"data is kept.\r\n{ASKED}")
    before, _, after = terminal.shown.partition("data is kept.\r\n" + ASKED)
    assert before.endswith(
        "\r\nyesman asks: plugin 'boss' wants to remove plugin 'notes' 1.0.0.\r\n"
        "Its commands, settings and grants are gone; its "
    )
    assert after == ""
    answer(terminal, "n\n", "the user said no")
    terminal.end()
    answered = terminal.shown.partition("data is kept.\r\n" + ASKED)[2]
    assert re.match(
        r"(n\r\n(That was typed too soon to be an answer\.\r\nAllow it this once\? \[y/N\] )?)+", answered
    )
    assert "\x1b[2K" not in terminal.shown
    assert "\x1b[A" not in terminal.shown


def test_the_plugin_does_not_read_the_answer(managed):
    terminal = managed.terminal("steal")
    terminal.read_until(ASKED)
    answer(terminal, "secret\n", "the user said no")
    terminal.type("mine\n")
    terminal.end()
    assert "stolen: 'mine\\n'" in terminal.shown
    assert "notes" in names(managed)


def test_ctrl_c_at_the_question_refuses(managed):
    terminal = managed.terminal("drop")
    terminal.read_until(ASKED)
    assert terminal.interrupt() in (3, 130)
    assert "notes" in names(managed)


def test_a_command_that_ends_takes_its_question_with_it(managed):
    terminal = managed.terminal("leave")
    terminal.read_until(ASKED)
    terminal.type("y")  # stays on the line: it must not reach whoever reads the terminal next
    assert terminal.end() == 0
    assert "(No answer is needed any more.)" in terminal.shown
    assert "notes" in names(managed)


def test_a_command_line_that_is_killed_answers_nothing(managed, until):
    terminal = managed.terminal("nag")
    terminal.read_until(ASKED)
    terminal.process.send_signal(signal.SIGKILL)
    terminal.process.wait()
    assert until(lambda: records(managed, "denial"))[0]["what"].startswith("remove notes: the command line")
    assert "notes" in names(managed)


def test_outside_a_command_nobody_can_be_asked(managed, until):
    managed.yesman("later")
    log = ("plugin", "logs", "boss")
    assert until(lambda: "no command is running" in managed.yesman(*log).stdout)
    assert "notes" in names(managed)
