"""``yesman market keys authors``, ``revoke``, ``unrevoke``: what publishers sign with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from yesman.cli import catalogue, render
from yesman.cli.group import as_json, described
from yesman.cli.market_folder import opened, places
from yesman.cli.terminal import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.marketplace.orders import Severity

_command = described(catalogue.MARKET_KEYS)
_folder = click.argument("folder", metavar="DIR")
_keyid = click.argument("keyid", metavar="KEYID")


@_command(
    "authors",
    "Each key is signed by the one before it.",
    "yesman market keys authors ~/market",
    "yesman market keys authors ~/market acme --json",
)
@_folder
@click.argument("publisher", metavar="[PUBLISHER]", default="")
@places
@as_json
def authors(folder: str, publisher: str, *, database: str, storage: str, as_json: bool) -> None:
    """List the keys of publishers."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.publishers import all_keys  # noqa: PLC0415 - of the extra

        with market.database.reading() as connection:
            found = all_keys(connection, publisher)
    if as_json:
        render.show_json([key._asdict() for key in found])
    elif not found:
        render.note("No publisher has registered a key.")
    else:
        heads = ("PUBLISHER", "SINCE", "REVOKED", "KEY")
        render.say(
            render.table(
                heads, ((k.publisher, k.since, k.revoked, k.keyid) for k in found), dispensable=("SINCE",)
            )
        )


def _deciding(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        as_json,
        places,
        click.option("--as", "by", default="operator", show_default=True, help="Who decides."),
        click.option("--reason", required=True, metavar="TEXT", help="Why."),
        _keyid,
        _folder,
    ):
        function = option(function)
    return function


@_command(
    "revoke",
    "What it has signed is stopped wherever it is installed; nothing new signed with it is taken, and the "
    "tokens of its publisher end. Its owner names a successor with 'yesman plugin keys rotate', and needs a "
    "new token to register it.",
    "yesman market keys revoke ~/market KEYID --reason Stolen",
)
@_deciding
@click.option("--soft", is_flag=True, help="Warn of what it has signed, and stop nothing.")
def revoke(
    folder: str, keyid: str, *, reason: str, soft: bool, by: str, database: str, storage: str, as_json: bool
) -> None:
    """Revoke an author's stolen key."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.deciding import Moderator  # noqa: PLC0415 - of the extra
        from yesman.marketplace.moderating import revoke_key  # noqa: PLC0415 - same

        severity: Severity = "soft" if soft else "hard"
        market.indexing().carry(
            lambda c: revoke_key(c, Moderator.called(c, by), keyid, reason, severity=severity)
        )
    render.show_json({"keyid": keyid, "revoked": True}) if as_json else render.say(f"Revoked: {plain(keyid)}")


@_command(
    "unrevoke",
    "Tokens that ended with it stay ended.",
    'yesman market keys unrevoke ~/market KEYID --reason "By mistake"',
)
@_deciding
def unrevoke(
    folder: str, keyid: str, *, reason: str, by: str, database: str, storage: str, as_json: bool
) -> None:
    """Take the revocation of a key back."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.deciding import Moderator  # noqa: PLC0415 - of the extra
        from yesman.marketplace.moderating import unrevoke_key  # noqa: PLC0415 - same

        market.indexing().carry(lambda c: unrevoke_key(c, Moderator.called(c, by), keyid, reason))
    render.show_json({"keyid": keyid, "revoked": False}) if as_json else render.say(
        f"Good again: {plain(keyid)}"
    )
