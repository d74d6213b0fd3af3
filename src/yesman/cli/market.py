"""``yesman market init``, ``serve``, ``token``: a marketplace of one's own, for a team or for everybody.

What always holds: nothing of the server is imported before it is needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from yesman.cli import catalogue, render
from yesman.cli.addresses import address
from yesman.cli.group import LazyGroup, as_json, described, example
from yesman.cli.market_folder import opened, places, require_extra, settings_of
from yesman.cli.terminal import plain

LISTEN: Final = "127.0.0.1:8480"

group = LazyGroup(
    "market",
    catalogue.MARKET,
    help=catalogue.ROOT["market"].help,
    epilog=example("yesman market add https://plugins.example.com --root root.json", "yesman market list"),
)
"""``yesman market``."""


_command = described(catalogue.MARKET)


@_command(
    "init",
    "Makes its keys, its database and its storage: SQLite and a folder in DIR, unless told otherwise. "
    "The keys in DIR/keys/offline decide who may sign: take them away to where no server is.",
    "yesman market init ~/market",
    "yesman market init ~/market --database postgresql://market@db/market --storage s3://plugins",
)
@click.argument("folder", metavar="DIR")
@places
@click.option("--root-keys", default=5, show_default=True, help="Keys that may sign the root.")
@click.option("--threshold", default=3, show_default=True, help="How many of them must.")
@click.option("--small", is_flag=True, help="For a team: fewer files of metadata, good for 10 000 plugins.")
@as_json
def init(
    folder: str, *, database: str, storage: str, root_keys: int, threshold: int, small: bool, as_json: bool
) -> None:
    """Make a marketplace."""
    require_extra()
    from yesman.marketplace.place import MarketFolder, Settings  # noqa: PLC0415 - of the extra
    from yesman.marketplace.setting_up import set_up  # noqa: PLC0415 - same
    from yesman.trust.founding import Shape  # noqa: PLC0415 - same

    market = MarketFolder(Path(folder))
    settings = Settings(database=database, storage=storage or "public")
    made = set_up(market, settings, Shape(root_keys, threshold, 7 if small else 10))
    if as_json:
        about = {"folder": str(market.path), "root": str(market.root_file), "fingerprint": made.fingerprint}
        render.show_json({**about, "offline_keys": str(market.offline_keys)})
        return
    render.say(
        render.record(
            {
                "Marketplace": str(market.path),
                "Root file": str(market.root_file),
                "Fingerprint": made.fingerprint,
            }
        )
    )
    render.note(
        f"Give users the root file and its fingerprint. Move {plain(market.offline_keys)} to where no "
        "server is (keep two copies): whoever has these keys decides what users install. "
        f"Then: yesman market serve {plain(market.path)}"
    )


@_command(
    "serve",
    "Stays in this terminal until Ctrl-C. Several may serve one PostgreSQL and one bucket. "
    "For others than this machine put a proxy with TLS before it and name its URL.",
    "yesman market serve ~/market",
    "yesman market serve ~/market --listen 127.0.0.1:9000 --url https://plugins.example.org",
)
@click.argument("folder", metavar="DIR")
@click.option("--listen", metavar="HOST:PORT", default=LISTEN, show_default=True, help="Port 0: any.")
@click.option("--url", metavar="URL", default="", help="How users reach it; where it listens by default.")
@places
def serve(folder: str, *, listen: str, url: str, database: str, storage: str) -> None:
    """Serve a marketplace."""
    require_extra()
    from yesman.marketplace.place import MarketFolder  # noqa: PLC0415 - of the extra
    from yesman.marketplace.running import run  # noqa: PLC0415 - same
    from yesman.marketplace.scanning import PackageScanner  # noqa: PLC0415 - same

    host, port = address(listen, LISTEN)
    market = MarketFolder(Path(folder))
    run(
        market,
        settings_of(market, database, storage),
        host,
        port,
        url=url,
        scanner=PackageScanner(market.path / "scans", market.advisories),
        ready=lambda base: render.note(f"The marketplace is at {plain(base)}. Ctrl-C stops it."),
    )


@_command(
    "token",
    "Shown once. A publisher that is not known yet is made known. "
    "Scopes: publish, yank, keys, review, report, moderate.",
    "yesman market token ~/market acme --scope publish --scope yank --days 90",
    "yesman market token ~/market ada --scope report --scope moderate --trusted",
)
@click.argument("folder", metavar="DIR")
@click.argument("publisher", metavar="PUBLISHER")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it is for; repeatable.")
@click.option("--days", default=90.0, show_default=True, help="For how long.")
@click.option("--plugin", default="", help="The only plugin it is for.")
@click.option("--trusted/--not-trusted", default=None, help="Whether their reports weigh more from now on.")
@places
@as_json
def token(
    folder: str,
    publisher: str,
    *,
    scopes: tuple[str, ...],
    days: float,
    plugin: str,
    trusted: bool | None,
    database: str,
    storage: str,
    as_json: bool,
) -> None:
    """Make a token for a publisher or user."""
    with opened(folder, database, storage) as market:
        from yesman.marketplace.publishers import trust  # noqa: PLC0415 - of the extra
        from yesman.marketplace.tokens import issue  # noqa: PLC0415 - same

        with market.database.writing() as connection:
            made = issue(connection, publisher, scopes, days=days, plugin=plugin)
            if trusted is not None:
                trust(connection, publisher, trusted=trusted)
    render.show_json({"token": made, "publisher": publisher}) if as_json else render.say(made)
