"""A marketplace's own folder: its settings, its database and files unless they are elsewhere, and its keys.

::

    market.json      where database and files are; written last, so without it there is no marketplace
    market.db        the embedded database
    public/          what clients install from; any file server may serve it as it is
    root.json        the first root, from where the storage cannot change it
    keys/online      what signs every publication; stays here
    keys/offline     what says who may; to be taken away
    spool/           packages that are being received
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from yesman import durable
from yesman.model.errors import NotFoundError, PlatformError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

Place = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
MAX_BYTES: Final = 64 * 1024


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``market.json``.

    Attributes:
        database: URL, or "" for the embedded one.
        storage: ``s3://…`` or a path below the folder.
    """

    database: str = ""
    storage: Place = "public"


class MarketFolder:
    """The folder.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.settings_file = self.path / "market.json"
        self.root_file = self.path / "root.json"
        self.online_keys = self.path / "keys" / "online"
        self.offline_keys = self.path / "keys" / "offline"
        self.spool = self.path / "spool"
        self.advisories = self.path / "advisories.db"

    def make(self) -> None:
        """Make the folder, for its owner only.

        Raises:
            UsageError: There is a marketplace already.
            PlatformError: It cannot be made.
        """
        if self.settings_file.exists():
            raise UsageError(f"There is a marketplace in {self.path}", "Use it, or choose another folder")
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise PlatformError(
                f"{self.path} cannot be made: {error.strerror}", "Choose another folder"
            ) from error

    def write(self, settings: Settings) -> None:
        """Write the settings, durably: from now on there is a marketplace."""
        content = msgspec.json.format(msgspec.json.encode(settings), indent=2) + b"\n"
        durable.write(self.settings_file, content)

    def read(self) -> Settings:
        """Return the settings.

        Raises:
            NotFoundError: There is no marketplace.
            UsageError: Its settings cannot be read.
        """
        try:
            with self.settings_file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=Settings)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(
                f"There is no marketplace in {self.path}", f"Make one: yesman market init {self.path}"
            ) from None
        except (msgspec.DecodeError, OSError, ValueError) as error:
            raise UsageError(f"{self.settings_file} cannot be read: {error}", "Mend it") from error

    def database_url(self, settings: Settings) -> str:
        """Return the URL of the database."""
        return settings.database or f"sqlite:///{self.path / 'market.db'}"
