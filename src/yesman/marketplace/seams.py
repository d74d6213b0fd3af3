"""What the server is given and does not do itself: signing the index, judging signatures, scanning.

Each is a protocol of one or two methods. Where one is missing, what needs it is refused; nothing pretends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from yesman.package.unpacking import Package
    from yesman.trust.index import PluginIndex, PublisherKey, Revocations


class IndexPublisher(Protocol):
    """Signs indexes and makes them visible, as :class:`yesman.trust.repository.Repository` does."""

    def publish(self, *indexes: PluginIndex) -> None:
        """Make ``indexes`` what clients see: all of them from one instant on, or none.

        Called by one process at a time. Killed anywhere, it is called again with the same or newer
        indexes; publishing what is published already changes nothing that matters.

        Raises:
            YesmanError: It could not be done; nothing of it is visible.
        """

    def revoke(self, revocations: Revocations) -> None:
        """Make ``revocations`` all that is revoked, likewise.

        Raises:
            YesmanError: It could not be done; nothing has changed.
        """

    def owners_of(self, name: str) -> tuple[str, ...]:
        """Return the keyids that own ``name``, as the offline keys have signed; none where nobody does.

        Called by one thread at a time, like the rest.
        """

    def refresh(self) -> object:
        """Sign anew what expires."""


class Signatures(Protocol):
    """Judges what authors sign."""

    def signer(
        self, package: Package, envelope: bytes, keys: Sequence[PublisherKey], owners: Collection[str]
    ) -> str:
        """Return the keyid that signed ``package``, one of ``keys`` (the oldest first).

        Args:
            package: What was read.
            envelope: Its signature.
            keys: The publisher's.
            owners: The keyids that own its name; none where nobody does.

        Raises:
            VerificationError: None of them did, or none that descends from an owner, or what is signed is
                something else.
        """


class Verdict(NamedTuple):
    """What a scan came to.

    Attributes:
        outcome: ``quarantined`` where somebody must look first, as where it failed or was too slow;
            ``refused`` where what was found is enough not to take it.
        reasons: One sentence each, for the publisher.
    """

    outcome: Literal["passed", "warned", "quarantined", "refused"]
    reasons: tuple[str, ...] = ()


class Scanner(Protocol):
    """Looks for what is dangerous in a package."""

    def scan(self, package: Package, file: Path) -> Verdict:
        """Return what was found; never raises: a scan that fails is a reason to quarantine."""
