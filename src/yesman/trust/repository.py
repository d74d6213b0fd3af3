"""The online half of a registry: publishing, revoking, and keeping its metadata in date.

What always holds: a client finds the state before or the state after, at any instant and whatever is
killed. What is read is verified before anything is built on it, and an older state than one that
was written is refused, so a storage that lies gets no signature for its lies. Every value that
is published was read back as a client reads it.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from yesman.model.errors import NotFoundError, VerificationError
from yesman.trust.chain import Chain, bins_of, content_of
from yesman.trust.drafting import Draft, Signing
from yesman.trust.encoding import encode
from yesman.trust.explaining import explained
from yesman.trust.fetching import Fetched
from yesman.trust.index import decode_claims, decode_index, decode_revocations
from yesman.trust.limits import LIMITS, PERIODS
from yesman.trust.refreshing import refresh
from yesman.trust.roles import (
    BINS,
    CLAIMS,
    REVOCATIONS,
    REVOCATIONS_TARGET,
    TIMESTAMP_PATH,
    claims_target,
    index_target,
)
from yesman.trust.storage import fetch_from
from yesman.trust.writing import put_target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from tuf.api.metadata import TargetFile

    from yesman.trust.index import PluginIndex, Revocations
    from yesman.trust.keys import KeyFolder
    from yesman.trust.storage import Storage

    Clock: TypeAlias = Callable[[], datetime]
    """Tells the time, UTC."""


class Repository:
    """A registry, as somebody writes it who has the online keys.

    Every method raises CollisionError where another writer was first, VerificationError where the
    storage holds what these or the offline keys have not signed, and UsageError where the keys are
    not those that the root names; nothing is published then. Not for two threads at once.

    Args:
        storage: Where it is kept.
        keys: The online keys.
        root: A root file of the registry, from where the storage cannot change it.
        clock: Tells the time.
    """

    def __init__(self, storage: Storage, keys: KeyFolder, root: bytes, clock: Clock) -> None:
        self._storage, self._keys, self._root, self._clock = storage, keys, root, clock
        self._fetched = Fetched(fetch_from(storage))
        self._signing = Signing(keys)
        self._known: tuple[str, Chain] | None = None
        self._newest = 0

    def publish(self, *indexes: PluginIndex) -> None:
        """Make ``indexes`` what there is of these plugins, all at once or not at all."""
        with self._draft() as draft:
            self._publish(draft, {index.name: self._stored(index) for index in indexes})

    def revoke(self, revocations: Revocations) -> None:
        """Make ``revocations`` all that is revoked."""
        content = encode(revocations)
        decode_revocations(content)
        with self._draft() as draft:
            role = draft.chain.role(REVOCATIONS, draft.chain.targets)
            role.targets = {REVOCATIONS_TARGET: put_target(self._storage, REVOCATIONS_TARGET, content)}
            draft.put(REVOCATIONS, role, REVOCATIONS, PERIODS.online, whole=True)

    def owners_of(self, name: str) -> tuple[str, ...]:
        """Return the keyids that own ``name``, as the offline keys have signed; none where nobody does."""
        path = claims_target(name)
        with explained(self._fetched):
            _, chain = self._present()
            there = chain.role(CLAIMS, chain.targets).targets.get(path)
            data = content_of(there, self._fetched, LIMITS.claims_bytes) if there else None
        claim = decode_claims(data).of(name) if data else None
        return claim.keys if claim else ()

    def refresh(self) -> Mapping[str, datetime]:
        """Take over what the offline keys have signed, and sign anew what would expire; at least hourly.

        Returns:
            Until when what only offline keys can renew is good, by role.
        """
        self._known, self._signing = None, Signing(self._keys)  # there may be a new root, and new keys
        with self._draft() as draft:
            return refresh(draft, self._fetched)

    def rebuild(self, indexes: Iterable[PluginIndex]) -> None:
        """Make ``indexes`` all that there is, whatever the storage says: after a theft, or in a new place."""
        self.restate({index.name: self._stored(index) for index in indexes})

    def restate(self, targets: Mapping[str, TargetFile]) -> None:
        """Do as :meth:`rebuild` with indexes that are stored already, by plugin."""
        with self._draft() as draft:
            bins = bins_of(draft.chain.index)
            for name in bins.get_roles():
                draft.chain.role(name, draft.chain.index).targets = {}
            self._publish(draft, targets, every=bins.get_roles())

    def _publish(self, draft: Draft, targets: Mapping[str, TargetFile], every: Iterable[str] = ()) -> None:
        grouped: dict[str, list[TargetFile]] = defaultdict(list, {name: [] for name in every})
        for plugin, target in targets.items():
            grouped[draft.chain.bin_of(plugin)].append(target)
        for name, group in grouped.items():
            role = draft.chain.role(name, draft.chain.index)
            role.targets.update((target.path, target) for target in group)
            draft.put(name, role, BINS, PERIODS.bins, whole=False)
            draft.chain.forget(name)  # a hundred thousand plugins are not kept in memory

    def _stored(self, index: PluginIndex) -> TargetFile:
        content = encode(index)
        decode_index(content, index.name)
        return put_target(self._storage, index_target(index.name), content)

    @contextmanager
    def _draft(self) -> Iterator[Draft]:
        """Give the next state to be changed; it is committed when that has gone well."""
        try:
            with explained(self._fetched):
                tag, chain = self._present()
                draft = Draft(self._storage, self._signing, chain, tag, self._clock())
                self._known = None  # while it is half changed
                yield draft
                self._known = (draft.commit(), chain)
                self._newest = chain.timestamp.version
        finally:
            self._fetched.forget()

    def _present(self) -> tuple[str, Chain]:
        stored = self._storage.read(TIMESTAMP_PATH, LIMITS.timestamp_bytes)
        if stored is None:
            raise NotFoundError("there is no registry yet", "Make one with 'yesman market init'")
        if self._known and self._known[0] == stored.tag:
            return self._known
        chain = Chain(self._fetched, self._root)
        if chain.timestamp.version < self._newest:
            raise VerificationError(
                f"the storage gives an older state (version {chain.timestamp.version}) than was written "
                f"({self._newest})",
                "Restore it from a newer copy; publish nothing before",
            )
        self._newest = chain.timestamp.version
        return stored.tag, chain
