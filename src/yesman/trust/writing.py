"""How signed files come into a storage: new ones beside the old, under numbers that nobody has used.

What always holds: nothing that is there is changed, so whoever is killed here leaves files that no
snapshot names, and whoever comes next passes over their numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tuf.api.metadata import MetaFile, TargetFile
from tuf.api.serialization.json import CanonicalJSONSerializer

from yesman.model.errors import PlatformError
from yesman.trust.chain import target_file
from yesman.trust.roles import metadata_path, stored_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Signed

    from yesman.trust.storage import Storage

_MOST_LEFT_OVERS: Final = 1000


def signed_file(signed: Signed, signers: Sequence[CryptoSigner]) -> bytes:
    """Return ``signed`` with signatures of all ``signers``; the file holds the very bytes that are signed."""
    payload = CanonicalJSONSerializer().serialize(signed)
    signatures = [signer.sign(payload).to_dict() for signer in signers]
    return b'{"signatures":%b,"signed":%b}' % (
        json.dumps(signatures, separators=(",", ":")).encode(),
        payload,
    )


def put_next(storage: Storage, role: str, signed: Signed, signers: Sequence[CryptoSigner]) -> bytes:
    """Store the next version of a role, and count ``signed.version`` up to it.

    Raises:
        PlatformError: The storage says of a thousand numbers that they are taken.
    """
    for _ in range(_MOST_LEFT_OVERS):
        signed.version += 1
        data = signed_file(signed, signers)
        if storage.create(metadata_path(role, signed.version), data):
            return data
    raise PlatformError(
        f"the storage takes no new version of '{role}'",
        "See that it can be written, and that its clock is right",
    )


def put_target(storage: Storage, path: str, content: bytes) -> TargetFile:
    """Store a target and return what its role is to say of it; the same content is the same file."""
    target = target_file(path, content)
    storage.create(stored_target(path, target.hashes["sha256"]), content)
    return target


def named(signed: Signed, data: bytes) -> MetaFile:
    """Return what a snapshot says of a role of which there are few: length and digest too."""
    return MetaFile.from_data(signed.version, data, ["sha256"])
