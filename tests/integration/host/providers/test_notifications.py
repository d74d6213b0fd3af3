"""Messages reach terminals, the desktop and plugins that pass them on, and do nothing there but be read."""

from __future__ import annotations

import os
import pty
import signal
import subprocess

import pytest

SEND = "self.context.notifications.send({})"
NOTIFIER = """
from pathlib import Path
from yesman.plugins import INotificationProvider, ProviderPlugin

class Ours(INotificationProvider):
    def __init__(self, plugin):
        self.plugin = plugin
    async def connect(self):
        pass
    async def disconnect(self):
        pass
    async def send(self, title, body, urgency="normal"):
        with open(Path(self.plugin.context.data_dir) / "notes", "a") as file:
            print(title, body, urgency, sep="|", file=file)
        {more}

class Notifier(ProviderPlugin):
    def get_providers(self):
        return {{{name!r}: Ours(self)}}
"""


@pytest.fixture
def notifier(plugins):
    """Make a plugin that provides notifications."""

    def make(name="notifier", more="pass", permissions=("session.modify",)):
        provides = [{"providers": [{"name": name, "interface": "INotificationProvider"}]}]
        main = NOTIFIER.format(name=name, more=more)
        return plugins.make(name, main=main, provides=provides, permissions=list(permissions))

    return make


@pytest.fixture
def sender(plugins):
    def make(arguments, name="sender", permissions=("session.modify",), **more):
        commands = {"go": SEND.format(arguments)}
        return plugins.make(name, commands=commands, permissions=list(permissions), **more)

    return make


@pytest.fixture
def arrived(notes, until):
    """Wait until a plugin was asked to pass on these messages and no others."""
    return lambda plugin, *lines: until(lambda: notes(plugin) == list(lines))


class Terminal:
    """A terminal that shows a session."""

    def __init__(self, server, session):
        self._argv = ["tmux", "-u", "-S", str(server.home.tmux_socket)]
        pid, self._ours = pty.fork()
        if pid == 0:
            os.execvpe(  # noqa: S606 - no shell is the point
                "tmux", [*self._argv, "attach", "-t", f"={session}"], {**server.environ, "TERM": "xterm"}
            )
        self.pid = pid

    def tmux(self, *words):
        return subprocess.run([*self._argv, *words], capture_output=True, text=True, check=True).stdout

    def name(self):
        rows = self.tmux("list-clients", "-F", "#{client_pid} #{client_name}").splitlines()
        return next((row.partition(" ")[2] for row in rows if row.startswith(f"{self.pid} ")), "")

    def messages(self):
        """Return what it was shown, oldest first."""
        mark = f" {self.name()} message: "  # tmux keeps one log of all terminals
        lines = self.tmux("show-messages", "-t", self.name()).splitlines()
        return [line.partition(mark)[2] for line in lines if mark in line][::-1]

    def drain(self):
        """Take what was written to it, for it blocks otherwise."""
        os.set_blocking(self._ours, False)
        try:
            while os.read(self._ours, 65536):
                pass
        except OSError:
            return

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._ours)


@pytest.fixture
def attached(server, tmp_path, until):
    """Attach a terminal to a session that is made for it."""
    made = []

    def attach(name="work"):
        server.session(name, tmp_path / name)
        made.append(Terminal(server, name))
        until(lambda: (made[-1].drain(), made[-1].name())[1])
        return made[-1]

    yield attach
    for terminal in made:
        terminal.close()


def test_a_message_is_shown_in_the_terminals_of_sessions_that_the_sender_may_change(
    server, sender, attached, until
):
    work, home = attached("work-1"), attached("home")
    server.install(sender("'Done', 'all of it'", permissions=["session.modify:work-*"]))
    server.value("sender", "go")
    until(lambda: any("sender: Done all of it" in line for line in work.messages()))
    assert not any("Done" in line for line in home.messages())


FORMATS = [
    "#(touch {mark})",
    "##(touch {mark})",
    "###(touch {mark})",
    "#{{l:#(touch {mark})}}",
    "#{{E:#(touch {mark})}}",
    "%%#(touch {mark})",
    "; run-shell 'touch {mark}' ;",
    "x' ; run-shell 'touch {mark}",
]


@pytest.mark.escape("grants")
@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_of_a_message_is_carried_out_by_tmux(server, sender, attached, until, format_):
    terminal, mark = attached(), server.home.root / "mark"
    text = format_.format(mark=mark)
    server.install(sender(f"{text!r}, 'end'"))
    server.value("sender", "go")
    until(lambda: any(line.endswith("end") for line in terminal.messages()))
    until(lambda: executed(terminal, server.home.root / "control"))  # what came before it has run by now
    assert not mark.exists()


