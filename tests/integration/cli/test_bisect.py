"""``yesman plugin bisect`` with real plugins, a real command and every way to cut it short."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

# Leaves a mark while it runs, as long as the host lets it: what the command looks for.
SOURCE = """
import os
from yesman.plugins import CommandPlugin, PluginCommand

class Marker(CommandPlugin):
    async def initialize(self):
        self.mark = self.context.data_dir + "/runs"
        open(self.mark, "w").close()
        return True

    async def cleanup(self):
        os.remove(self.mark)

    def get_commands(self):
        return [PluginCommand("{name}-tell", "It tells.", lambda: os.getpid())]
"""
STARTS = "activation: {on_startup: true}\n"
NAMES = ("one", "two", "three", "four", "five")


@pytest.fixture
def crowd(desk):
    """A machine with five plugins that run from the start, and leave a mark while they do."""
    for name in NAMES:
        folder = desk.plugin(name, SOURCE.format(name=name), STARTS, commands=(f"{name}-tell",))
        desk.yesman("plugin", "install", str(folder))
        desk.yesman(f"{name}-tell")
    return desk


def fails_with(desk, *names, body=""):
    """Return a command that fails while all of these plugins run."""
    marks = [str(desk.home / "data" / name / "runs") for name in names]
    program = Path(desk.environ["HOME"]) / "check.py"
    program.write_text(
        f"import os, sys, time\n{body}\nsys.exit(all(os.path.exists(mark) for mark in {marks!r}))"
    )
    return ("--", sys.executable, str(program))


def registry(desk):
    return (desk.home / "plugin_registry.json").read_bytes()


def running(desk):
    status = json.loads(desk.yesman("server", "status", "--json").stdout)
    return {row["name"] for row in status["plugins"] if row["pid"]}


@pytest.mark.parametrize("culprit", ["one", "four"])
def test_the_culprit_is_found_and_everything_runs_on_as_before(crowd, culprit):
    before = registry(crowd)
    ran = crowd.yesman("plugin", "bisect", *fails_with(crowd, culprit))
    assert ran.stdout.startswith(f"The culprit is {culprit}: ")
    assert "running it with 5 of 5 plugins" in ran.stderr
    assert registry(crowd) == before
    assert running(crowd) == set(NAMES)


FAILING = """
from yesman.plugins import CommandPlugin, PluginCommand

class Failing(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("fail", "It fails.", self.fail)]

    def fail(self):
        raise ValueError("always")
"""


@pytest.mark.parametrize("through", [(), ("sh", "-ec")])
def test_a_plugin_is_to_blame_for_its_own_command(crowd, through):
    crowd.yesman("plugin", "install", str(crowd.plugin("failing", FAILING, "", commands=("fail",))))
    command = (sys.executable, "-m", "yesman", "fail")
    line = (*through, " ".join(command)) if through else command
    ran = crowd.yesman("plugin", "bisect", "--", *line)
    assert ran.stdout.startswith("The culprit is failing: ")
    assert "cannot tell" in ran.stderr


DISTURBED = """
from yesman.plugins import CommandPlugin, PluginCommand

class Disturbed(CommandPlugin):
    def get_commands(self):
        return [PluginCommand("see", "It sees.", self.see)]

    def see(self):
        two = self.context.plugin_manager.get_plugin("two")
        assert two.state != "running"
