"""The state of a registry that comes next, from what is read until it is committed.

What always holds: everything is stored beside what is there; then the snapshot that names it; last
the timestamp, and only if it is still the one that this began from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuf.api.metadata import MetaFile, Timestamp

from yesman.model.errors import UsageError, YesmanError
from yesman.trust.limits import PERIODS
from yesman.trust.roles import MADE, SNAPSHOT, TIMESTAMP, TIMESTAMP_PATH
from yesman.trust.writing import named, put_next, signed_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Role, Signed, Targets

    from yesman.trust.chain import Chain
    from yesman.trust.keys import KeyFolder
    from yesman.trust.storage import Storage


class CollisionError(YesmanError):
    """Another writer was first; nothing was published."""

    kind = "collision"

    def __init__(self) -> None:
        super().__init__(
            "somebody else has published at the same moment",
            "Look at what is to be published anew, and try again",
        )


class Signing:
    """The keys of a folder, read once.

    Args:
        keys: The folder.
    """

    def __init__(self, keys: KeyFolder) -> None:
        self._keys = keys
        self._known: dict[str, tuple[CryptoSigner, ...]] = {}

    def of(self, name: str, role: Role) -> Sequence[CryptoSigner]:
        """Return all keys called ``name``; more sign than must where keys are just being changed.

        Raises:
            UsageError: None of them may sign for ``role``.
            NotFoundError: There are none.
        """
        if name not in self._known:
            self._known[name] = self._keys.signers(name)
        found = self._known[name]
        if not any(signer.public_key.keyid in role.keyids for signer in found):
            raise UsageError(
                f"the keys for '{name}' in {self._keys.path} are not those that the registry accepts now",
                "They have been changed: bring the new ones",
            )
        return found


class Draft:
    """One change on its way.

    Args:
        storage: Where it goes.
        signing: The online keys.
        chain: The state it begins from, verified; changed by this.
        tag: Of that state's timestamp.
        now: UTC.
    """

    def __init__(self, storage: Storage, signing: Signing, chain: Chain, tag: str, now: datetime) -> None:
        self.storage, self.signing, self.chain, self.now = storage, signing, chain, now
        self._tag = tag
        self._changed: dict[str, MetaFile] = {}

    def put(self, role: str, targets: Targets, keys: str, period: timedelta, *, whole: bool) -> None:
        """Store the next version of an online role.

        Args:
            role: Its name.
            targets: What it says now.
            keys: What its keys are called.
            period: How long it counts.
            whole: Whether the snapshot names length and digest too.
        """
        targets.expires = self.now + period
        delegator = self.chain.delegator_of(role)
        data = put_next(
            self.storage, role, targets, self.signing.of(keys, delegator.get_delegated_role(role))
        )
        self.name(role, named(targets, data) if whole else MetaFile(targets.version))

    def name(self, role: str, meta: MetaFile) -> None:
        """Have the next snapshot name that version of a role."""
        self._changed[f"{role}.json"] = meta

    def commit(self) -> str:
        """Make it the present state, and return its timestamp's tag.

        Raises:
            CollisionError: Another writer was first; nothing has changed.
        """
        root, snapshot, timestamp = self.chain.root, self.chain.snapshot, self.chain.timestamp
        if self._changed or self.is_due(snapshot, PERIODS.online):
            snapshot.meta.update(self._changed)
            snapshot.expires = self.now + PERIODS.online
            data = put_next(self.storage, SNAPSHOT, snapshot, self.signing.of(SNAPSHOT, root.roles[SNAPSHOT]))
            timestamp.snapshot_meta = named(snapshot, data)
        sign_off(timestamp, self.now)
        data = signed_file(timestamp, self.signing.of(TIMESTAMP, root.roles[TIMESTAMP]))
        tag = self.storage.replace(TIMESTAMP_PATH, data, self._tag)
        if tag is None:
            raise CollisionError
        return tag

    def is_due(self, signed: Signed, period: timedelta) -> bool:
        """Tell whether more than half of the time is over that it was signed for."""
        return signed.expires - self.now < period / 2


def sign_off(timestamp: Timestamp, now: datetime) -> None:
    """Make it the next timestamp, of this moment."""
    timestamp.version += 1
    timestamp.expires = now + PERIODS.online
    timestamp.unrecognized_fields[MADE] = f"{now:%Y-%m-%dT%H:%M:%SZ}"
