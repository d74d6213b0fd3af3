"""``yesman plugin report``: tell a registry's moderators what is wrong with a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.publishing import market_api, registry_options
from yesman.cli.terminal import plain
from yesman.model.reports import KINDS

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation

MORE = """

The text and your name as the registry knows it go to its moderators; the token is that of 'yesman plugin
publish', with the scope 'report'. Reporting again replaces what you said before."""


@click.command(
    "report",
    help=catalogue.PLUGIN["report"].help + MORE,
    epilog=example(
        "yesman plugin report git-insight --kind malware --text 'src/main.py sends ~/.ssh away'",
        "yesman plugin report git-insight --kind vulnerable --text 'CVE-2026-1' --version 1.2.0",
    ),
    context_settings=CONTEXT,
)
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What is wrong.")
@click.option("--text", required=True, metavar="TEXT", help="How one can see it.")
@click.option("--version", default="", metavar="VERSION", help="The only release that is concerned.")
@registry_options
@as_json
@click.pass_obj
def command(
    invocation: Invocation,
    name: str,
    *,
    kind: str,
    text: str,
    version: str,
    registry: str,
    piped: bool,
    as_json: bool,
) -> None:
    """Report a plugin."""
    said = {"kind": kind, "text": text, "version": version}
    market_api(invocation, registry, piped=piped).report(name, said)
    if as_json:
        render.show_json({"name": name, **said})
        return
    render.say(f"Reported {plain(name)}: the registry's moderators will look at it.")
    render.note(
        f"Here nothing changes by that. To stop it on this machine: yesman plugin disable {plain(name)}"
    )
