"""The folder of a marketplace, as the commands of its operator open it.

What always holds: nothing of the server is imported before it is needed, and where the extra is not installed
one sentence says so, with the command that installs it; and what was opened is closed.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from yesman.cli.extras import require

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.marketplace.database import Database
    from yesman.marketplace.indexing import Indexing
    from yesman.marketplace.place import MarketFolder, Settings

_LIBRARIES: Final = (
    "alembic",
    "granian",
    "jinja2",
    "litestar",
    "markdown_it",
    "nh3",
    "obstore",
    "psycopg",
    "rapidfuzz",
    "sqlalchemy",
)


class Opened(NamedTuple):
    """A marketplace: its folder, where the rest of it is, and its database at the newest schema."""

    folder: MarketFolder
    settings: Settings
    database: Database

    def indexing(self) -> Indexing:
        """Return what signs its index.

        Raises:
            PlatformError: The online keys, or the root file, are not here.
        """
        from yesman.marketplace.indexing import Indexing  # noqa: PLC0415 - of the extra
        from yesman.marketplace.setting_up import repository_of  # noqa: PLC0415 - same

        return Indexing(self.database, repository_of(self.folder, self.settings))


def require_extra() -> None:
    """Refuse to go on without the server's libraries.

    Raises:
        PlatformError: One of them is missing.
    """
    require("marketplace", "The marketplace's server", _LIBRARIES)


def places(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where database and files are."""
    for option in (
        click.option("--storage", metavar="URL", default="", help="A folder, or s3://BUCKET[/PREFIX]."),
        click.option("--database", metavar="URL", default="", help="postgresql://USER@HOST/NAME."),
    ):
        function = option(function)
    return function


def settings_of(folder: MarketFolder, database: str, storage: str) -> Settings:
    """Return what ``market.json`` says, but for what the command line says."""
    import msgspec  # noqa: PLC0415 - help needs none of this

    said = {key: value for key, value in (("database", database), ("storage", storage)) if value}
    return msgspec.structs.replace(folder.read(), **said)


@contextmanager
def opened(folder: str, database: str = "", storage: str = "") -> Iterator[Opened]:
    """Give the marketplace in ``folder``; its server may run meanwhile.

    Raises:
        YesmanError: The extra is not installed, or there is no marketplace, or its database is away.
    """
    require_extra()
    from yesman.marketplace.database import Database  # noqa: PLC0415 - of the extra
    from yesman.marketplace.migrating import migrate  # noqa: PLC0415 - same
    from yesman.marketplace.place import MarketFolder  # noqa: PLC0415 - same

    market = MarketFolder(Path(folder))
    settings = settings_of(market, database, storage)
    place = Database(market.database_url(settings))
    try:
        migrate(place)
        yield Opened(market, settings, place)
    finally:
        place.close()
