"""Secrets on the command line: how they are given, and that nothing shows them afterwards."""

from __future__ import annotations

import base64
import importlib
import json
import secrets
from contextlib import suppress
from pathlib import Path

import click
import pytest

from yesman.cli import catalogue
from yesman.cli.group import LazyGroup

MAIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "x", self.hello)]

    async def hello(self):
        return {"length": len(self.context.config.get("api_key", ""))}
"""
CONFIG = "config:\n  properties:\n    api_key: {type: string}\n    branch: {type: string}\n"


@pytest.fixture
def installed(desk):
    """A machine with a plugin that takes a secret and a plain setting, neither set."""
    desk.folder = desk.plugin("hello", MAIN, CONFIG, ("hello",))
    desk.yesman("plugin", "install", str(desk.folder), "--yes")
    return desk


def told(desk):
    return json.loads(desk.yesman("hello", "--json").stdout)["length"]


def test_on_a_terminal_it_is_asked_for_and_not_shown(installed):
    tty = installed.terminal("plugin", "config", "hello", "api_key")
    tty.read_until("api_key of hello")
    tty.type("hunter2-hunter2\n")  # once: the question comes after the terminal has stopped showing
    assert tty.end() == 0
    assert "hunter2" not in tty.shown
    assert "set" in tty.shown
    assert told(installed) == len("hunter2-hunter2")


def test_no_answer_changes_nothing(installed):
    tty = installed.terminal("plugin", "config", "hello", "api_key")
    tty.read_until("api_key of hello")
    tty.type("\n")
    assert tty.end() == 2
    assert "nothing was changed" in tty.shown
    assert told(installed) == 0


def test_it_is_read_from_a_pipe_to_its_end(installed):
    key = "-----BEGIN KEY-----\nhunter2\n-----END KEY-----\n"
    ran = installed.yesman("plugin", "config", "hello", "api_key", "--stdin", typed=key)
    assert (ran.stdout, ran.stderr) == ("api_key:  set\n", "")
    assert told(installed) == len(key) - 1
    installed.yesman("plugin", "config", "hello", "branch", "--stdin", typed="trunk\n")
    assert installed.yesman("plugin", "config", "hello", "branch").stdout == "trunk\n"


@pytest.mark.parametrize("arguments", [("--stdin",), ("api_key", "x", "--stdin"), ("api_key", "--stdin")])
def test_a_pipe_gives_one_value_to_one_setting(installed, arguments):
    assert installed.yesman("plugin", "config", "hello", *arguments, typed="", code=2).stderr.count("\n") == 1
    assert told(installed) == 0


def test_on_the_command_line_it_works_and_is_warned_about(installed):
    ran = installed.yesman("plugin", "config", "hello", "api_key", "hunter2")
    assert "yesman plugin config hello api_key" in ran.stderr
    assert "hunter2" not in ran.stdout + ran.stderr
    ran = installed.yesman("plugin", "install", str(installed.folder), "--config", "api_key=hunter3")
    assert "Warning" in ran.stderr
    assert "hunter3" not in ran.stdout + ran.stderr
    assert installed.yesman("plugin", "config", "hello", "branch", "trunk").stderr == ""


def test_it_is_shown_as_set_or_not(installed):
    assert installed.yesman("plugin", "config", "hello", "api_key").stdout == "not set\n"
    installed.yesman("plugin", "config", "hello", "api_key", "--stdin", typed="hunter2")
    assert installed.yesman("plugin", "config", "hello", "api_key").stdout == "set\n"
    assert installed.yesman("plugin", "config", "hello", "api_key", "--json").stdout == '{"set": true}\n'
    shown = json.loads(installed.yesman("plugin", "config", "hello", "--json").stdout)
    assert (shown["config"], shown["secrets"]) == ({}, {"api_key": True})


def test_a_command_to_repeat_does_not_hold_it(desk):
    folder = desk.plugin("hello", MAIN, f"permissions: [session.read]\n{CONFIG}", ("hello",))
    given = ("--config", "api_key=hunter2", "--config", "branch=x", "--config", "apikye=hunter2")
    ran = desk.yesman("plugin", "install", str(folder), *given, code=3)
    assert ran.stderr.endswith(f"yesman plugin install {folder} --yes --config branch=x\n")
    assert "hunter2" not in ran.stderr
    assert (
        "hunter2" not in desk.yesman("plugin", "install", str(folder), "--config", "hunter2", code=2).stderr
    )


# --- the search


def forms(secret: str) -> list[bytes]:
    """Return how a value may be written: as it is, or so that it looks like something else."""
    raw = secret.encode()
    shifted = [base64.b64encode(b"x" * n + raw)[4:-4] for n in range(3)]
    return [raw, raw.hex().encode(), secret.encode("utf-16-le"), raw[::-1], *shifted]


def holding(secret: str, home: Path) -> list[str]:
    """Return every file below ``home``, and process of this machine, that holds ``secret``."""
    parts = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    parts += [process / part for process in Path("/proc").glob("[0-9]*") for part in ("environ", "cmdline")]
    found = []
    for path in parts:
        with suppress(OSError):  # it has ended, or is another user's
            content = path.read_bytes()
            found += [str(path)] if any(form in content for form in forms(secret)) else []
    return found


def readers() -> list[list[str]]:
    """Return every built-in command that takes ``--json`` and at most the name of a plugin."""
    groups = {"": catalogue.ROOT, "plugin": catalogue.PLUGIN, "session": catalogue.SESSION}
    groups |= {"agent": catalogue.AGENT, "server": catalogue.SERVER}
    found = []
    for group, entries in groups.items():
        for name, entry in entries.items():
            module, _, attribute = entry.target.partition(":")
            command = getattr(importlib.import_module(module), attribute)
            needs = [p.name for p in command.params if isinstance(p, click.Argument) and p.required]
            takes_json = any("--json" in p.opts for p in command.params)
            if takes_json and not isinstance(command, LazyGroup) and needs in ([], ["name"]):
                found.append([*group.split(), name, *(["hello"] if needs else []), "--json"])
    return sorted(found, key=lambda words: words[-2] == "hello" and words[1] == "remove")


def read_all(desk) -> str:
    """Run all of them, each once with what makes it end, and return everything they said."""
    ending = {"top": ["--once"]}
    said = []
    for words in readers():
        if words[:2] not in (["server", "stop"], ["plugin", "remove"], ["plugin", "disable"]):
            ran = desk.yesman(*words, *ending.get(words[1], []), code=None)
            said.append(ran.stdout + ran.stderr)
    return "\n".join(said)


def test_the_readers_are_what_they_should_be():
    words = [" ".join(row) for row in readers()]
    for known in (
        "plugin show hello",
        "plugin config hello",
        "plugin audit",
        "plugin logs hello",
        "server status",
    ):
        assert f"{known} --json" in words


def test_a_secret_is_found_nowhere_and_a_plain_setting_is(installed):
    desk, secret, open_ = installed, f"s3cret-{secrets.token_hex(16)}", f"plain-{secrets.token_hex(16)}"
    desk.yesman("session", "new", "work", "--", "sh", "-c", "sleep 1000; :", open_)
    desk.yesman("plugin", "config", "hello", "api_key", "--stdin", typed=secret)
    desk.yesman("plugin", "config", "hello", "branch", "--stdin", typed=open_)
    desk.yesman("plugin", "config", "hello", "api_key", "--stdin", typed=f"{secret}-changed")
    desk.yesman("session", "new", "later", "--", "sleep", "1000")
    assert told(desk) == len(secret) + len("-changed")
    said = read_all(desk)
    assert (secret in said, open_ in said) == (False, True)
    assert holding(secret, desk.home) == []
    places = holding(open_, desk.home)
    assert str(desk.home / "plugin_settings.json") in places
    assert any(place.startswith("/proc/") for place in places)  # the session's own process shows that


def test_a_secret_is_found_nowhere_when_things_fail(installed):
    desk, secret = installed, f"s3cret-{secrets.token_hex(16)}"
    main = desk.folder / "src/main.py"
    main.write_text(MAIN.replace("class Hello", "raise ValueError\n\nclass Hello"))
    said = [desk.yesman("plugin", "install", str(desk.folder), "--config", f"api_key={secret}", code=None)]
    said.append(
        desk.yesman("--debug", "plugin", "config", "hello", "api_kye", "--stdin", typed=secret, code=2)
    )
    typo = "config:\n  properties:\n    api_key: {type: integer}\n"
    main.write_text(MAIN)
    desk.plugin("hello", MAIN, typo, ("hello",))
    desk.yesman("plugin", "install", str(desk.folder), "--yes")
    said.append(
        desk.yesman("--debug", "plugin", "config", "hello", "api_key", "--stdin", typed=secret, code=2)
    )
    desk.kill_server()
    desk.yesman("plugin", "list")
    assert not [ran for ran in said if secret in ran.stdout + ran.stderr]
    assert holding(secret, desk.home) == []
