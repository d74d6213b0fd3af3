"""``yesman plugin publish`` and ``yank``: an author at a registry's server.

What always holds: the token comes from standard input or the environment, never from the command line, which
others can see; nothing is sent that our own reader and the author's own key would not accept.
"""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from yesman.cli import catalogue, render
from yesman.cli.author_keys import author_file
from yesman.cli.group import CONTEXT, as_json, example
from yesman.cli.launch import TOKEN
from yesman.cli.registries import address
from yesman.cli.terminal import plain
from yesman.model.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.cli.invocation import Invocation
    from yesman.market.api import MarketApi

_LONGEST: Final = 4096
PUBLISH = f"""

The package must be signed (yesman plugin sign): its signature is sent along, and your public keys are
registered if the registry does not know them yet. The token comes from your registry's operator, by
--token-stdin or in the environment variable {TOKEN}. What was published stays as it is; the same again is
the same as once. The registry scans the package, and may keep it back until somebody has looked."""
YANK = """

Whoever has it keeps it; nobody else gets it, unless they ask for this very version. --undo takes it back."""


def registry_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which registry, and who asks."""
    for option in (
        click.option("--token-stdin", "piped", is_flag=True, help="Read the token from standard input."),
        click.option("--registry", default="", metavar="NAME", help="Which registry, of several."),
    ):
        function = option(function)
    return function


@click.command(
    "publish",
    help=catalogue.PLUGIN["publish"].help + PUBLISH,
    epilog=example(
        "yesman plugin publish my-plugin-1.0.0.yplug",
        "pass show market | yesman plugin publish my-plugin-1.0.0.yplug --token-stdin",
    ),
    context_settings=CONTEXT,
)
@click.argument("package", metavar="PACKAGE")
@registry_options
@as_json
@click.pass_obj
def publish(invocation: Invocation, package: str, registry: str, *, piped: bool, as_json: bool) -> None:
    """Publish a signed package to a registry."""
    import msgspec  # noqa: PLC0415 - not for help

    from yesman.package.unpacking import read_package  # noqa: PLC0415 - brings the host's packages
    from yesman.trust.signed import verified  # noqa: PLC0415 - brings cryptography
    from yesman.trust.statement import Facts  # noqa: PLC0415 - same

    file = Path(package)
    facts, envelope = Facts.of(read_package(file)), _envelope(file)
    keys = author_file(invocation).required().keys
    verified(facts, envelope, keys)
    api = market_api(invocation, registry, piped=piped)
    for key in keys:
        api.register(msgspec.to_builtins(key))
    receipt = api.publish(
        facts.name, facts.version, file.read_bytes(), base64.b64encode(envelope).decode("ascii")
    )
    if as_json:
        render.show_json(msgspec.to_builtins(receipt))
    elif receipt.state == "published":
        render.say(f"Published {facts.name} {plain(facts.version)}: yesman plugin install {facts.name}")
    else:
        render.say(f"{facts.name} {plain(facts.version)} is {plain(receipt.state)}: {plain(receipt.reason)}")


@click.command(
    "yank",
    help=catalogue.PLUGIN["yank"].help + YANK,
    epilog=example("yesman plugin yank my-plugin 1.0.0 --reason 'loses notes'"),
    context_settings=CONTEXT,
)
@click.argument("name")
@click.argument("version")
@click.option("--reason", default="", metavar="TEXT", help="Why; users are shown it.")
@click.option("--undo", is_flag=True, help="Let it be installed again.")
@registry_options
@click.pass_obj
def yank(
    invocation: Invocation, name: str, version: str, reason: str, registry: str, *, undo: bool, piped: bool
) -> None:
    """Say that a release should not be installed."""
    if undo == bool(reason):
        raise UsageError("Give a reason, or --undo", "Write it like --reason 'loses notes'")
    market_api(invocation, registry, piped=piped).yank(name, version, reason)
    render.say(f"{plain(name)} {plain(version)} is {'no longer ' * undo}yanked.")


def market_api(invocation: Invocation, registry: str, *, piped: bool) -> MarketApi:
    """Return a registry's server, as the options of :func:`registry_options` say.

    Raises:
        UsageError: There is no token, or it is not clear which registry is meant.
    """
    from yesman.market.api import MarketApi  # noqa: PLC0415 - brings the HTTP client

    return MarketApi(address(invocation, registry), _token(piped=piped))


def _token(*, piped: bool) -> str:
    """Return who asks.

    Raises:
        UsageError: Nobody says.
    """
    token = sys.stdin.readline(_LONGEST) if piped else os.environ.get(TOKEN, "")
    if not token.strip():
        raise UsageError("There is no token", f"Give it by a pipe with --token-stdin, or set {TOKEN}")
    if not token.strip().isascii() or not token.strip().isprintable():
        raise UsageError("What was given is no token", "Ask your registry's operator for one")
    return token.strip()


def _envelope(package: Path) -> bytes:
    from yesman.trust.dsse import MOST_BYTES  # noqa: PLC0415 - as above

    try:
        with package.with_name(f"{package.name}.dsse").open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(
            f"{package} is not signed: there is no {package.name}.dsse",
            f"Sign it: yesman plugin sign {package}",
        ) from None
