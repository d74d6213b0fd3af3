"""The server, or the zygote, is killed at any moment: nothing is half done and nobody is left behind.

Moments are random; a failure prints the seed, and ``YESMAN_TEST_SEED`` repeats it.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hosted.orphans import children_of
from hosted.state import state

from yesman.package.packing import pack
from yesman.runtime.zygote import home_number
from yesman.sandbox import family

SEED = os.environ.get("YESMAN_TEST_SEED") or secrets.token_hex(4)
MOMENTS = {"install": 8, "update": 4, "command": 4, "disable": 4, "package": 4}
TELL = "time.sleep(0.05)\nself.note(arg)\ntime.sleep(0.05)\nreturn self.context.config['who']"
WHO = {"type": "object", "properties": {"who": {"type": "string", "required": True}}}


def tmux_pid(server):
    command = ["tmux", "-S", str(server.home.tmux_socket), "display-message", "-p", "#{pid}"]
    return int(subprocess.run(command, capture_output=True, check=True).stdout)


class Operation:
    """One kind of change: how to begin it, and how to get back to where it began."""

    def __init__(self, server, plugins, tmp_path):
        self.server = server
        self.folders = {
            "old": plugins.make("old", commands={"old": "return 1"}, config=WHO, dependencies=["thing<2"]),
            "new": plugins.make("new", commands={"tell": TELL}, config=WHO, dependencies=["thing"]),
        }
        server.install(self.folders["old"], config={"who": "Old"})
        update = type(plugins)(tmp_path / "update")
        pack(plugins.make("packed", commands={"tell": TELL}, config=WHO), tmp_path / "packed.yplug")
        self.folders["package"] = tmp_path / "packed.yplug"
        self.folders["update"] = update.make(
            "old", commands={"old": "return 2"}, config=WHO, version="2.0.0", dependencies=["thing>=2"]
        )
        server.session("work", tmp_path / "w")

    def params(self, which):
        folder = self.folders[which]
        digest = self.server.inspect(folder)["digest"]
        agreed = {"digest": digest, "consent": [], "replace": True}
        return {"path": str(folder), "config": {"who": which}, **agreed}

    def prepare(self, kind):
        """Return the request that does it, everything before it done."""
        if kind == "install":
            return "plugin.install", self.params("new")
        if kind == "update":
            self.server.install(self.folders["update"], config={"who": "New"}, replace=True)
            self.undo(kind)  # so that there is one to go back to, before as after
            return "plugin.install", self.params("update")
        if kind == "package":
            return "plugin.install", self.params("package")
        if kind == "command":
            self.server.install(self.folders["new"], config={"who": "Ann"})
            self.undo(kind)  # the file is there: making and filling it are two steps, and the plugin's own
            where = {"terminal": {}, "columns": 80, "lines": 24, "cwd": "/"}
            return "command.run", {"plugin": "new", "command": "tell", "options": {"arg": "x"}, **where}
        return "plugin.disable", {"name": "old"}

    def undo(self, kind):
        if kind == "install":
            self.server.call("plugin.remove", name="new", purge=True)
        elif kind == "package":
            self.server.call("plugin.remove", name="packed", purge=True)
        elif kind == "update":
            self.server.install(self.folders["old"], config={"who": "Old"}, replace=True)
        elif kind == "command":
            self.server.data("new").mkdir(mode=0o700, exist_ok=True)
            (self.server.data("new") / "notes").write_text("")
        else:
            self.server.call("plugin.enable", name="old")


def killed_during(server, request, seconds):
    """Send a request and kill the server after so many seconds, whoever started it."""
    pid = server.call("server.status")["pid"]
    wire = server.wire()
    wire.send(request[0], **request[1])
    time.sleep(seconds)  # the moment itself
    os.kill(pid, signal.SIGKILL)
    wire.answer()
    wire.close()
    return pid


@pytest.fixture
def operation(cold, plugins, tmp_path, wheel):
    """What can be begun on a server that a command line has started."""
    wheel("thing", "1.0")
    wheel("thing", "2.0")
    assert cold.yesman("server", "start").returncode == 0
    return Operation(cold, plugins, tmp_path)


@pytest.mark.parametrize("kind", MOMENTS)
def test_a_killed_server_leaves_before_or_after(cold, operation, orphans, kind):
    request = operation.prepare(kind)
    chance = random.Random(f"{SEED} {kind}")  # noqa: S311 - moments, not secrets
    before = state(cold)
    start = time.monotonic()
    cold.call(request[0], **request[1])
    whole = time.monotonic() - start
    after = state(cold)
    operation.undo(kind)
    assert state(cold) == before
    tmux = frozenset({tmux_pid(cold)})
    for number in range(MOMENTS[kind]):
        moment = chance.uniform(0, whole * 1.1)
        print(f"YESMAN_TEST_SEED={SEED}: {kind} {number}: killed after {moment:.4f} of {whole:.4f} s")  # noqa: T201 - shown with a failure
        killed_during(cold, request, moment)
        assert not orphans(known=tmux), "processes outlived the server"
        listed = cold.yesman("plugin", "list", "--json")
        assert (listed.returncode, listed.stderr) == (0, "")
        assert {row["state"] for row in json.loads(listed.stdout)} <= {"enabled", "installed"}
        found = state(cold)
        assert found in (before, after)
        if found == after:
            operation.undo(kind)
        assert state(cold) == before


@pytest.mark.escape("processes")
def test_a_killed_server_takes_its_plugins_with_it(cold, plugins, orphans):
    cold.start()
    cold.install(plugins.make(commands={"pid": "return os.getpid()"}))
    pid = cold.value("demo", "pid")
    zygote = cold.call("server.status")["zygote"]
    cold.kill()
    assert not orphans()
    assert not [known for known in (pid, zygote) if Path(f"/proc/{known}").exists()]


def test_a_killed_zygote_is_replaced(server, plugins, until, orphans):
    server.install(plugins.make(commands={"pid": "return os.getpid()", "wait": "time.sleep(1000)"}))
    first = server.value("demo", "pid")
    zygote = server.call("server.status")["zygote"]
    os.kill(zygote, signal.SIGKILL)
    until(lambda: server.call("server.status")["plugins"][0]["pid"] is None)
    second = server.value("demo", "pid")
    assert second != first
    assert server.call("server.status")["zygote"] != zygote
    assert not orphans(known=frozenset({server.pid}))
    assert not Path(f"/proc/{first}").exists()


def test_a_command_whose_zygote_is_killed_says_so(server, plugins, until):
    server.install(plugins.make(commands={"wait": "print('here', flush=True)\ntime.sleep(1000)"}))
    wire = server.wire()
    params = {"options": {"arg": ""}, "terminal": {}, "columns": 80, "lines": 24}
    wire.send("command.run", plugin="demo", command="wait", **params)
    assert wire.next() is not None
    os.kill(server.call("server.status")["zygote"], signal.SIGKILL)
    failure = server.explained(wire.answer())
    wire.close()
    assert failure["kind"] == "plugin", failure
    assert "while running 'wait'" in failure["message"]
    assert server.state_of("demo") == "enabled"


@pytest.fixture
def silent_index():
    """A package index that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as asked:
        listener.settimeout(30)
        yield listener, asked


