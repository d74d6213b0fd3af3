"""Author signatures, as the trust package judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.trust import signed
from yesman.trust.statement import Facts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yesman.package.unpacking import Package
    from yesman.trust.index import PublisherKey


class AuthorSignatures:
    """DSSE envelopes over in-toto statements, by a chain of keys."""

    def signer(
        self, package: Package, envelope: bytes, keys: Sequence[PublisherKey], owners: Collection[str]
    ) -> str:
        """Return who signed; see :class:`yesman.marketplace.seams.Signatures`."""
        return signed.verified(Facts.of(package), envelope, keys, owners=owners).signer
