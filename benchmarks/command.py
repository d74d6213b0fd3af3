"""What a plugin's command costs more than a built-in one, on a warm server."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.folders import command_of
from benchmarks.homes import home_with, plugin_name
from benchmarks.lab import PYTHON
from benchmarks.rows import Beside, Measured, Row, Unit
from benchmarks.serving import Server, ask
from benchmarks.stats import Added, Samples
from benchmarks.timing import in_turns, repeated, run_time

if TYPE_CHECKING:
    from benchmarks.lab import Lab

INSTALLED = 20
PLUGIN = plugin_name(0)
COMMAND = command_of(PLUGIN)


def _command_lines(lab: Lab) -> dict[str, Samples]:
    """Return how long a plugin's command and a built-in one take, in turns, on one server."""
    home = home_with(lab, INSTALLED)
    env = lab.environment(home.root)
    server = Server(lab, home)
    server.start()
    actions = {
        "plugin": partial(run_time, [PYTHON, "-m", "yesman", COMMAND], env),
        "built-in": partial(run_time, [PYTHON, "-m", "yesman", "server", "status"], env),
        "pass": partial(run_time, [PYTHON, "-c", "pass"], env),
    }
    found = in_turns(actions, lab.times(60, 20), warm_up=2)
    server.stop()
    return found


def _on_socket(lab: Lab) -> dict[str, Samples]:
    """Return round trips on the server's socket: a plugin's command, and the server's own status."""
    server = Server(lab, home_with(lab, INSTALLED))
    server.start()
    with server.client() as client:
        params = {
            "plugin": PLUGIN,
            "command": COMMAND,
            "options": {},
            "session": None,
            "terminal": {"in": False, "out": False, "err": False},
            "columns": 80,
            "lines": 24,
            "cwd": os.getcwd(),  # noqa: PTH109 - text goes on the wire
            "tmux": None,
            "tmux_pane": None,
        }
        found = {
            "plugin": repeated(lambda: ask(client, "command.run", **params), lab.times(1500), warm_up=50),
            "status": repeated(lambda: ask(client, "server.status"), lab.times(300), warm_up=20),
        }
    server.stop()
    return found


def added(lab: Lab) -> Measured:
    """Measure ``yesman COMMAND`` less ``yesman server status``."""
    found = lab.once("commands", _command_lines)
    beside = (
        Beside("yesman server status", found["built-in"]),
        Beside("python -c pass", found["pass"]),
    )
    return Measured(Added(found["plugin"], found["built-in"]), beside, f"{INSTALLED} installed")


def whole(lab: Lab) -> Measured:
    """Measure ``yesman COMMAND`` from start to end, the interpreter's start and all."""
    found = lab.once("commands", _command_lines)
    return Measured(found["plugin"], (Beside("python -c pass", found["pass"], floor=True),))


def on_socket(lab: Lab) -> Measured:
    """Measure the server's share of it."""
    found = lab.once("on socket", _on_socket)
    return Measured(
        found["plugin"], (Beside("server.status", found["status"]),), "one client, one connection"
    )


ROWS = (
    Row(
        "command.added",
        "command, warm server, over a built-in one",
        Unit.MILLISECONDS,
        "plan: runtime performance; design 13",
        added,
        plan=50,
        budget={50: 10},
    ),
    Row("command.whole", "… the whole command line", Unit.MILLISECONDS, "no limit is set", whole),
    Row(
        "command.socket",
        "… the server's and the plugin's share",
        Unit.MILLISECONDS,
        "plan: runtime performance; design 13",
        on_socket,
        plan=50,
        budget={50: 10},
        tail=True,
    ),
)