def asking(server, folder, index):
    """Begin to install ``folder``, return the connection when uv waits for ``index``."""
    params = {"path": str(folder), "digest": server.inspect(folder)["digest"], "consent": []}
    wire = server.wire()
    wire.send("plugin.install", **params)
    listener, asked = index
    asked.enter_context(listener.accept()[0])  # left open: closing it would be an answer
    assert "uv" in descendants(server.pid)
    return wire


@pytest.fixture
def slow(cold, silent_index):
    """A server whose uv waits for ever."""
    del cold.environ["PIP_NO_INDEX"], cold.environ["PIP_FIND_LINKS"]
    cold.environ["PIP_INDEX_URL"] = f"http://127.0.0.1:{silent_index[0].getsockname()[1]}/simple"
    cold.start()
    return cold


def descendants(pid):
    """Return the names of all processes below ``pid``."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        for child in children_of(pid):
            found += [Path(f"/proc/{child}/comm").read_text().strip(), *descendants(child)]
    return found


def test_uv_does_not_outlive_a_killed_server(slow, plugins, silent_index, orphans):
    wire = asking(slow, plugins.make(dependencies=["thing"]), silent_index)
    slow.kill()
    wire.close()
    assert not orphans()


def test_a_cancelled_installation_leaves_nothing(slow, plugins, silent_index, until):
    wire = asking(slow, plugins.make(dependencies=["thing"]), silent_index)
    wire.close()
    until(lambda: "uv" not in descendants(slow.pid))
    assert slow.names() == []
    until(lambda: list(slow.home.store.iterdir()) == list(slow.home.environments.iterdir()) == [])
    assert slow.install(plugins.make("other", commands={"x": "return 1"}))["state"] == "enabled"


def test_two_command_lines_racing_to_start_get_one_server(cold, orphans):
    command = ["sh", "-c", 'for n in 1 2 3 4; do "$@" server start & done; wait', "-"]
    racing = subprocess.run(
        [*command, sys.executable, "-m", "yesman"], env=cold.environ, cwd="/", capture_output=True, check=True
    )
    assert racing.stderr == b""
    pid = cold.running()
    assert orphans(seconds=5, known=frozenset({pid})) == {}


LEAVE = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sh", ["/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1000; done"])
    os._exit(0)
os.wait()
return os.getpid()
"""


@pytest.fixture
def leaving(cold, plugins, until):
    """A server with a plugin whose orphan runs, and how many processes of the plugin there are."""
    cold.start()
    cold.install(plugins.make(commands={"leave": LEAVE}, permissions=["system.execute"]))
    cold.value("demo", "leave")
    number = home_number(cold.home.root)
    until(lambda: "sleep" in {name_of(pid) for pid in family.of_home(number)})
    return cold, lambda: sum(not family._is_zombie(pid) for pid in family.of_home(number))


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def test_a_killed_server_takes_its_plugins_programs_with_it(leaving, until):
    server, count = leaving
    assert count() == 3, "the plugin, a shell, and its sleep"
    server.kill()
    until(lambda: count() == 0)


def test_a_killed_zygote_takes_its_plugins_programs_with_it(leaving, until):
    server, count = leaving
    os.kill(server.call("server.status")["zygote"], signal.SIGKILL)
    until(lambda: count() == 0)
    assert server.value("demo", "leave")


def test_a_stopped_server_leaves_no_programs(leaving):
    server, count = leaving
    server.stop()
    assert count() == 0


def test_what_a_server_killed_with_its_zygote_left_is_ended_by_the_next_one(leaving, until):
    server, count = leaving
    zygote = server.call("server.status")["zygote"]
    os.kill(zygote, signal.SIGSTOP)  # it must not notice before it is killed
    server.kill()
    os.kill(zygote, signal.SIGKILL)
    until(lambda: count() == 2)
    server.start()
    until(lambda: count() == 0)
