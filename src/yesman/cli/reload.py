"""``yesman plugin reload``: a plugin goes on in a new process, and nobody who uses it notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

MORE = """

A new process is started on the plugin's files as they are, beside the one that serves. When it is loaded
and says that it is fit, it is handed the plugin's state and takes over; what the old one has begun it
finishes. A new process that fails leaves the old one serving."""


@click.command(
    "reload",
    help=catalogue.PLUGIN["reload"].help + MORE,
    epilog=example("yesman plugin reload git-insight"),
    context_settings=CONTEXT,
)
@click.argument("name")
@as_json
@click.pass_obj
def command(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Have a plugin go on in a new process."""
    answer = invocation.call("plugin.reload", "it reloaded the plugin", {"name": name})
    if as_json:
        render.show_json(answer)
    else:
        render.say(told(answer))


def told(reloaded: Mapping[str, Any]) -> str:
    """Return in a sentence how a plugin was reloaded."""
    state = ", with its state" if reloaded["state"] else ""
    where = f"process {reloaded['pid']}{state}"
    times = f"ready after {reloaded['load_ms']:.0f} ms, took over in {reloaded['swap_ms']:.0f} ms"
    return f"{plain(reloaded['plugin'])} {plain(reloaded['version'])} goes on in {where} ({times})."
