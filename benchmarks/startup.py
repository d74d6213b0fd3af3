"""Starting: the server until it is ready, and the command line, with 0, 20 and 1 000 plugins."""

from __future__ import annotations

import shutil
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.folders import command_of
from benchmarks.homes import COUNTS, home_with, plugin_name
from benchmarks.lab import BARE_PYTHON, PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.serving import Server, adopt_orphans, ask, stop_detached
from benchmarks.stats import Added, Samples
from benchmarks.timing import in_turns, run_time

if TYPE_CHECKING:
    from benchmarks.lab import Lab

CLI = (PYTHON, "-m", "yesman")
STARTED = 20
POLL_SECONDS = 0.005


def _command_lines(lab: Lab) -> dict[str, Samples]:
    """Return how long ``yesman --help`` takes by number of plugins, and what stands beside it, in turns."""
    env = lab.environment()
    homes = {count: lab.environment(home_with(lab, count).root) for count in COUNTS}
    actions = {str(count): partial(run_time, [*CLI, "--help"], homes[count]) for count in COUNTS}
    actions |= {
        "pass": partial(run_time, [PYTHON, "-c", "pass"], env),
        "click": partial(run_time, [PYTHON, "-c", "import click"], env),
    }
    git = shutil.which("git")
    if git:
        actions["git"] = partial(run_time, [git, "--version"], env)
    return in_turns(actions, lab.times(60, 20))


def _servers(lab: Lab) -> dict[str, Samples]:
    """Return how long servers take until they are ready, by number of plugins, in turns."""
    servers = {str(count): Server(lab, home_with(lab, count)) for count in COUNTS}
    actions = {count: server.start_and_stop for count, server in servers.items()}
    actions["pass"] = partial(run_time, [BARE_PYTHON, "-I", "-c", "pass"], lab.environment())
    return in_turns(actions, lab.times(15, 5))


def _all_running(lab: Lab) -> Samples:
    """Return how long a server takes until all of its plugins run that want to run from the start."""
    server = Server(lab, home_with(lab, STARTED, on_startup=True))

    def once() -> float:
        start = time.perf_counter()
        server.start()
        with server.client() as client:
            while _running(ask(client, "server.status")["plugins"]) < STARTED:
                time.sleep(POLL_SECONDS)
                if time.perf_counter() - start > 30:
                    raise RuntimeError("not all plugins have started within half a minute")
        seconds = time.perf_counter() - start
        server.stop()
        return seconds

    return in_turns({"all": once}, lab.times(8, 3))["all"]


def _running(plugins: list[dict[str, object]]) -> int:
    return sum(plugin["state"] == "running" for plugin in plugins)


def help_alone(lab: Lab) -> Measured:
    """Measure ``yesman --help`` without any plugin."""
    found = lab.once("command lines", _command_lines)
    beside = [
        Beside("python -c pass", found["pass"], floor=True),
        Beside("python -c 'import click'", found["click"], floor=True),
    ]
    if "git" in found:
        beside.append(Beside("git --version", found["git"], floor=True))
    return Measured(found["0"], tuple(beside))


def help_added(lab: Lab, count: int) -> Measured:
    """Measure what ``count`` installed plugins add to it."""
    found = lab.once("command lines", _command_lines)
    none = Beside("the same, none installed", found["0"])
    note = "registry generated, not installed; no server runs"
    return Measured(Added(found[str(count)], found["0"]), (none,), note)


def server_alone(lab: Lab) -> Measured:
    """Measure the start of a server without any plugin."""
    found = lab.once("servers", _servers)
    return Measured(found["0"], (Beside("cold interpreter", found["pass"], floor=True),))


def server_added(lab: Lab, count: int) -> Measured:
    """Measure what ``count`` installed plugins add to it."""
    found = lab.once("servers", _servers)
    none = Beside("the same, none installed", found["0"])
    return Measured(Added(found[str(count)], found["0"]), (none,), "no plugin is started")


def all_running(lab: Lab) -> Measured:
    """Measure the start of a server that starts twenty plugins."""
    none = Beside("server start, none installed", lab.once("servers", _servers)["0"], floor=True)
    return Measured(lab.once("all running", _all_running), (none,), "manifests say activation: on_startup")


def first_command(lab: Lab) -> Measured:
    """Measure a plugin's command when nothing runs: it starts server, zygote and plugin."""
    adopt_orphans()
    home = home_with(lab, STARTED)
    env = lab.environment(home.root)

    def once() -> float:
        try:
            return run_time([*CLI, command_of(plugin_name(0))], env)
        finally:
            stop_detached(home)

    samples = in_turns({"first": once}, lab.times(15, 4))["first"]
    server = Beside("server start, none installed", lab.once("servers", _servers)["0"], floor=True)
    return Measured(samples, (server,), "one command line starts the server, the zygote and the plugin")


LIMIT = "plan: total start-up overhead with 20 plugins; design 13"
ROWS = (
    Row("start.cli", "yesman --help, none installed", Unit.MILLISECONDS, "no limit is set", help_alone),
    Row(
        "start.cli-20",
        "… what 20 installed plugins add",
        Unit.MILLISECONDS,
        LIMIT,
        partial(help_added, count=20),
        plan=2000,
        budget={50: 10},
    ),
    Row(
        "start.cli-1000",
        "… what 1 000 installed plugins add",
        Unit.MILLISECONDS,
        "issue: at most 10 ms more than none",
        partial(help_added, count=1000),
        budget={50: 10},
    ),
    Row(
        "start.server",
        "server until ready, none installed",
        Unit.MILLISECONDS,
        "no limit is set",
        server_alone,
    ),
    Row(
        "start.server-20",
        "… what 20 installed plugins add",
        Unit.MILLISECONDS,
        LIMIT,
        partial(server_added, count=20),
        plan=2000,
        budget={50: 10},
    ),
    Row(
        "start.server-1000",
        "… what 1 000 installed plugins add",
        Unit.MILLISECONDS,
        "no limit is set",
        partial(server_added, count=1000),
    ),
    Row(
        "start.all-20",
        "server until 20 plugins run",
        Unit.MILLISECONDS,
        "plan: total start-up overhead with 20 plugins",
        all_running,
        plan=2000,
    ),
    Row(
        "start.first",
        "first command ever, 20 installed",
        Unit.MILLISECONDS,
        "plan: total start-up overhead with 20 plugins",
        first_command,
        plan=2000,
    ),
)
