"""``yesman plugin permissions``, ``grant`` and ``revoke``: what plugins may do, and changing it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import as_json, described
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.cli.invocation import Invocation

HEADS = ("PERMISSION", "GRANTED", "RISK", "REACHES", "REASON (AS THE PLUGIN SAYS)")


_command = described(catalogue.PLUGIN)


@_command(
    "permissions",
    "Every permission of its plugin.yaml with risk, reach and reason, and whether it is granted: "
    "wholly, in part or not.",
    "yesman plugin permissions git-insight",
)
@click.argument("name")
@as_json
@click.pass_obj
def permissions(invocation: Invocation, name: str, *, as_json: bool) -> None:
    """Show what a plugin may do, and what it asks for."""
    answer = invocation.call("plugin.permissions", "it looked at the permissions", {"name": name})
    if as_json:
        render.show_json(answer)
    elif not answer["permissions"]:
        render.note(f"{plain(answer['name'])} asks for no permissions.")
    else:
        render.say(render.table(HEADS, map(row, answer["permissions"])))


def row(permission: Mapping[str, Any]) -> list[str]:
    """Return a permission's cells, under :data:`HEADS`."""
    parts = [grant for grant in permission["grants"] if grant != permission["permission"]]
    granted = "yes" if permission["granted"] else "no"
    if parts:
        granted = f"{'yes, and' if permission['granted'] else 'in part:'} {', '.join(parts)}"
    keys = ("risk", "reaches", "reason")
    return [permission["permission"], granted, *(permission[key] for key in keys)]


@_command(
    "grant",
    "A permission is granted as the plugin asks for it, or narrower: where it asks for filesystem.read, "
    "filesystem.read:~/projects may be granted.",
    "yesman plugin grant git-insight session.read filesystem.read:~/projects",
)
@click.argument("name")
@click.argument("permission", nargs=-1, required=True)
@as_json
@click.pass_obj
def grant(invocation: Invocation, name: str, permission: tuple[str, ...], *, as_json: bool) -> None:
    """Grant permissions that a plugin asks for."""
    params = {"name": name, "permissions": list(permission), "by": _by()}
    answer = invocation.call("plugin.grant", "it granted the permissions", params)
    if as_json:
        render.show_json(answer)
    else:
        _tell(answer, "is granted", answer["added"], "had been granted before")


@_command(
    "revoke",
    "When it returns, nothing of the plugin runs any more that could use them. A call that is going on "
    "may fail; the next one starts the plugin afresh.",
    "yesman plugin revoke git-insight filesystem.read",
    "yesman plugin revoke git-insight --all",
)
@click.argument("name")
@click.argument("permission", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that it was granted.")
@as_json
@click.pass_obj
def revoke(
    invocation: Invocation, name: str, permission: tuple[str, ...], *, everything: bool, as_json: bool
) -> None:
    """Take permissions back, at once."""
    if everything == bool(permission):
        raise UsageError(
            "Either permissions or --all must be given", f"See: yesman plugin permissions {name}"
        )
    params = {"name": name, "permissions": None if everything else list(permission), "by": _by()}
    answer = invocation.call("plugin.revoke", "it revoked the permissions", params)
    if as_json:
        render.show_json(answer)
    else:
        _tell(answer, "no longer has", answer["removed"], "had not been granted it")


def _tell(answer: Mapping[str, Any], what: str, changed: Sequence[str], otherwise: str) -> None:
    name = plain(answer["name"])
    if not changed:
        render.note(f"Nothing was changed: {name} {otherwise}.")
    for text in changed:
        render.say(f"{name} {what} {plain(text)}.")


def _by() -> str:
    """Say for the ledger whether a person typed this."""
    return "terminal" if sys.stdin.isatty() else "command line"
