"""A new registry: its keys, its first root and its first, empty state.

What always holds: keys are on the disk before anything names them, and the timestamp is written
last, so what was killed in between is no registry yet and is taken up again with the same keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    Targets,
    Timestamp,
)

from yesman.model.errors import UsageError
from yesman.trust.documents import first_root
from yesman.trust.drafting import sign_off
from yesman.trust.encoding import encode
from yesman.trust.index import Revocations
from yesman.trust.keys import public
from yesman.trust.limits import LIMITS, PERIODS
from yesman.trust.roles import (
    BINS,
    CLAIMS,
    INDEX,
    OFFLINE_KEYS,
    ONLINE_KEYS,
    REVOCATIONS,
    REVOCATIONS_TARGET,
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    TIMESTAMP_PATH,
    metadata_path,
)
from yesman.trust.roots import check_threshold
from yesman.trust.writing import named, put_next, put_target, signed_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from securesystemslib.signer import CryptoSigner, Key

    from yesman.trust.keys import KeyFolder
    from yesman.trust.storage import Storage


@dataclass(frozen=True)
class Shape:
    """How a registry is laid out.

    Attributes:
        root_keys: How many keys there are for the root.
        threshold: How many of them must sign it.
        bin_bits: There are two to the power of this many bins: 10 for 100 000 plugins, fewer for a team.
    """

    root_keys: int = 5
    threshold: int = 3
    bin_bits: int = 10


def found(
    storage: Storage, offline: KeyFolder, online: KeyFolder, now: datetime, shape: Shape = Shape()
) -> bytes:
    """Make a registry.

    Args:
        storage: Where; empty.
        offline: For the keys that are to be taken away from the server.
        online: For those that stay.
        now: UTC.
        shape: How it is laid out.

    Returns:
        Its first root file, which users are to be shown.

    Raises:
        UsageError: There is a registry already, or the shape is not possible.
        PlatformError: A folder cannot be written.
    """
    check_threshold(shape.root_keys, shape.threshold)
    if storage.read(TIMESTAMP_PATH, LIMITS.timestamp_bytes) is not None:
        raise UsageError("there is a registry already", "Choose another folder, or use that one")
    signers = {role: offline.at_least(role, 1) for role in OFFLINE_KEYS if role != ROOT}
    signers |= {role: online.at_least(role, 1) for role in ONLINE_KEYS}
    signers[ROOT] = offline.at_least(ROOT, shape.root_keys)
    root = _first_root(storage, signers, now, shape.threshold)
    metas = _first_roles(storage, signers, now, shape.bin_bits)
    snapshot = Snapshot(1, None, now + PERIODS.online, metas)
    snapshot.version = 0
    timestamp = Timestamp(
        1, None, now, named(snapshot, put_next(storage, SNAPSHOT, snapshot, signers[SNAPSHOT]))
    )
    timestamp.version = 0
    sign_off(timestamp, now)
    if not storage.create(TIMESTAMP_PATH, signed_file(timestamp, signers[TIMESTAMP])):
        raise UsageError("somebody else has made a registry here just now", "Use that one")
    return root


def delegations(targets: Sequence[Key], claims: Sequence[Key], revocations: Sequence[Key]) -> Delegations:
    """Return whom the top role trusts with what; each delegation ends the search."""
    roles = {
        CLAIMS: DelegatedRole(CLAIMS, _ids(claims), 1, terminating=True, paths=[f"{CLAIMS}/*"]),
        REVOCATIONS: DelegatedRole(
            REVOCATIONS, _ids(revocations), 1, terminating=True, paths=[REVOCATIONS_TARGET]
        ),
        INDEX: DelegatedRole(INDEX, _ids(targets), 1, terminating=True, paths=[f"{INDEX}/*"]),
    }
    return Delegations({key.keyid: key for key in (*targets, *claims, *revocations)}, roles)


def bin_delegations(bins: Sequence[Key], bits: int) -> Delegations:
    """Return whom the index trusts with its bins."""
    return Delegations(
        {key.keyid: key for key in bins}, succinct_roles=SuccinctRoles(_ids(bins), 1, bits, BINS)
    )


def _first_root(
    storage: Storage, signers: Mapping[str, Sequence[CryptoSigner]], now: datetime, threshold: int
) -> bytes:
    root = Root(1, None, now + PERIODS.offline)
    for role in (ROOT, TARGETS, SNAPSHOT, TIMESTAMP):
        for key in public(signers[role]):
            root.add_key(key, role)
    root.roles[ROOT].threshold = threshold
    data = signed_file(root, signers[ROOT])
    path = metadata_path(ROOT, 1)
    if storage.create(path, data):
        return data
    there = storage.read(path, LIMITS.root_bytes)
    if there is None or first_root(there.content).keys != root.keys:
        raise UsageError(
            f"{path} is another registry's", "Choose an empty folder, or bring that registry's keys"
        )
    return there.content  # of an attempt that was killed


def _first_roles(
    storage: Storage, signers: Mapping[str, Sequence[CryptoSigner]], now: datetime, bits: int
) -> dict[str, MetaFile]:
    keys = {role: public(its) for role, its in signers.items()}
    nothing = put_target(storage, REVOCATIONS_TARGET, encode(Revocations()))
    few = {
        CLAIMS: (_role(now), CLAIMS),
        REVOCATIONS: (_role(now + PERIODS.online - PERIODS.offline), REVOCATIONS),
        INDEX: (_role(now, bin_delegations(keys[BINS], bits)), TARGETS),
        TARGETS: (_role(now, delegations(keys[TARGETS], keys[CLAIMS], keys[REVOCATIONS])), TARGETS),
    }
    few[REVOCATIONS][0].targets = {REVOCATIONS_TARGET: nothing}
    metas = {
        f"{role}.json": named(targets, put_next(storage, role, targets, signers[who]))
        for role, (targets, who) in few.items()
    }
    for name in SuccinctRoles([], 1, bits, BINS).get_roles():
        targets = _role(now)
        put_next(storage, name, targets, signers[BINS])
        metas[f"{name}.json"] = MetaFile(targets.version)
    return metas


def _role(now: datetime, delegations: Delegations | None = None) -> Targets:
    targets = Targets(1, None, now + PERIODS.offline, delegations=delegations)
    targets.version = 0  # counted up as it is stored
    return targets


def _ids(keys: Sequence[Key]) -> list[str]:
    return [key.keyid for key in keys]