def executed(terminal, mark):
    """Show a format that starts a program, and tell whether it has run: the control."""
    terminal.tmux("display-message", "-c", terminal.name(), f"#(touch {mark})")
    return mark.exists()


@pytest.fixture
def desktop(cold, tmp_path):
    """A server in a desktop whose ``notify-send`` writes down what it was given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "notify-send"
    program.write_text(f"#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done >>{tmp_path}/shown\n")
    program.chmod(0o755)
    cold.environ |= {"PATH": f"{folder}:{cold.environ['PATH']}", "DISPLAY": ":99"}
    assert cold.start() is None
    return lambda: (tmp_path / "shown").read_text().split("\0")[:-1] if (tmp_path / "shown").exists() else []


def test_the_desktop_is_given_text_and_nothing_else(cold, desktop, sender, until):
    body = r"<b>&</b> \074i\076 $(id) `id` --urgency=critical"
    cold.install(sender(f"'--help', {body!r}, 'low'"))
    cold.value("sender", "go")
    shown = until(desktop)
    assert shown == [
        "--app-name=yesman",
        "--urgency=low",
        "--",
        "sender: --help",
        r"&lt;b&gt;&amp;&lt;/b&gt; \\074i\\076 $(id) `id` --urgency=critical",
    ]


def test_plugins_that_provide_notifications_pass_messages_on(server, notifier, sender, arrived):
    server.install(notifier())
    server.install(sender("'Done', 'yes', urgency='critical'"))
    server.value("sender", "go")
    arrived("notifier", "sender: Done|yes|critical")


def test_two_that_answer_each_message_with_another_do_not_go_on_for_ever(
    server, notifier, sender, notes, until
):
    for name in ("one", "two"):
        server.install(notifier(name, more=f"self.plugin.context.notifications.send('again from {name}')"))
    server.install(sender("'Done'"))
    server.value("sender", "go")
    until(lambda: len(notes("one")) == len(notes("two")) == 2)
    server.call("provider.check")
    assert notes("one") == ["sender: Done||normal", "two: again from two||normal"]


@pytest.mark.parametrize("more", ["raise OSError('no network')", "import os; os._exit(1)"])
def test_one_that_fails_keeps_no_other_from_it(server, notifier, sender, arrived, more):
    server.install(notifier("broken", more=more))
    server.install(notifier("whole"))
    server.install(sender("'Done'"))
    server.value("sender", "go")
    arrived("whole", "sender: Done||normal")
    broken, whole = server.call("provider.check")
    assert (broken["name"], whole["last_error"]) == ("broken", None)


def test_plugins_may_change_a_message_but_not_whose_it_is(server, plugins, notifier, sender, arrived):
    change = "return {'body': event.payload['body'].replace('secret', '…')}"
    server.install(
        plugins.make("redact", hooks={"notification.sending": change}, permissions=["session.modify"])
    )
    nonsense = "return {'urgency': 'x' * 9, 'title': ''}"
    server.install(
        plugins.make("wild", hooks={"notification.sending": nonsense}, permissions=["session.modify"])
    )
    server.install(notifier())
    server.install(sender("'Done', 'a secret'"))
    server.value("sender", "go")
    arrived("notifier", "sender: Done|a …|normal")


@pytest.mark.escape("grants")
@pytest.mark.parametrize("permissions", [[], ["session.read"], ["session.type", "plugin.manage"]])
def test_without_the_permission_nothing_is_sent(server, notifier, sender, notes, permissions):
    server.install(notifier())
    server.install(sender("'Done'", permissions=permissions))
    failure = server.explained(server.run("sender", "go"))
    assert failure["exit_code"] == 3
    assert "lacks permission 'session.modify'" in failure["message"]
    server.call("provider.check")
    assert notes("notifier") == []


def test_what_is_no_message_is_refused_in_a_sentence(server, sender):
    server.install(sender(r"'\x1b[2J'"))
    assert "control or invisible characters" in server.explained(server.run("sender", "go"))["message"]


def test_a_flood_is_slowed_down(server, plugins):
    sending = f"for n in range(7): {SEND.format('str(n)')}"
    body = f"began = time.monotonic()\n{sending}\nreturn time.monotonic() - began"
    server.install(plugins.make("sender", commands={"go": body}, permissions=["session.modify"]))
    assert server.value("sender", "go") >= 3
