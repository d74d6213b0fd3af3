"""Plugins' settings, as a file.

Settings may hold tokens: the file is 0600, no message repeats a value, and nothing but the
plugin itself is given its own.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host import durable
from yesman.model.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


class PluginSettings:
    """What users set with ``yesman plugin config``: sets of values, under keys that the registry names.

    A set is never changed. New values are added under a new key, then a record of the registry
    names that key, then :meth:`keep` forgets the rest: so version, grants and settings of a plugin
    change at one instant, whatever is killed in between.

    Raises:
        VerificationError: The file is not one that we wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._values = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, Any]])
        except FileNotFoundError:
            self._values = {}
        except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
            raise VerificationError(f"{path} cannot be read: {error}", "Restore or remove it") from error

    def of(self, key: str) -> dict[str, Any]:
        """Return the values under ``key``, without defaults; none for ""."""
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

    def _replace(self, values: dict[str, dict[str, Any]]) -> None:
        if values:
            text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
            durable.write(self._path, text.encode())
        else:
            durable.remove(self._path)
        self._values = values
