"""What registries have revoked, as last heard: a plugin that is revoked for good does not run.

What always holds: what was heard once holds until that registry says otherwise, over restarts and while it
cannot be reached; a registry's word concerns what was installed from it, and nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from yesman import durable
from yesman.model.errors import UsageError, VerificationError
from yesman.trust.index import Revocations as Revoked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from yesman.host.origin import Known
    from yesman.host.registry import Record
    from yesman.trust.index import Revocation


class Heard(Revoked, frozen=True, kw_only=True, dict=True):
    """What one registry has revoked, and when that was heard (UTC, ISO 8601)."""

    at: str


class Revocations:
    """By registry, in memory and on disk.

    Args:
        path: The file; need not exist.

    Raises:
        VerificationError: The file is not one that we wrote; an empty one would let everything run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._heard = _read(path)

    def heard(self) -> Mapping[str, Heard]:
        """Return all that was heard, by registry."""
        return self._heard

    def put(self, registry: str, entries: Iterable[Revocation]) -> None:
        """Replace what ``registry`` has revoked, durably."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        heard = {**self._heard, registry: Heard(at=now, entries=tuple(entries))}
        durable.write(self._path, msgspec.json.format(msgspec.json.encode(heard)) + b"\n")
        self._heard = heard

    def of(self, name: str, record: Record, severity: str = "hard") -> Revocation | None:
        """Return why plugin ``name`` is blocked, or what users are warned of with ``soft``; else None."""
        heard = self._heard.get(registry_of(record))
        if heard is None:
            return None
        return heard.of(severity, name, record.version, sha256=record.package, keyid=record.key)

    def check(self, name: str, record: Record) -> None:
        """Refuse a plugin that is revoked for good.

        Raises:
            UsageError: It says why, and what to do.
        """
        if (entry := self.of(name, record)) is not None:
            raise UsageError(
                f"plugin '{name}' {record.version} is blocked: {entry.reason}",
                f"Update it: yesman plugin update {name}; or remove it: yesman plugin remove {name}",
            )


def registry_of(record: Known) -> str:
    """Return the name of the registry that a plugin was installed from, "" for a folder or file."""
    return "" if record.source.startswith("/") else record.source.partition(":")[0]


def _read(path: Path) -> dict[str, Heard]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Heard])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise VerificationError(
            f"{path} cannot be read: {error}",
            "Restore it, or remove it to have the registries asked again",
        ) from error
