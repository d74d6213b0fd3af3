"""Somebody with some keys who signs whatever they like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Metadata, MetaFile

from yesman.trust.roles import metadata_path
from yesman.trust.writing import named, signed_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from registered.making import Operator
    from yesman.trust.keys import KeyFolder


def unchanged(_signed: Any) -> None:
    """Sign it as it is."""


class Thief:
    """Works on the operator's storage in memory, below all that our own code refuses.

    Args:
        operator: Whose registry it is.
        keys: What was stolen.
    """

    def __init__(self, operator: Operator, keys: KeyFolder) -> None:
        self._operator, self._keys = operator, keys
        self._files = operator.memory.files

    def edit(
        self, role: str, change: Callable[[Any], object] = unchanged, key: str = "bin", *, seal: bool = True
    ) -> None:
        """Sign a changed next version of a role with the keys called ``key``, and have it named."""
        signed = self._signed(self._operator.present(role))
        signed.version += 1
        change(signed)
        data = signed_file(signed, self._keys.signers(key))
        self._files[metadata_path(role, signed.version)] = data
        if seal:
            self.seal(**{role: MetaFile(signed.version)})

    def seal(
        self,
        *,
        snapshot: Callable[[Any], object] = unchanged,
        timestamp: Callable[[Any], object] = unchanged,
        **roles: MetaFile,
    ) -> None:
        """Sign a snapshot that names ``roles``, and a timestamp that names it."""
        signed = self._signed(self._operator.present("snapshot"))
        signed.version += 1
        signed.meta.update({f"{role}.json": meta for role, meta in roles.items()})
        snapshot(signed)
        data = signed_file(signed, self._keys.signers("snapshot"))
        self._files[metadata_path("snapshot", signed.version)] = data
        self.stamp(lambda stamp: (setattr(stamp, "snapshot_meta", named(signed, data)), timestamp(stamp)))

    def stamp(self, change: Callable[[Any], object] = unchanged) -> None:
        """Sign a changed next timestamp."""
        signed = self._signed("metadata/timestamp.json")
        signed.version += 1
        change(signed)
        self._files["metadata/timestamp.json"] = signed_file(signed, self._keys.signers("timestamp"))

    def _signed(self, path: str) -> Any:
        return Metadata.from_bytes(self._files[path]).signed
