"""``yesman market migrate``: from SQLite and a folder to PostgreSQL and S3, or back."""

from __future__ import annotations

from pathlib import Path

import click

from yesman.cli import catalogue, render
from yesman.cli.group import as_json, described
from yesman.cli.market_folder import places, require_extra
from yesman.cli.terminal import plain


@described(catalogue.MARKET)(
    "migrate",
    "FROM is a marketplace; TO becomes the same one, with SQLite and a folder in it unless told otherwise. "
    "Stop FROM's servers first. All of it is compared, and every index stays as it is to the last byte. When "
    "it is interrupted, run it again. Afterwards serve TO, and never FROM again. Offline keys stay where "
    "they are.",
    "yesman market migrate ~/market ~/grown --database postgresql://market@db/market --storage s3://plugins",
    "yesman market migrate ~/grown ~/small",
)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@places
@as_json
def command(source: str, target: str, *, database: str, storage: str, as_json: bool) -> None:
    """Move a marketplace to another database and storage."""
    require_extra()
    from yesman.marketplace.moving import move  # noqa: PLC0415 - of the extra
    from yesman.marketplace.place import MarketFolder, Settings  # noqa: PLC0415 - same

    settings = Settings(database=database, storage=storage or "public")
    done = move(MarketFolder(Path(source)), MarketFolder(Path(target)), settings)
    if as_json:
        render.show_json({"from": source, "to": target, **done._asdict()})
        return
    render.say(f"{plain(target)} is the marketplace now: {done.rows} rows and {done.files} files, compared.")
    render.note(
        f"Serve it: yesman market serve {plain(target)}. Never serve {plain(source)} again: clients would "
        "refuse whichever is behind."
    )
