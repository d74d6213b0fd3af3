"""Raw commit objects by id, as git sees them: replaced ones, broken ones, borrowed ones.

Reads only files of the repository and of the object stores it borrows from.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from dulwich.errors import ChecksumMismatch, FileFormatException, ObjectFormatException
from dulwich.object_store import DiskObjectStore
from dulwich.objects import ObjectID

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LOOSE = 64 << 20
"""Bytes of a loose commit that are inflated where dulwich refuses to parse it."""
_COMMIT = 1
_BAD = (zlib.error, ChecksumMismatch, FileFormatException, ObjectFormatException, AssertionError)
_ADVICE = "run 'git fsck' in the repository"


class Objects:
    """The commits of a repository.

    Args:
        store: dulwich's view of the ``objects`` folder.
        replaced: Ids that ``git replace`` put in place of others.
    """

    def __init__(self, store: DiskObjectStore, replaced: Mapping[bytes, bytes]) -> None:
        self._store = store
        self._replaced = replaced

    def read(self, name: bytes) -> bytes:
        """Return the raw content of the commit with the hexadecimal id ``name``.

        Raises:
            ValueError: It is missing, damaged or no commit.
        """
        name = self._replaced.get(name, name)
        try:
            kind, raw = self._get(name)
        except KeyError:
            raise ValueError(f"commit {name.decode()} is missing; {_ADVICE}") from None
        except _BAD as error:
            raise ValueError(f"commit {name.decode()} is damaged ({error}); {_ADVICE}") from error
        if kind != _COMMIT:
            raise ValueError(f"object {name.decode()} is no commit; {_ADVICE}")
        return raw

    def _get(self, name: bytes) -> tuple[int, bytes]:
        try:
            return self._store.get_raw(ObjectID(name))
        except ObjectFormatException:
            # dulwich parses loose objects, and refuses author lines that git puts up with.
            raw = _loose(self._store, name.decode())
            if raw is None:
                raise
            return _COMMIT, raw


def _loose(store: DiskObjectStore, name: str) -> bytes | None:
    stores = [store, *(each for each in store.alternates if isinstance(each, DiskObjectStore))]
    for each in stores:
        try:
            packed = Path(each.path, name[:2], name[2:]).read_bytes()
        except FileNotFoundError:
            continue
        kind, _, raw = zlib.decompressobj().decompress(packed, MAX_LOOSE).partition(b"\0")
        return raw if kind.startswith(b"commit ") else None
    return None
