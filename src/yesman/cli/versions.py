"""``yesman plugin rollback`` and ``pin``: which version of a plugin is used, among those that are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation

ROLLBACK = """

It takes over as an update does: what runs goes on in it, and if it is not fit nothing changes. It is granted
nothing that you have taken back since. Once more leads forward again."""
PIN = """

Updates leave it at the version that it has. Installing another one by name or file still works."""


@click.command(
    "rollback",
    help=catalogue.PLUGIN["rollback"].help + ROLLBACK,
    epilog=example("yesman plugin rollback git-insight"),
    context_settings=CONTEXT,
)
@click.argument("name")
@as_json
@click.pass_obj
def rollback(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Go back to the version before."""
    answer = invocation.call("plugin.rollback", "it went back to the version before", {"name": name})
    if as_json:
        render.show_json(answer)
        return
    for warning in answer["warnings"]:
        render.note(f"Warning: {plain(warning)}")
    name, version = plain(answer["name"]), plain(answer["version"])
    why = f": {plain(answer['reason'])}" if answer["reason"] else ""
    render.say(
        f"{name} is {version} again, instead of {plain(answer['before'])}, and {plain(answer['state'])}{why}."
    )
    render.say(f"To have updates leave it so: yesman plugin pin {name}")


@click.command(
    "pin",
    help=catalogue.PLUGIN["pin"].help + PIN,
    epilog=example("yesman plugin pin git-insight", "yesman plugin pin git-insight --off"),
    context_settings=CONTEXT,
)
@click.argument("name")
@click.option("--off", is_flag=True, help="Let updates change it again.")
@as_json
@click.pass_obj
def pin(invocation: Invocation, name: str, *, off: bool, as_json: bool) -> None:
    """Keep a plugin at the version it has."""
    answer = invocation.call("plugin.pin", "it changed that", {"name": name, "pinned": not off})
    if as_json:
        render.show_json(answer)
    elif off:
        render.say(f"{plain(answer['name'])} may be updated again.")
    else:
        render.say(f"{plain(answer['name'])} stays at {plain(answer['version'])}.")
