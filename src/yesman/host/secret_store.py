"""Where settings that are secrets are: in the OS keyring, or sealed in a file where there is none.

What always holds: the file at ``Home.secrets`` lists every secret there is, wherever it is kept, before it is
kept there; so whatever is killed in between, what nobody refers to is found and removed. A secret is
never changed: a new value is a new secret.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from yesman import durable
from yesman.host.sealing import Sealing
from yesman.model.errors import NeedsConfigError, PlatformError, VerificationError, YesmanError

if TYPE_CHECKING:
    from collections.abc import Collection

    from yesman.model.home import Home

_log = logging.getLogger("yesman.secrets")


class Keyring(Protocol):
    """See :class:`yesman.host.os_keyring.OsKeyring`."""

    async def store(self, name: str, value: str) -> bool:
        """Keep ``value``; False when there is no keyring."""

    async def load(self, name: str) -> str:
        """Return the value."""

    async def delete(self, name: str) -> bool:
        """Forget the value; False when there is no keyring."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where one secret is, or may be while a keyring is asked; ``sealed`` is its value, unreadable."""

    kept_in: Literal["keyring", "file", "keyring perhaps"]
    sealed: str = ""


class SecretStore:
    """Keeps values by names that it makes, ``PLUGIN/SETTING/…``.

    Args:
        home: Where the file is.
        keyring: Asked first; None for the file only.

    Raises:
        VerificationError: The file is not one that we wrote.
    """

    def __init__(self, home: Home, keyring: Keyring | None = None) -> None:
        self._path = home.secrets
        self._sealing = Sealing(home.secrets_key)
        self._keyring = keyring
        self._known: dict[str, str] = {}
        try:
            self._entries = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Entry])
        except FileNotFoundError:
            self._entries = {}
        except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
            raise VerificationError(
                f"{self._path} cannot be read: {error}", "Restore it; or remove it, and set the secrets again"
            ) from error

    async def keep(self, plugin: str, setting: str, value: Any, *, anywhere: bool = False) -> str:
        """Keep ``value``, which is JSON data, durably, and return its name.

        Args:
            plugin: Whose it is.
            setting: What it is the value of.
            value: The secret.
            anywhere: Put it into the file even where there is a keyring, if that fails.

        Raises:
            YesmanError: It cannot be kept; nothing refers to what may have been kept of it.
        """
        name, text = _named(plugin, setting), msgspec.json.encode(value).decode()
        try:
            if await self._in_keyring(name, text):
                return name
        except YesmanError as error:
            if not anywhere:
                raise
            _log.warning("'%s' is kept in a file: %s", name, error)
            name = _named(plugin, setting)  # the other one may be in the keyring nevertheless
        sealed = Entry("file", self._sealing.seal(name, text.encode()))
        self._replace({**self._entries, name: sealed})
        return name

    async def value(self, name: str) -> Any:
        """Return the value that is kept under ``name``.

        Raises:
            NeedsConfigError: It is lost and has to be set again.
            PlatformError: The keyring is locked, refuses or does not answer.
        """
        plugin, _, setting = name.rpartition("/")[0].partition("/")
        try:
            return msgspec.json.decode(await self._text(name))
        except VerificationError as error:
            raise NeedsConfigError(
                f"the setting '{setting}' of plugin '{plugin}' is lost, because {error.message}",
                f"Set it again: yesman plugin config {plugin} {setting}",
            ) from error

    async def forget_but(self, names: Collection[str]) -> None:
        """Forget, durably, every secret that is not in ``names``; what a keyring refuses is tried again.

        Raises:
            PlatformError: The file cannot be written.
        """
        gone = await self._deleted([name for name in self._entries if name not in names])
        if gone:
            self._replace({name: entry for name, entry in self._entries.items() if name not in gone})
            self._known = {name: text for name, text in self._known.items() if name not in gone}
        if gone and not any(entry.sealed for entry in self._entries.values()):
            self._sealing.forget()

    async def _in_keyring(self, name: str, text: str) -> bool:
        if self._keyring is None:
            return False
        self._replace({**self._entries, name: Entry("keyring perhaps")})
        kept = await self._keyring.store(name, text)
        if kept:
            self._replace({**self._entries, name: Entry("keyring")})
            self._known[name] = text
        return kept

    async def _text(self, name: str) -> str:
        entry = self._entries.get(name)
        if entry is None:
            raise VerificationError("it is not among the secrets")
        if entry.kept_in == "file":
            return self._sealing.opened(name, entry.sealed).decode()
        if name not in self._known:  # nobody is asked to unlock a keyring for each start of a plugin
            self._known[name] = await self._asked(name)
        return self._known[name]

    async def _asked(self, name: str) -> str:
        if self._keyring is None:
            raise VerificationError("it is in a keyring, which is not used here")
        return await self._keyring.load(name)

    async def _deleted(self, names: list[str]) -> list[str]:
        """Return those of ``names`` that are in no keyring any more; one that refuses is not asked again."""
        gone = [name for name in names if self._entries[name].kept_in == "file"]
        try:
            for name in names:
                if name not in gone and await self._out_of_keyring(name):
                    gone.append(name)
        except PlatformError as error:
            _log.warning("secrets that nobody uses stay in the keyring for now: %s", error)
        return gone

    async def _out_of_keyring(self, name: str) -> bool:
        deleted = self._keyring is not None and await self._keyring.delete(name)
        return deleted or self._entries[name].kept_in == "keyring perhaps"  # where none is, none has kept it

    def _replace(self, entries: dict[str, Entry]) -> None:
        if entries:
            durable.write(self._path, msgspec.json.format(msgspec.json.encode(entries)) + b"\n")
        else:
            durable.remove(self._path)
        self._entries = entries


def _named(plugin: str, setting: str) -> str:
    return f"{plugin}/{setting}/{secrets.token_hex(8)}"
