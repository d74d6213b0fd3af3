"""The files of one storage are copied into another, byte by byte.

What always holds: what is named by its digest has it; what was written is read again and compared; a storage
that holds anything is written to only if it bears the mark of the same attempt; and the timestamp, which
makes the rest a registry, comes last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from yesman.marketplace.storage import digest_of
from yesman.model.errors import PlatformError, UsageError, VerificationError
from yesman.trust.chain import Chain, bins_of
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.limits import LIMITS
from yesman.trust.roles import CLAIMS, REVOCATIONS, TIMESTAMP_PATH, stored_target
from yesman.trust.storage import fetch_from

if TYPE_CHECKING:
    from collections.abc import Collection

    from tuf.api.metadata import Targets

    from yesman.marketplace.storage import Objects

MARK: Final = "moving"
ANY_BYTES: Final = 1 << 40
_OURS: Final = re.compile(
    r"metadata/\d{1,12}\.[a-z0-9-]{1,40}\.json|"
    r"targets/(?:index/|claims/)?([0-9a-f]{64})\.[a-z0-9-]{1,64}\.json|packages/([0-9a-f]{64})\.(?:yplug|dsse)",
    re.ASCII,
)


def mark(objects: Objects, attempt: str) -> None:
    """Make an empty storage one of this attempt.

    Raises:
        UsageError: It holds something else.
    """
    there = objects.read(MARK, LIMITS.timestamp_bytes)
    if there is None and next(iter(objects.paths()), None) is None:
        objects.create(MARK, attempt.encode())
        there = objects.read(MARK, LIMITS.timestamp_bytes)
    if there is None or there.content != attempt.encode():
        raise UsageError("The new storage is not empty", "Choose an empty one")


def unmark(objects: Objects) -> None:
    """Make it a storage like any other."""
    objects.remove(MARK)


def copy(old: Objects, new: Objects) -> frozenset[str]:
    """Copy what a registry consists of, and return the paths.

    Raises:
        VerificationError: A file is not what its name says.
        PlatformError: The new storage does not keep one.
    """
    paths = frozenset(path for path in old.paths() if _OURS.fullmatch(path))
    for path in sorted(paths):
        _copy(old, new, path)
    _copy(old, new, TIMESTAMP_PATH)
    return paths | {TIMESTAMP_PATH}


def is_unchanged(old: Objects, new: Objects) -> bool:
    """Tell whether the old registry is still at the state that was copied."""
    stored = [objects.read(TIMESTAMP_PATH, LIMITS.timestamp_bytes) for objects in (old, new)]
    return all(stored) and len({each.content for each in stored if each}) == 1


def check(objects: Objects, root: bytes, paths: Collection[str], packages: Collection[str]) -> None:
    """Refuse a registry of which a file is missing that its metadata or its releases name.

    Raises:
        VerificationError: One is, or its keys have not signed it.
    """
    fetched = Fetched(fetch_from(objects))
    with explained(fetched):
        chain = Chain(fetched, root)
        _check_targets(chain.role(CLAIMS, chain.targets), paths)
        _check_targets(chain.role(REVOCATIONS, chain.targets), paths)
        for name in bins_of(chain.index).get_roles():
            _check_targets(chain.role(name, chain.index), paths)
            chain.forget(name)
            fetched.forget()
    _check_there(packages, paths)


def _check_targets(role: Targets, paths: Collection[str]) -> None:
    named = (stored_target(path, target.hashes["sha256"]) for path, target in role.targets.items())
    _check_there(list(named), paths)


def _check_there(wanted: Collection[str], paths: Collection[str]) -> None:
    missing = next((path for path in wanted if path not in paths), None)
    if missing is not None:
        raise VerificationError(f"The old storage lacks {missing}", "Restore it from a backup")


def _copy(old: Objects, new: Objects, path: str) -> None:
    stored = old.read(path, ANY_BYTES)
    if stored is None:
        raise VerificationError(f"The old storage lacks {path}", "Restore it from a backup")
    found = _OURS.fullmatch(path)
    digest = (found[1] or found[2]) if found else None
    if digest and digest_of(stored.content) != digest:
        raise VerificationError(f"The old storage holds {path} damaged", "Restore it from a backup")
    there = new.read(path, ANY_BYTES)
    if there is None:
        new.create(path, stored.content)
    elif there.content != stored.content:
        new.replace(path, stored.content, there.tag)
    else:
        return
    kept = new.read(path, ANY_BYTES)
    if kept is None or kept.content != stored.content:
        raise PlatformError(f"The new storage does not keep {path} as it was given", "Choose another one")
