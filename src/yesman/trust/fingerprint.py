"""What people compare of a registry before they trust it."""

from __future__ import annotations

import hashlib
from typing import Final

from tuf.api.serialization.json import CanonicalJSONSerializer

from yesman.trust.documents import first_root
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched

_GROUP: Final = 4


def fingerprint(root: bytes) -> str:
    """Return the sha256 of what is signed in a root file, as sixteen groups of four hexadecimal digits.

    The signatures are left out: the same root is the same fingerprint, whoever of its keys signed it.

    Raises:
        VerificationError: It is no root file, or its own keys have not signed it.
    """
    fetched = Fetched(lambda _path, _limit: (root,))
    fetched.last = "root file"
    with explained(fetched):
        digest = hashlib.sha256(CanonicalJSONSerializer().serialize(first_root(root))).hexdigest()
    return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))
