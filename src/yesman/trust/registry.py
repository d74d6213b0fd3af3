"""What is asked of a registry, whichever way its metadata was verified."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import VerificationError
from yesman.trust.encoding import OPERATOR
from yesman.trust.index import decode_claims, decode_index, decode_revocations, is_name
from yesman.trust.limits import LIMITS
from yesman.trust.roles import REVOCATIONS_TARGET, claims_target, index_target

if TYPE_CHECKING:
    from yesman.trust.index import Claim, PluginIndex, Revocations


class Moment(NamedTuple):
    """The state of a registry that is believed.

    Attributes:
        made: When the registry said that this is its present state, UTC.
        until: Up to when it is believed.
        version: Of the timestamp; it only grows.
    """

    made: datetime
    until: datetime
    version: int


def made_at(text: str) -> datetime:
    """Return the moment that a timestamp names.

    Raises:
        ValueError: It names none.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class Registry(ABC):
    """A registry whose files are verified as they are read; nothing else is ever returned.

    Every method raises VerificationError for what is not as the metadata says, and RemoteError where
    the registry cannot be reached.
    """

    @property
    @abstractmethod
    def moment(self) -> Moment:
        """Of when what it says is."""

    @abstractmethod
    def target(self, path: str, limit: int) -> bytes | None:
        """Return the verified bytes of a target, at most ``limit``; None where the registry has none."""

    def index_of(self, name: str) -> PluginIndex | None:
        """Return what is published under ``name``, or None: then the registry vouches that nothing is."""
        if not is_name(name):
            return None
        data = self.target(index_target(name), LIMITS.index_bytes)
        return None if data is None else decode_index(data, name)

    def claims_of(self, name: str) -> Claim | None:
        """Return whose the name is, or None where nobody has claimed it."""
        if not is_name(name):
            return None
        data = self.target(claims_target(name), LIMITS.claims_bytes)
        return None if data is None else decode_claims(data).of(name)

    def revocations(self) -> Revocations:
        """Return all that is revoked."""
        data = self.target(REVOCATIONS_TARGET, LIMITS.revocations_bytes)
        if data is None:
            raise VerificationError("the registry has no list of revocations", OPERATOR)
        return decode_revocations(data)
