"""Data that removed plugins left behind, and who may have it back.

What always holds: a plugin finds data under its name only if it made it, or the same publisher
did before; where nobody signs, the folder is the publisher. Anybody else's data of that name is set
aside as ``NAME.kept-N``, a name that no plugin can have, before the newcomer is installed. Who left
what is written down before a plugin is removed; where that is not known, nobody inherits.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from yesman import durable

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.host.origin import Origin
    from yesman.host.registry import Record
    from yesman.model.home import Home


class Leaver(msgspec.Struct, frozen=True):
    """Whose data it is: what was removed, and when (UTC, ISO 8601)."""

    key: str
    source: str
    version: str
    removed_at: str


class Heritage(msgspec.Struct, frozen=True):
    """Data that a plugin about to be installed finds under its name.

    Attributes:
        folder: Where it is.
        left_by: Who left it; None where that is not known.
        inherited: Whether the plugin gets it; else it is set aside.
    """

    folder: str
    left_by: Leaver | None
    inherited: bool


class KeptData:
    """Knows and moves what was left.

    Args:
        home: Where state lives.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    def leave(self, name: str, record: Record) -> None:
        """Write down that the data of ``name`` is that of ``record``, before that is removed."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._write({**self._read(), name: Leaver(record.key, record.source, record.version, now)})

    def forget(self, name: str) -> None:
        """Write down that ``name`` has left nothing, or what it left has an owner again."""
        known = self._read()
        if known.pop(name, None) is not None:
            self._write(known)

    def heritage(self, name: str, origin: Origin) -> Heritage | None:
        """Return what a plugin from ``origin`` finds; None for nothing."""
        folder = self._home.data / name
        if not folder.is_dir() or not any(folder.iterdir()):
            return None
        left_by = self._read().get(name)
        return Heritage(str(folder), left_by, left_by is not None and origin.same_publisher(left_by))

    def set_aside(self, name: str) -> Path:
        """Give the data of ``name`` a name that no plugin can have, and return it.

        Raises:
            PlatformError: It cannot be moved.
        """
        folder = self._home.data / name
        with durable.explained(folder):
            free = next(
                path
                for number in itertools.count(1)
                if not (path := folder.with_name(f"{name}.kept-{number}")).exists()
            )
            folder.rename(free)
        return free

    def _read(self) -> dict[str, Leaver]:
        try:
            return msgspec.json.decode(self._home.kept_data.read_bytes(), type=dict[str, Leaver])
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return {}  # nobody inherits

    def _write(self, known: dict[str, Leaver]) -> None:
        durable.write(self._home.kept_data, msgspec.json.encode(known) + b"\n")
