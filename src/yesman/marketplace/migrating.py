"""The database is brought to the newest schema, one migration after the other, by one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from yesman.marketplace.database import Database

_SCRIPTS: Final = Path(__file__).with_name("migrations")


def migrate(database: Database, revision: str = "head") -> None:
    """Bring ``database`` to the newest schema, or to ``revision``; nothing happens where it is there."""
    with database.alone(), database.writing() as connection:
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
