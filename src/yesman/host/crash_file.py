"""The histories of crashes on disk: each change is there, whole, before anything is made of it.

A server that is killed at any moment finds the same plugins quarantined when it starts again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from yesman import durable
from yesman.host.crashes import History
from yesman.model.errors import PlatformError, VerificationError

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger("yesman.supervision")


class CrashFile:
    """Histories by plugin name, in memory and on disk.

    Args:
        path: The file; need not exist.

    Raises:
        VerificationError: The file is not one that we wrote. Taking it for an empty one would let
            everybody out of quarantine.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._histories = _read(path)

    def of(self, plugin: str) -> History:
        """Return the history of ``plugin``, an empty one if it has none."""
        return self._histories.get(plugin, History())

    def put(self, plugin: str, history: History) -> None:
        """Replace the history of ``plugin``; what a full disk refuses holds until the server ends."""
        try:
            self._replace({**self._histories, plugin: history})
        except PlatformError as error:
            _log.error("the crash of plugin '%s' will be forgotten: %s", plugin, error)
            self._histories[plugin] = history

    def drop(self, plugin: str) -> None:
        """Forget the history of ``plugin``.

        Raises:
            PlatformError: That cannot be written down; nothing is forgotten.
        """
        if plugin in self._histories:
            self._replace({name: one for name, one in self._histories.items() if name != plugin})

    def _replace(self, histories: dict[str, History]) -> None:
        if histories:
            durable.write(self._path, msgspec.json.format(msgspec.json.encode(histories)) + b"\n")
        else:
            durable.remove(self._path)
        self._histories = histories


def _read(path: Path) -> dict[str, History]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, History])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise VerificationError(
            f"{path} cannot be read: {error}",
            "Restore it from a backup, or remove it to end every quarantine",
        ) from error
