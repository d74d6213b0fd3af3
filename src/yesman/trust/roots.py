"""The root of a registry: how the next one is made, signed by several people, and published.

What always holds: a root is published only when enough keys of the one before and of its own have
signed it, and never in the place of another.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Metadata, Root

from yesman.model.errors import UsageError
from yesman.trust.documents import following_root, latest_root
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.limits import PERIODS
from yesman.trust.roles import ROOT, metadata_path
from yesman.trust.storage import fetch_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from securesystemslib.signer import CryptoSigner, Key
    from tuf.api.metadata import Targets

    from yesman.trust.storage import Storage


def newest_root(storage: Storage, pinned: bytes) -> Root:
    """Return the present root, by the chain from ``pinned``.

    Raises:
        VerificationError: One of the roots is not signed as it must be.
    """
    fetched = Fetched(fetch_from(storage))
    with explained(fetched):
        return latest_root(fetched, pinned)


def draft_root(root: Root, now: datetime, keys: Mapping[str, Iterable[Key]], threshold: int = 0) -> bytes:
    """Return the root after ``root``, not signed yet.

    Args:
        root: The present one.
        now: UTC.
        keys: For each role whose keys change, those it has from then on.
        threshold: How many keys must sign a root, if that changes.

    Raises:
        UsageError: Fewer root keys than must sign.
    """
    new = copy.deepcopy(root)
    new.version, new.expires = root.version + 1, now + PERIODS.offline
    for role, its in keys.items():
        replace_keys(new, role, its)
    new.roles[ROOT].threshold = threshold or new.roles[ROOT].threshold
    check_threshold(len(new.roles[ROOT].keyids), new.roles[ROOT].threshold)
    return Metadata(new).to_bytes()


def replace_keys(delegator: Root | Targets, role: str, keys: Iterable[Key]) -> None:
    """Have ``delegator`` accept ``keys`` and no others for ``role``; a bin stands for all bins."""
    present = delegator.get_delegated_role(role)
    for keyid in list(present.keyids):
        delegator.revoke_key(keyid, role)
    for key in keys:
        delegator.add_key(key, role)


def check_threshold(keys: int, threshold: int) -> None:
    """Refuse a root that could not be signed, or by anybody.

    Raises:
        UsageError: Not 1 ≤ threshold ≤ keys.
    """
    if not 1 <= threshold <= keys:
        raise UsageError(
            f"{threshold} of {keys} root keys cannot sign a root", "Choose a number from 1 to all"
        )


def sign_root(draft: bytes, signers: Iterable[CryptoSigner]) -> bytes:
    """Return ``draft`` with the signatures of ``signers`` added; each holder of keys does this in turn.

    Raises:
        VerificationError: It is no root.
    """
    fetched = Fetched(lambda _path, _limit: (draft,))
    fetched.last = "root file"
    with explained(fetched):
        metadata: Metadata[Any] = Metadata.from_bytes(draft)
        for signer in signers:
            metadata.sign(signer, append=True)
    return metadata.to_bytes()


def publish_root(storage: Storage, pinned: bytes, signed: bytes) -> None:
    """Publish the next root; clients believe it from this instant.

    Raises:
        VerificationError: Too few keys have signed it, or it does not follow the present one.
        UsageError: Somebody else has published one just now.
    """
    present = newest_root(storage, pinned)
    fetched = Fetched(lambda _path, _limit: (signed,))
    fetched.last = "next root"
    with explained(fetched):
        new = following_root(signed, present)
    if not storage.create(metadata_path(ROOT, new.version), signed):
        raise UsageError(
            f"root {new.version} has been published just now", "Look at it, and draft the next one from it"
        )
