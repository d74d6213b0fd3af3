"""Metadata from a root that is believed to the files it vouches for: signatures, versions, digests.

What always holds: a document that this gives has the signatures that its delegator demands, the
version that the snapshot names, and the length and digest where they are named. Whether it is
still in date is the caller's to judge, who knows the time. No I/O but what ``read`` does.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias

from tuf.api import exceptions
from tuf.api.metadata import Root, Signed, Snapshot, SuccinctRoles, TargetFile, Targets, Timestamp

from yesman.model.errors import VerificationError
from yesman.trust.documents import document, latest_root
from yesman.trust.encoding import OPERATOR
from yesman.trust.limits import LIMITS
from yesman.trust.roles import (
    CLAIMS,
    INDEX,
    REVOCATIONS,
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    TIMESTAMP_PATH,
    index_target,
    metadata_path,
    stored_target,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.trust.documents import Read

    Judge: TypeAlias = Callable[[str, Signed], None]
    """Refuses a role's document that is out of date, or not."""

_ROLE: Final = re.compile(r"[a-z0-9-]{1,32}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_STEPS: Final = 4
"""From targets over index to a bin are two delegations; nobody follows more than so many."""


def anything(role: str, signed: Signed) -> None:
    """Judge nothing to be out of date."""


class Chain:
    """A registry at the moment that its timestamp names.

    Args:
        read: Gets its files, within limits.
        pinned: The root that is believed.
        judge: Refuses what is out of date.

    Attributes:
        root: The newest root.
        timestamp: The present timestamp.
        snapshot: What it names.

    Raises:
        VerificationError: A file is missing, or too large.
        tuf.api.exceptions.RepositoryError: A file is not what it should be.
    """

    def __init__(self, read: Read, pinned: bytes, judge: Judge = anything) -> None:
        self._read, self._judge = read, judge
        self._roles: dict[str, Targets] = {}
        self.root = latest_root(read, pinned)
        judge(ROOT, self.root)
        data = self._got(TIMESTAMP_PATH, LIMITS.timestamp_bytes)
        self.timestamp = document(data, Timestamp, TIMESTAMP, self.root)
        judge(TIMESTAMP, self.timestamp)
        named = self.timestamp.snapshot_meta
        data = self._got(metadata_path(SNAPSHOT, named.version), LIMITS.snapshot_bytes)
        named.verify_length_and_hashes(data)
        self.snapshot = document(data, Snapshot, SNAPSHOT, self.root)
        _check_version(SNAPSHOT, self.snapshot, named.version)
        judge(SNAPSHOT, self.snapshot)
        self.role(TARGETS, self.root)

    @property
    def targets(self) -> Targets:
        """The role that delegates to all others."""
        return self.role(TARGETS, self.root)

    def role(self, name: str, delegator: Root | Targets) -> Targets:
        """Return the present metadata of a role that ``delegator`` delegates to."""
        if name not in self._roles:
            if not _ROLE.fullmatch(name):  # it becomes part of a path
                raise exceptions.RepositoryError("a role has a name that none can have")
            named = self.snapshot.meta.get(f"{name}.json")
            if named is None:
                raise exceptions.RepositoryError(f"the snapshot does not name {name}")
            data = self._got(metadata_path(name, named.version), LIMITS.targets_bytes)
            named.verify_length_and_hashes(data)
            found = document(data, Targets, name, delegator)
            _check_version(name, found, named.version)
            self._judge(name, found)
            self._roles[name] = found
        return self._roles[name]

    @property
    def index(self) -> Targets:
        """The role that delegates to the bins."""
        return self.role(INDEX, self.targets)

    def bin_of(self, plugin: str) -> str:
        """Return the name of the bin that says of ``plugin``."""
        return bins_of(self.index).get_role_for_target(index_target(plugin))

    def delegator_of(self, name: str) -> Root | Targets:
        """Return who says which keys sign for the role ``name``."""
        if name == TARGETS:
            return self.root
        return self.targets if name in (CLAIMS, REVOCATIONS, INDEX) else self.index

    def adopt(self, name: str, targets: Targets) -> None:
        """Have ``targets``, which was verified, in the place of what the snapshot names."""
        self._roles[name] = targets

    def forget(self, name: str) -> None:
        """Read the role again when it is next asked for."""
        self._roles.pop(name, None)

    def find(self, path: str) -> TargetFile | None:
        """Return what the role that is responsible for the target ``path`` says of it."""
        role: Targets = self.targets
        for _ in range(_STEPS):
            if path in role.targets:
                return role.targets[path]
            delegated = role.delegations.get_roles_for_target(path) if role.delegations else iter(())
            name, _terminating = next(delegated, ("", False))  # all of ours end the search
            if not name:
                return None
            role = self.role(name, role)
        return None

    def target(self, path: str, limit: int) -> bytes | None:
        """Return a target's bytes, or None where no role knows it."""
        found = self.find(path)
        return None if found is None else content_of(found, self._read, limit)

    def _got(self, path: str, limit: int) -> bytes:
        data = self._read(path, limit)
        if data is None:
            raise exceptions.DownloadHTTPError(f"{path} is missing", 404)
        return data


def content_of(target: TargetFile, read: Read, limit: int) -> bytes:
    """Return the bytes of ``target``, which are those that it says.

    Raises:
        VerificationError: It says that they are more than ``limit``.
        tuf.api.exceptions.RepositoryError: What is read is something else.
        tuf.api.exceptions.DownloadError: It is not there.
    """
    if target.length > limit:
        raise VerificationError(
            f"the registry says that {target.path} has {target.length} bytes, more than the {limit} allowed",
            OPERATOR,
        )
    sha256 = target.hashes.get("sha256", "")
    if not _SHA256.fullmatch(sha256):  # it becomes part of a path
        raise VerificationError(f"the registry names no sha256 of {target.path}", OPERATOR)
    data = read(stored_target(target.path, sha256), target.length)
    if data is None:
        raise exceptions.DownloadHTTPError(f"{target.path} is missing", 404)
    target.verify_length_and_hashes(data)
    return data


def target_file(path: str, content: bytes) -> TargetFile:
    """Return what a role says of the target ``path``."""
    return TargetFile(len(content), {"sha256": hashlib.sha256(content).hexdigest()}, path)


def bins_of(index: Targets) -> SuccinctRoles:
    """Return the bins that the index delegates to.

    Raises:
        tuf.api.exceptions.RepositoryError: It delegates to none.
    """
    found = index.delegations.succinct_roles if index.delegations else None
    if found is None:
        raise exceptions.RepositoryError("the index has no bins")
    return found


def newer(read: Read, role: str, version: int, delegator: Root | Targets) -> tuple[Targets, bytes] | None:
    """Return the newest of the files after ``version`` that ``delegator`` accepts, and its bytes; or None.

    Others are passed over: whoever can write into a storage can leave files there, but not sign them.
    """
    found = None
    for number in range(version + 1, version + 1 + LIMITS.roots):
        data = read(metadata_path(role, number), LIMITS.targets_bytes)
        if data is None:
            break
        with suppress(exceptions.RepositoryError):
            signed = document(data, Targets, role, delegator)
            found = (signed, data) if signed.version == number else found
    return found


def _check_version(role: str, signed: Signed, wanted: int) -> None:
    if signed.version != wanted:
        raise exceptions.BadVersionNumberError(f"expected {role} v{wanted}, got v{signed.version}")