"""


def test_who_breaks_the_command_of_another_is_found_with_it(crowd):
    folder = crowd.plugin("seeing", DISTURBED, "permissions: [plugin.manage]\n", commands=("see",))
    crowd.yesman("plugin", "install", str(folder), "--yes")
    ran = crowd.yesman("plugin", "bisect", "--json", "--", sys.executable, "-m", "yesman", "see")
    assert set(json.loads(ran.stdout)["plugins"]) == {"two", "seeing"}


def test_a_pair_is_found_as_json(crowd):
    ran = crowd.yesman("plugin", "bisect", "--json", *fails_with(crowd, "one", "five", body="print('seen')"))
    found = json.loads(ran.stdout)
    assert (found["verdict"], set(found["plugins"])) == ("together", {"one", "five"})
    assert ran.stderr.count("seen") == found["runs"]


def test_it_says_when_nobody_is_to_blame(crowd):
    assert "without any plugin" in crowd.yesman("plugin", "bisect", "--", "false", code=1).stdout
    assert "nothing to find" in crowd.yesman("plugin", "bisect", "--", "true", code=1).stdout
    assert "could not tell" in crowd.yesman("plugin", "bisect", "--", "sh", "-c", "exit 125", code=1).stdout


def test_a_command_that_is_not_there_is_told_at_once(crowd):
    ran = crowd.yesman("plugin", "bisect", "--", "no-such-program", code=None)
    assert ran.returncode
    assert "no-such-program" in ran.stderr
    assert crowd.yesman("one-tell").stdout


def test_plugins_that_are_left_out_are_refused_meanwhile(crowd):
    yesman = f"os.system({sys.executable + ' -m yesman one-tell 2>&1'!r})"
    ran = crowd.yesman("plugin", "bisect", *fails_with(crowd, "two", body=yesman))
    assert "'one' is not run while 'yesman plugin bisect' looks for a culprit" in ran.stdout
    assert "The culprit is two" in ran.stdout


@pytest.mark.parametrize("end", ["command line", "server"])
def test_killed_in_the_middle_it_leaves_everything_as_before(crowd, until, end):
    before = registry(crowd)
    busy = Path(crowd.environ["HOME"]) / "busy"
    wait = (
        f"n = not os.path.exists({str(crowd.home / 'data/one/runs')!r}) and open({str(busy)!r}, 'w') and 60"
    )
    command = crowd.start(
        "plugin",
        "bisect",
        *fails_with(crowd, "five", body=f"{wait}\ntime.sleep(n or 0)"),
        start_new_session=True,
    )
    until(busy.exists)
    assert running(crowd) != set(NAMES)  # else this would prove nothing
    if end == "server":
        crowd.kill_server()
    os.killpg(command.pid, signal.SIGKILL)
    command.communicate()
    crowd.yesman("plugin", "list")  # starts a server, if none runs
    until(lambda: running(crowd) == set(NAMES))
    assert registry(crowd) == before


def test_ctrl_c_ends_it_and_the_command(crowd, until):
    busy = Path(crowd.environ["HOME"]) / "busy"
    check = fails_with(crowd, "one", body=f"open({str(busy)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    command = crowd.start("plugin", "bisect", *check, start_new_session=True)
    until(lambda: busy.exists() and busy.read_text())
    os.killpg(command.pid, signal.SIGINT)
    command.communicate()
    assert command.returncode == 130
    assert not Path(f"/proc/{busy.read_text()}").exists()
    until(lambda: running(crowd) == set(NAMES))


def test_there_is_one_at_a_time(crowd):
    inner = f"os.system({sys.executable + ' -m yesman plugin bisect -- true 2>&1'!r})"
    ran = crowd.yesman("plugin", "bisect", *fails_with(crowd, "two", body=inner))
    assert "another 'yesman plugin bisect' is going on" in ran.stdout
    assert "The culprit is two" in ran.stdout


KILL = """
import json, signal, subprocess
ask = [sys.executable, "-m", "yesman", "server", "status", "--json"]
status = subprocess.run(ask, stdout=subprocess.PIPE)
bad = os.path.exists({mark!r})
for row in json.loads(status.stdout)["plugins"]:
    row["pid"] and os.kill(row["pid"], signal.SIGKILL)
bad and os.remove({mark!r})
sys.exit(bad)
"""


def test_crashes_meanwhile_put_nobody_into_quarantine(crowd):
    kill = KILL.format(mark=str(crowd.home / "data/three/runs"))
    ran = crowd.yesman("plugin", "bisect", *fails_with(crowd, "three", body=kill))
    assert "The culprit is three" in ran.stdout
    states = {row["state"] for row in json.loads(crowd.yesman("plugin", "list", "--json").stdout)}
    assert states == {"running"}
