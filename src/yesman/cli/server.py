"""``yesman server …``: the one process that everything else is asked of."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.client import dial, stop
from yesman.cli.failures import NotRunningError
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.invocation import talk
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.client import Connection
    from yesman.cli.invocation import Invocation

group = LazyGroup(
    "server",
    catalogue.SERVER,
    help=catalogue.ROOT["server"].help + "\n\nIt is started by itself when it is needed.",
    epilog=example("yesman server status"),
)
"""``yesman server``."""


_command = described(catalogue.SERVER)


@_command("start", "", "yesman server start", "yesman server start --tmux-socket /tmp/tmux-1000/default")
@click.option("--foreground", is_flag=True, help="Stay in this terminal, for a service manager.")
@click.option(
    "--tmux-socket", type=click.Path(path_type=Path), metavar="PATH", help="Join the tmux server at PATH."
)
@click.option(
    "--allow-degraded",
    is_flag=True,
    help="Run plugins even if this machine confines them less than fully, until this server stops.",
)
@click.pass_obj
def start(
    invocation: Invocation, tmux_socket: Path | None, *, foreground: bool, allow_degraded: bool
) -> None:
    """Start the server, if none runs."""
    invocation.allow_degraded = allow_degraded
    invocation.tmux_socket = tmux_socket.absolute() if tmux_socket else invocation.tmux_socket
    if foreground:
        _become_server(invocation)
    connection = dial(invocation.home)
    if connection is not None:
        connection.close()
    with closing(invocation.connect()) as standing:
        if allow_degraded:
            _tell_degradation(standing)
        word = "already runs" if connection else "runs now"
        render.say(f"The server {word} as process {standing.pid}.")


def _tell_degradation(standing: Connection) -> None:
    """Say what was allowed; a server that runs already was not told, or was told before."""
    found = talk(standing, "server.status", "telling its state", {}).value["confinement"]
    if not found["allowed"]:
        raise UsageError(
            "The running server was started without --allow-degraded", "Stop it first: yesman server stop"
        )
    render.note(plain(degradation(found)))


def degradation(found: Mapping[str, Any]) -> str:
    """Return what a server says of confinement, as a sentence."""
    if not found["known"]:
        return "It is not known what this machine enforces. See logs/server.log"
    if not found["missing"]:
        return "Plugins are confined fully."
    missing = f"{found['why']} (missing: {', '.join(found['missing'])})"
    if found["runs"]:
        return f"DEGRADED by --allow-degraded: plugins run although {missing}."
    return f"Plugins are not run, because {missing}."


def _become_server(invocation: Invocation) -> None:
    from yesman.cli.launch import server_argv  # noqa: PLC0415 - brings nothing the client needs
    from yesman.process import replace  # noqa: PLC0415 - brings asyncio

    os.environ["YESMAN_HOME"] = str(invocation.home.root)
    replace(server_argv(**invocation.server_options))


@_command("stop", "", "yesman server stop")
@click.pass_obj
def stop_(invocation: Invocation) -> None:
    """Stop the server and its plugins; sessions stay."""
    connection = dial(invocation.home)  # not greeted: a server of another version must stop as well
    if connection is None:
        render.say("The server is not running.")
        return
    stop(connection)
    render.say(f"The server (process {connection.pid}) has stopped.")


@_command("status", "Exits with 1 when it is not running.", "yesman server status --json")
@as_json
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show the server's state."""
    invocation: Invocation = ctx.obj
    try:
        connection = invocation.connect(start=False)
    except NotRunningError:
        render.show_json({"running": False}) if as_json else render.say("The server is not running.")
        ctx.exit(1)
    with closing(connection):
        answer = talk(connection, "server.status", "telling its state", {}).value
    if as_json:
        render.show_json({"running": True, **answer})
    else:
        _tell(answer)


def _tell(answer: Mapping[str, Any]) -> None:
    about = {
        "Process": answer["pid"],
        "Version": answer["version"],
        "Up for": _duration(int(answer["uptime"])),
        "Home": answer["home"],
        "Tmux socket": answer["tmux_socket"],
        "Confinement": degradation(answer["confinement"]),
    }
    if answer["safe_mode"]:
        about["Safe mode"] = "No plugin runs. To run them again: yesman server stop"
    render.say(render.record(about))
    if answer["plugins"]:
        keys = ("name", "version", "state", "pid", "reason")
        rows = ([plugin[key] for key in keys] for plugin in answer["plugins"])
        render.say("\n" + render.table(("PLUGIN", "VERSION", "STATE", "PROCESS", ""), rows))


def _duration(seconds: int) -> str:
    """Return ``3d 4h``, ``4h 5min`` or ``5min 6s``: the two largest units."""
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[str] = []
    for unit, size in units:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count}{unit}")
    return plain(" ".join(parts[:2]) or "0s")
