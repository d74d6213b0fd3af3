"""``yesman plugin bisect``: which plugin makes a command fail?

The server decides who runs and asks for the next run; the command runs here, where its user is.
"""

from __future__ import annotations

import sys
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.invocation import talk
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.cli.invocation import Invocation

MORE = """

CMD is run again and again, with some of the enabled plugins and without the others, until it is
clear who is to blame. It says by its exit code what it saw, as for 'git bisect run': 0 is good, 125
cannot tell, anything else is bad. A plugin's own command cannot tell while that plugin is left out. What is
installed and enabled is not changed; when this command ends, however it does, all plugins run as before.
Crashes meanwhile put nobody into quarantine.

Exits with 1 when nobody was found."""
FOUND = {
    "culprit": "The culprit is {}: CMD fails with it alone. To live without it: yesman plugin disable {}",
    "together": "CMD fails when these run together, and not with one of them left out: {}",
    "without": "CMD fails without any plugin, so none is to blame.",
    "passes": "CMD does not fail with all plugins, so there is nothing to find.",
    "unclear": "CMD could not tell with all plugins whether it fails.",
}


@click.command(
    "bisect",
    help=catalogue.PLUGIN["bisect"].help + MORE,
    epilog=example("yesman plugin bisect -- yesman session new probe", "yesman plugin bisect -- ./check.sh"),
    context_settings=CONTEXT,
)
@click.argument("argv", metavar="-- CMD [ARG]...", nargs=-1, required=True, type=click.UNPROCESSED)
@as_json
@click.pass_context
def command(ctx: click.Context, argv: tuple[str, ...], *, as_json: bool) -> None:
    """Find the plugin that makes a command fail."""
    from yesman.process import run_here  # noqa: PLC0415 - brings asyncio

    invocation: Invocation = ctx.obj
    run = partial(run_here, argv, output=sys.stderr.fileno() if as_json else None)
    with closing(invocation.connect()) as connection:
        found = talk(connection, "plugin.bisect", "it looked for the culprit", {}, run=run).value
    if as_json:
        render.show_json(found)
    else:
        render.say(_told(found))
    if not found["plugins"]:
        ctx.exit(1)


def _told(found: Mapping[str, Any]) -> str:
    names = ", ".join(map(plain, found["plugins"]))
    told = FOUND[found["verdict"]].format(names, names)
    if found["verdict"] == "together" and found["unclear"]:
        told += f"\nOf {found['runs']} runs {found['unclear']} could not tell, so fewer may be enough."
    return told
