"""Plugins' settings, as a file, in which a :class:`Secret` stands for each value that is one.

What always holds: the file is 0600, no message repeats a value, and nothing but the plugin itself is
given its own secrets, by :meth:`PluginSettings.revealed`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from yesman import durable
from yesman.host.secret_store import SecretStore
from yesman.model.errors import NeedsConfigError, VerificationError
from yesman.model.home import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from yesman.model.config_schema import ConfigSchema


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Stands for a value that is kept under the name ``secret`` in the :class:`SecretStore`."""

    secret: str


Stored: TypeAlias = str | bool | int | float | list[str | bool | int | float] | Secret
"""What the file holds for one setting."""


class PluginSettings:
    """What users set with ``yesman plugin config``: sets of values, under keys that the registry names.

    A set is never changed. New values are added under a new key, then a record of the registry
    names that key, then :meth:`keep` forgets the rest: so version, grants and settings of a plugin
    change at one instant, whatever is killed in between.

    Args:
        path: The file.
        store: Where secrets are; None for a file beside this one.

    Raises:
        VerificationError: The file is not one that we wrote.
    """

    def __init__(self, path: Path, store: SecretStore | None = None) -> None:
        self._path = path
        self._secrets = store or SecretStore(Home(path.parent))
        try:
            self._values = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Stored]])
        except FileNotFoundError:
            self._values = {}
        except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
            raise VerificationError(f"{path} cannot be read: {error}", "Restore or remove it") from error

    def of(self, key: str) -> dict[str, Any]:
        """Return the values under ``key``, without defaults, secrets unrevealed; none for ""."""
        return dict(self._values.get(key, {}))

    def add(self, plugin: str, values: dict[str, Any]) -> str:
        """Keep ``values``, durably, and return their key; "" when there are none.

        Raises:
            PlatformError: They cannot be written; nothing was changed.
        """
        if not values:
            return ""
        key = f"{plugin} {secrets.token_hex(4)}"
        self._replace({**self._values, key: values})
        return key

    def keep(self, keys: Collection[str]) -> None:
        """Forget every set whose key is not in ``keys``, durably.

        Raises:
            PlatformError: The file cannot be written; nothing was changed.
        """
        if not self._values.keys() <= set(keys):
            self._replace({key: values for key, values in self._values.items() if key in keys})

    async def sealed(
        self,
        plugin: str,
        schema: ConfigSchema,
        values: Mapping[str, Any],
        held: Mapping[str, Any],
        *,
        anywhere: bool = False,
    ) -> dict[str, Any]:
        """Return ``values`` with each that is a secret put away; of those in ``held`` already, nothing is.

        Args:
            plugin: Whose they are.
            schema: Says which are secrets.
            values: Plain or put away.
            held: What the plugin has had so far.
            anywhere: See :meth:`SecretStore.keep`.

        Raises:
            YesmanError: The keyring refuses, or a file cannot be written.
        """
        found = dict(values)
        for name in schema.secrets & found.keys():
            before, value = held.get(name), found[name]
            if isinstance(value, Secret):
                continue
            if isinstance(before, Secret) and await self._is(before, value):
                found[name] = before
            else:
                found[name] = Secret(await self._secrets.keep(plugin, name, value, anywhere=anywhere))
        return found

    async def revealed(
        self, values: Mapping[str, Any], hide: Callable[[Iterable[object]], None] = lambda _: None
    ) -> dict[str, Any]:
        """Return ``values`` as the plugin sees them; ``hide`` is told those that were put away.

        Raises:
            NeedsConfigError: A secret is lost and has to be set again.
            PlatformError: The keyring is locked, refuses or does not answer.
        """
        seen = {
            name: await self._secrets.value(value.secret) if isinstance(value, Secret) else value
            for name, value in values.items()
        }
        hide(seen[name] for name in secret_names(values))
        return seen

    async def tidy(self) -> None:
        """Forget every secret that no set refers to. Only while nobody puts one away.

        Raises:
            PlatformError: The file cannot be written.
        """
        sets = self._values.values()
        await self._secrets.forget_but(
            {value.secret for values in sets for value in values.values() if isinstance(value, Secret)}
        )

    async def _is(self, secret: Secret, value: object) -> bool:
        try:
            return bool(await self._secrets.value(secret.secret) == value)
        except NeedsConfigError:  # it is lost
            return False

    def _replace(self, values: dict[str, dict[str, Stored]]) -> None:
        if values:
            durable.write(self._path, msgspec.json.format(msgspec.json.encode(values)) + b"\n")
        else:
            durable.remove(self._path)
        self._values = values


def secret_names(values: Mapping[str, Any]) -> set[str]:
    """Return which of ``values`` are put away."""
    return {name for name, value in values.items() if isinstance(value, Secret)}
