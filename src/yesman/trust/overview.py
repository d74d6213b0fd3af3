"""Who may sign what in a registry now, and until when: for its operator to look at.

What always holds: what is said was verified from the root that the operator keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yesman.trust.chain import Chain, bins_of
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.roles import BINS, CLAIMS, INDEX, REVOCATIONS, ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from yesman.trust.storage import fetch_from

if TYPE_CHECKING:
    from datetime import datetime

    from tuf.api.metadata import Signed

    from yesman.trust.storage import Storage


class RoleKeys(NamedTuple):
    """One role.

    Attributes:
        role: Its name.
        keys: What its keys are called in the folders of keys; the index is signed by those of targets.
        keyids: Of all that may sign.
        threshold: How many of them must.
        version: The present one, 0 for the bins, of which there are many.
        expires: Until when what they signed is good, UTC; None for the bins, which the server renews.
        offline: Whether its keys are to be kept away from servers.
    """

    role: str
    keys: str
    keyids: tuple[str, ...]
    threshold: int
    version: int
    expires: datetime | None
    offline: bool


def roles_of(storage: Storage, root: bytes) -> tuple[RoleKeys, ...]:
    """Return all roles, the root first.

    Raises:
        VerificationError: The storage holds what the registry's keys have not signed.
    """
    fetched = Fetched(fetch_from(storage))
    with explained(fetched):
        chain = Chain(fetched, root)
        targets, index = chain.targets, chain.index
        signed: dict[str, Signed] = {
            ROOT: chain.root, TARGETS: targets, CLAIMS: chain.role(CLAIMS, targets), INDEX: index,
            REVOCATIONS: chain.role(REVOCATIONS, targets), SNAPSHOT: chain.snapshot,
            TIMESTAMP: chain.timestamp,
        }  # fmt: skip
        found = [_role(chain, role, its) for role, its in signed.items()]
        bins = bins_of(index)
    ids = tuple(sorted(bins.keyids))
    return (*found, RoleKeys(BINS, BINS, ids, bins.threshold, 0, None, offline=False))


def _role(chain: Chain, name: str, signed: Signed) -> RoleKeys:
    top = name in (ROOT, TARGETS, SNAPSHOT, TIMESTAMP)
    role = (chain.root if top else chain.targets).get_delegated_role(name)
    keys = TARGETS if name == INDEX else name
    offline = keys in (ROOT, TARGETS, CLAIMS)
    ids = tuple(sorted(role.keyids))
    return RoleKeys(name, keys, ids, role.threshold, signed.version, signed.expires, offline)
