"""``yesman plugin limits``: how much a plugin may use, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.terminal import plain
from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.cli.invocation import Invocation

HEADS = ("LIMIT", "VALUE", "DEFAULT", "")


@click.command(
    "limits",
    help=f"{catalogue.PLUGIN['limits'].help}\n\nA change counts from the plugin's next start and is kept in "
    "config.yaml. 'cpu', 'command' and 'disk' may be 'none'.",
    context_settings=CONTEXT,
    epilog=example(
        "yesman plugin limits git-insight",
        "yesman plugin limits git-insight memory=2GB cpu=5m",
        "yesman plugin limits git-insight --unset memory",
    ),
)
@click.argument("name")
@click.argument("change", nargs=-1, metavar="[LIMIT=VALUE]...")
@click.option("--unset", multiple=True, metavar="LIMIT", help="Go back to the default. May be repeated.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation, name: str, change: tuple[str, ...], unset: tuple[str, ...], *, as_json: bool
) -> None:
    """Show or change what a plugin may use."""
    params = {"name": name, "set": dict(map(_change, change)), "unset": list(unset)}
    answer = invocation.call("plugin.limits", "it looked at the limits", params)
    if as_json:
        render.show_json(answer)
    else:
        render.say(render.table(HEADS, rows(answer["limits"])))


def rows(limits: Iterable[Mapping[str, Any]]) -> list[list[str]]:
    """Return the cells under :data:`HEADS`."""
    return [[limit[key] for key in ("name", "value", "default", "what")] for limit in limits]


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"'{plain(text)}' does not say what a limit should be", "Write it like memory=2GB")
    return name.strip(), value.strip()
