"""``yesman plugin dev``: a plugin's folder is watched, and what the plugin does is shown as it happens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.activity import ActivityDisplay, JsonLines
from yesman.cli.consent import request
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.install import Source, install
from yesman.cli.question import can_ask
from yesman.cli.terminal import plain
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation

MORE = """

The folder is linked, as by 'yesman plugin install --link', unless it is already. From then on each change
is taken over at once: the new code is loaded beside the old, handed its state, and serves if it is fit;
else the old code goes on and you see why. Calls, events, refusals and the plugin's log are shown live. You
are asked when the plugin asks for a new permission, or is refused one that it asks for.

Run the plugin's commands in another terminal; breakpoint() in one of them stops there. Ctrl-C ends this and
leaves the plugin linked."""


@click.command(
    "dev",
    help=catalogue.PLUGIN["dev"].help + MORE,
    epilog=example("yesman plugin dev ./my-plugin", "yesman plugin dev --json ./my-plugin"),
    context_settings=CONTEXT,
)
@click.argument("folder", metavar="DIR", default=".")
@click.option(
    "--yes", is_flag=True, help="Grant the permissions it declares, and any it comes to declare, unasked."
)
@as_json
@click.pass_obj
def command(invocation: Invocation, folder: str, *, yes: bool, as_json: bool) -> None:
    """Watch a plugin's folder, reload the plugin at every change, and show what it does."""
    name = _linked(invocation, folder, yes=yes)
    if not as_json:
        render.note(f"Watching {plain(os.path.realpath(folder))} for {plain(name)}. Press Ctrl-C to end.")
    asked: list[str] = []
    while True:
        params = {"name": name, "ask": can_ask() and not as_json, "asked": asked}
        display = JsonLines() if as_json else ActivityDisplay()
        needs = invocation.converse("plugin.develop", "it watched the folder", params, display).value
        if needs["needs"] == "grant":
            asked.append(needs["permission"])
            _offer(invocation, name, needs["permission"])
        else:
            _take_over(invocation, folder, name, yes=yes)


def _linked(invocation: Invocation, folder: str, *, yes: bool) -> str:
    """Return the name of the plugin in ``folder``, which is linked and installed as it is now."""
    path = os.path.realpath(folder)
    plugin = invocation.call("plugin.inspect", "it looked at the plugin", {"path": path, "link": True})
    wanted = {"digest": plugin["digest"], "source": path, "linked": True}
    if not plugin["installed"] or not plugin["installed"].items() >= wanted.items():
        install(invocation, Source.at(folder, link=True), yes=yes)
    return str(plugin["name"])


def _take_over(invocation: Invocation, folder: str, name: str, *, yes: bool) -> None:
    """Install a changed manifest or changed requirements; while they make no sense, all goes on as it was."""
    try:
        install(invocation, Source.at(folder, link=True), yes=yes, brief=True)
    except YesmanError as error:
        step = f" {error.next_step}." if error.next_step else ""
        render.note(f"{plain(error.message)}.{plain(step)} {plain(name)} goes on as it was.")
    else:
        render.note(f"{plain(name)}: the changed plugin.yaml or requirements are taken over.")


def _offer(invocation: Invocation, name: str, permission: str) -> None:
    """Ask whether to grant what the plugin was just refused, which its manifest asks for."""
    render.note(f"{plain(name)} was refused {plain(permission)}, which it asks for.")
    asked = invocation.call("plugin.permissions", "it looked at grants", {"name": name})["permissions"]
    if request(name, [row for row in asked if row["permission"] == permission]):
        params = {"name": name, "permissions": [permission], "by": "terminal"}
        invocation.call("plugin.grant", "it granted the permission", params)
