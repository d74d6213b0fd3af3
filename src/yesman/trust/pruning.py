"""Removing what no client can need any more: each publication leaves a snapshot and a bin behind.

What always holds: roots and targets stay; of everything else goes what is older than what the oldest
snapshot names that is still in date. Versions only grow, so nobody will name it again, and a
client that is reading has at least as long as a snapshot counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Final

import msgspec

from yesman.trust.encoding import decode
from yesman.trust.limits import LIMITS
from yesman.trust.roles import ROOT, SNAPSHOT, metadata_path

if TYPE_CHECKING:
    from yesman.trust.storage import ListedStorage

_NUMBERED: Final = re.compile(r"([1-9][0-9]{0,17})\.([a-z0-9-]{1,32})\.json")


class _Meta(msgspec.Struct):
    version: int


class _Signed(msgspec.Struct):
    expires: datetime
    meta: dict[str, _Meta]


class _Snapshot(msgspec.Struct):
    signed: _Signed


def prune(storage: ListedStorage, now: datetime) -> int:
    """Remove old metadata, and return how many files that were; may be interrupted, and done at any time.

    Raises:
        VerificationError: The storage holds a snapshot that cannot be read.
        PlatformError: A file cannot be removed.
    """
    versions = _versions(storage)
    least = _least(storage, sorted(versions[SNAPSHOT]), now)
    old = [
        metadata_path(role, version)
        for role, its in versions.items()
        for version in its
        if role != ROOT and version < least.get(role, 0)
    ]
    for path in old:
        storage.remove(path)
    return len(old)


def _versions(storage: ListedStorage) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name in storage.names("metadata"):
        if parts := _NUMBERED.fullmatch(name):
            found[parts[2]].append(int(parts[1]))
    return found


def _least(storage: ListedStorage, snapshots: list[int], now: datetime) -> dict[str, int]:
    """Return the least version of each role that may still be asked for; none if no snapshot is in date."""
    for version in snapshots:
        there = storage.read(metadata_path(SNAPSHOT, version), LIMITS.snapshot_bytes)
        if there is None:
            continue
        found = decode(
            there.content, _Snapshot, what=f"snapshot {version}", most=LIMITS.snapshot_bytes
        ).signed
        if found.expires > now:
            named = {name.removesuffix(".json"): meta.version for name, meta in found.meta.items()}
            return named | {SNAPSHOT: version}
    return {}
