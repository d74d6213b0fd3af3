"""What needs the offline keys: claims, new dates, other keys for a role.

What always holds: what is made here is a file beside the others that nobody reads until the online
half takes it over (:meth:`yesman.trust.repository.Repository.refresh`), so it can be made on a machine
without a network, from a copy, and be carried back. A root counts from the instant it is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yesman.trust.chain import Chain, bins_of, content_of, newer
from yesman.trust.drafting import Signing
from yesman.trust.encoding import encode
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.index import Claims, decode_claims
from yesman.trust.keys import public
from yesman.trust.limits import LIMITS, PERIODS
from yesman.trust.repository import Repository
from yesman.trust.roles import (
    BINS,
    CLAIMS,
    INDEX,
    OFFLINE_KEYS,
    ONLINE_KEYS,
    REVOCATIONS,
    ROOT,
    SNAPSHOT,
    TARGETS,
    TIMESTAMP,
    claims_target,
)
from yesman.trust.roots import (
    check_threshold,
    draft_root,
    newest_root,
    publish_root,
    replace_keys,
    sign_root,
)
from yesman.trust.storage import fetch_from
from yesman.trust.writing import put_next, put_target

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from securesystemslib.signer import CryptoSigner, Key
    from tuf.api.metadata import Root, Targets

    from yesman.trust.index import Claim, PluginIndex
    from yesman.trust.keys import KeyFolder
    from yesman.trust.storage import Storage


@dataclass(frozen=True)
class Ceremony:
    """The offline keys, and the registry or a copy of it.

    Every method raises VerificationError where the storage holds what the registry's keys have not
    signed, NotFoundError for a key that is not here, and PlatformError where nothing can be written.

    Attributes:
        storage: The registry's files.
        offline: The keys.
        root: A root file of the registry, from where the storage cannot change it.
        now: UTC.
    """

    storage: Storage
    offline: KeyFolder
    root: bytes
    now: datetime

    def claim(self, *claims: Claim) -> None:
        """Say whose names are; a claim that there is for a name is replaced."""
        self._claim({claim.name: claim for claim in claims})

    def disclaim(self, *names: str) -> None:
        """Say of names that nobody's keys own them any more."""
        self._claim(dict.fromkeys(names))

    def _claim(self, claims: Mapping[str, Claim | None]) -> None:
        fetched = Fetched(fetch_from(self.storage))
        with explained(fetched):
            chain = Chain(fetched, self.root)
            role = self._newest(chain, fetched, CLAIMS)
            for name, claim in claims.items():
                path = claims_target(name)
                there = role.targets.get(path)
                old = decode_claims(content_of(there, fetched, LIMITS.claims_bytes)) if there else Claims()
                kept = [other for other in old.entries if other.name != name]
                kept += [claim] if claim else []
                new = encode(Claims(tuple(sorted(kept, key=lambda each: each.name))))
                decode_claims(new)
                role.targets[path] = put_target(self.storage, path, new)
            self._put(CLAIMS, role, self._newest(chain, fetched, TARGETS))

    def renew(self) -> None:
        """Sign delegations and claims for another year."""
        self._delegate({})

    def renew_root(self) -> None:
        """Sign the root for another year, and publish that."""
        self._publish_root({}, self.offline.signers(ROOT))

    def change_root_keys(self, count: int, threshold: int) -> None:
        """Give the root ``count`` new keys in the place of all it has, and publish that.

        Where the keys are not all in one folder, use :mod:`yesman.trust.roots` instead.
        """
        check_threshold(count, threshold)
        old = self.offline.signers(ROOT)
        new = tuple(self.offline.make(ROOT) for _ in range(count))
        self._publish_root({ROOT: public(new)}, (*old, *new), threshold)

    def change_keys(
        self,
        online: KeyFolder,
        roles: Collection[str] = ONLINE_KEYS,
        indexes: Iterable[PluginIndex] | None = None,
    ) -> None:
        """Give ``roles`` other keys, as after a theft; the old ones are worth nothing then and are removed.

        Stop the server before. Until the new root is there, everything is signed by the old keys and by the
        new ones, so clients find a registry that is whole before, during and after.

        Args:
            online: The online keys.
            roles: Whose keys change; all but the root's are possible.
            indexes: All that is published, where a thief may have written to the storage too.
        """
        new = {role: (self.offline.make(role).public_key,) for role in roles if role in OFFLINE_KEYS}
        new |= {role: (online.make(role).public_key,) for role in roles if role in ONLINE_KEYS}
        self._delegate(new)
        repository = Repository(self.storage, online, self.root, lambda: self.now)
        repository.refresh()
        if indexes is not None:
            repository.rebuild(indexes)
        if top := {role: keys for role, keys in new.items() if role in (TARGETS, SNAPSHOT, TIMESTAMP)}:
            self._publish_root(top, self.offline.signers(ROOT))
        kept = {key.keyid for keys in new.values() for key in keys}
        for folder, its in ((self.offline, OFFLINE_KEYS), (online, ONLINE_KEYS)):
            folder.drop_others([role for role in new if role in its], kept)
        Repository(self.storage, online, self.root, lambda: self.now).refresh()

    def _delegate(self, new: Mapping[str, Sequence[Key]]) -> None:
        """Sign delegations that name the ``new`` keys."""
        fetched = Fetched(fetch_from(self.storage))
        with explained(fetched):
            chain = Chain(fetched, self.root)
            roles = {name: self._newest(chain, fetched, name) for name in (TARGETS, CLAIMS, INDEX)}
            for keys, role in ((CLAIMS, CLAIMS), (REVOCATIONS, REVOCATIONS), (TARGETS, INDEX)):
                if keys in new:
                    replace_keys(roles[TARGETS], role, new[keys])
            if BINS in new:
                replace_keys(roles[INDEX], next(bins_of(roles[INDEX]).get_roles()), new[BINS])
            for name in (CLAIMS, INDEX):  # the old delegations accept these too
                self._put(name, roles[name], roles[TARGETS])
            self._put(TARGETS, roles[TARGETS], chain.root)

    def _newest(self, chain: Chain, fetched: Fetched, name: str) -> Targets:
        """Return a role as it was last signed, be it taken over already or not."""
        delegator = chain.root if name == TARGETS else self._newest(chain, fetched, TARGETS)
        present = chain.role(name, chain.delegator_of(name))
        found = newer(fetched, name, present.version, delegator)
        return found[0] if found else present

    def _put(self, name: str, role: Targets, delegator: Root | Targets) -> None:
        role.expires = self.now + PERIODS.offline
        keys = CLAIMS if name == CLAIMS else TARGETS
        signers = Signing(self.offline).of(keys, delegator.get_delegated_role(name))
        put_next(self.storage, name, role, signers)

    def _publish_root(
        self, keys: Mapping[str, Iterable[Key]], signers: Iterable[CryptoSigner], threshold: int = 0
    ) -> None:
        draft = draft_root(newest_root(self.storage, self.root), self.now, keys, threshold)
        publish_root(self.storage, self.root, sign_root(draft, signers))
