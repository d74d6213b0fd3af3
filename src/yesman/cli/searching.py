"""``yesman plugin search``: what a registry's server finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from yesman.cli import catalogue, render
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.registries import address

if TYPE_CHECKING:
    from yesman.cli.invocation import Invocation
    from yesman.market.api import Found

MORE = """

What it shows is what the registry's server says; what is installed is decided by what is signed."""
SORTS = ("popularity", "rating", "updated", "name", "relevance")


@click.command(
    "search",
    help=catalogue.PLUGIN["search"].help + MORE,
    epilog=example("yesman plugin search git", "yesman plugin search --category hook --sort updated"),
    context_settings=CONTEXT,
)
@click.argument("words", nargs=-1)
@click.option("--category", default="", metavar="NAME", help="Only of this category.")
@click.option("--sort", type=click.Choice(SORTS), default="popularity", show_default=True)
@click.option("--registry", default="", metavar="NAME", help="Which registry to ask, of several.")
@as_json
@click.pass_obj
def command(
    invocation: Invocation, words: tuple[str, ...], category: str, sort: str, registry: str, *, as_json: bool
) -> None:
    """Search a registry for plugins."""
    from yesman.market.api import MarketApi  # noqa: PLC0415 - brings the HTTP client

    found = MarketApi(address(invocation, registry)).search(" ".join(words), category, sort)
    if as_json:
        import msgspec  # noqa: PLC0415 - it is there by now

        render.show_json(msgspec.to_builtins(found))
    elif not found:
        render.note("Nothing was found.")
    else:
        heads = ("NAME", "VERSION", "PUBLISHER", "DOWNLOADS", "")
        render.say(render.table(heads, map(_row, found), dispensable=("DOWNLOADS", "PUBLISHER")))


def _row(plugin: Found) -> tuple[str, ...]:
    version = str((plugin.latest_version or {}).get("version", ""))
    return plugin.name, version, plugin.publisher, str(plugin.downloads), plugin.description
