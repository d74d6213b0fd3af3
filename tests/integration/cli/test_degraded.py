"""A machine that confines less than fully: plugins are refused, or run because somebody said so, visibly."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

MASKED = Path(__file__).parent / "masked.py"
PLUGIN = """
from yesman.plugins import CommandPlugin, PluginCommand

class Hello(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("hello", "Says hello.", self.hello), PluginCommand("dial", "x", self.dial)]

    def hello(self):
        print("hello")

    def dial(self):
        import socket
        socket.create_connection(("127.0.0.1", 9))
"""
SAID = "somebody else watches our system calls already"


@pytest.fixture
def folder(desk):
    return desk.plugin("hello", PLUGIN, "permissions: [network.internal]\n", ("hello", "dial"))


@pytest.fixture
def watched(desk, until):
    """A server of a machine where somebody else watches system calls; the process that watches."""
    started = []

    def start(*options, what="listener"):
        command = [
            sys.executable,
            str(MASKED),
            what,
            sys.executable,
            "-m",
            "yesman",
            "server",
            "start",
            "--foreground",
        ]
        started.append(
            subprocess.Popen([*command, *options], env=desk.environ, cwd="/", stderr=subprocess.PIPE)
        )
        until(lambda: desk.yesman("server", "status", code=None).returncode == 0)

    yield start
    for process in started:
        desk.yesman("server", "stop", code=None)
        process.communicate(timeout=30)


def confinement(desk):
    return json.loads(desk.yesman("server", "status", "--json").stdout)["confinement"]


def test_plugins_are_refused_with_one_sentence(desk, folder, watched):
    watched()
    ran = desk.yesman("plugin", "install", str(folder), "--yes", code=1)
    assert f"because {SAID}" in ran.stderr
    assert "(missing: connect broker)" in ran.stderr
    assert "yesman server stop; yesman server start --allow-degraded" in ran.stderr
    assert confinement(desk)["runs"] is False
    assert desk.yesman("plugin", "list", "--json").stdout == "[]\n"


def test_where_it_is_allowed_they_run_and_everybody_is_told(desk, folder, watched):
    watched("--allow-degraded")
    desk.yesman("plugin", "install", str(folder), "--yes")
    ran = desk.yesman("hello")
    assert (ran.stdout, ran.stderr.count("Allowed by --allow-degraded.")) == ("hello\n", 1)
    assert ran.stderr.startswith("yesman: Plugins are confined less than fully: somebody else")
    assert "DEGRADED by --allow-degraded" in desk.yesman("server", "status").stdout
    assert SAID in desk.yesman("plugin", "list").stderr
    assert SAID in json.loads(desk.yesman("plugin", "list", "--json").stdout)[0]["degraded"]
    assert "The running server: DEGRADED by --allow-degraded" in desk.yesman("doctor", code=None).stderr
    (record,) = desk.yesman("plugin", "audit", "--json", "--kind", "degraded").stdout.splitlines()
    assert json.loads(record)["detail"]["by"] == "--allow-degraded"
    assert desk.yesman("dial", code=None).returncode != 0  # what nobody can be asked about is refused


def test_on_a_whole_machine_nothing_is_said(desk, folder):
    desk.yesman("server", "start", "--allow-degraded")
    desk.yesman("plugin", "install", str(folder), "--yes")
    assert desk.yesman("hello").stderr == ""
    assert "Plugins are confined fully." in desk.yesman("server", "status").stdout
    assert desk.yesman("plugin", "list").stderr == ""
    assert desk.yesman("plugin", "audit", "--json", "--kind", "degraded").stdout == ""


@pytest.mark.parametrize("call", ["landlock_create_ruleset", "landlock_restrict_self", "seccomp"])
def test_below_the_floor_nobody_can_allow_it(desk, folder, watched, call):
    watched("--allow-degraded", what=call)
    ran = desk.yesman("plugin", "install", str(folder), "--yes", code=1)
    assert "nobody can allow it" in ran.stderr
    assert confinement(desk)["runs"] is False


def test_no_variable_allows_it(desk, folder, watched):
    desk.environ |= {"YESMAN_ALLOW_DEGRADED": "1", "ALLOW_DEGRADED": "1", "YESMAN_DEGRADED": "1"}
    watched()
    assert confinement(desk)["allowed"] is False
    assert SAID in desk.yesman("plugin", "install", str(folder), "--yes", code=1).stderr


def test_no_configuration_knows_it(desk, folder):
    desk.home.mkdir(exist_ok=True)
    (desk.home / "config.yaml").write_text("allow_degraded: true\n")
    ran = desk.yesman("plugin", "install", str(folder), "--yes", code=2)
    assert "unknown key 'allow_degraded'" in ran.stderr


def test_a_server_that_was_not_told_is_not_told_later(desk):
    desk.yesman("server", "start")
    ran = desk.yesman("server", "start", "--allow-degraded", code=2)
    assert "was started without --allow-degraded. Stop it first: yesman server stop" in ran.stderr


def test_a_server_that_starts_by_itself_was_not_told(desk):
    desk.yesman("server", "start", "--allow-degraded")
    desk.yesman("server", "stop")
    desk.yesman("plugin", "list")
    assert confinement(desk)["allowed"] is False
