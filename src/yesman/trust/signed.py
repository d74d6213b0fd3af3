"""Is a package what its author signed? The one decision, without files, network or clock.

What always holds of a package that passed: a key that owns the name, and that the pin accepts, has signed
a statement which says of name, version, bytes, content, plugin.yaml and permissions what was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.model.errors import VerificationError
from yesman.model.plain_text import shown
from yesman.trust import dsse, statement
from yesman.trust.author_keys import Chain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from yesman.trust.ed25519 import SigningKey
    from yesman.trust.index import PublisherKey
    from yesman.trust.statement import Facts

_REFUSE: Final = "Do not install it; ask its author"
_DIFFERENCES: Final = (
    ("content", "is of other content than the package's"),
    ("manifest", "is of another plugin.yaml than the package's"),
    ("permissions", "is of other permissions than the package's"),
    ("sha256", "is of another package with the same name and version"),
)


class Signed(NamedTuple):
    """Whose signature vouches for a package.

    Attributes:
        signer: Id of the key: what to pin from now on.
        successor_of: Ids of the keys that led to it, oldest first (``host.origin.Origin``).
    """

    signer: str
    successor_of: tuple[str, ...]


def sign(facts: Facts, key: SigningKey) -> bytes:
    """Return the envelope that says ``facts``, signed with ``key``."""
    return dsse.sealed(statement.written(facts), key)


def verified(
    facts: Facts,
    envelope: bytes | None,
    keys: Sequence[PublisherKey],
    pin: str = "",
    *,
    owners: Collection[str] = (),
) -> Signed:
    """Return who signed the package that ``facts`` were read from.

    Args:
        facts: As read from the very bytes that will be installed.
        envelope: What stands beside the package; None where nothing does.
        keys: The author's keys, the first one first.
        pin: Id of the key that signed what is installed, or that the user named; "" where there is none.
        owners: Ids of the keys that own the name (a registry's claims): one of them, or a successor, must
            have signed. Empty where nobody but ``keys`` says whose the name is.

    Raises:
        VerificationError: It must not be believed; the sentence says what is wrong.
    """
    label = f"{facts.name} {facts.version}"
    if envelope is None:
        wanted = f", and what came before it was, by the pinned key {pin}" if pin else ""
        raise VerificationError(f"{label} is not signed{wanted}", _REFUSE)
    chain = Chain(keys)
    try:
        payload, signers = dsse.opened(envelope, chain.publics)
    except dsse.StrangerError as error:
        raise _stranger(label, error.keyids, owners or [chain.newest]) from None
    signer = next(keyid for keyid in reversed(chain.publics) if keyid in signers)
    if owners and not any(chain.accepts(owner, signer) for owner in owners):
        raise _stranger(label, [signer], owners)
    if pin and not chain.accepts(pin, signer):
        raise _unpinned(label, pin, signer, chain)
    _check_same(label, facts, statement.read(payload))
    return Signed(signer, chain.before(signer))


def _stranger(label: str, signers: Collection[str], owners: Collection[str]) -> VerificationError:
    by, of = " and ".join(signers), " and ".join(sorted(owners))
    return VerificationError(f"{label} is signed by {by}, but the name belongs to {of}", _REFUSE)


def _unpinned(label: str, pin: str, signer: str, chain: Chain) -> VerificationError:
    why = "has been replaced by" if chain.accepts(signer, pin) else "does not come after"
    return VerificationError(
        f"{label} is signed by the key {signer}, which {why} the pinned key {pin}",
        "Ask its author by another way whose key it is; to trust it, remove the plugin and install it again",
    )


def _check_same(label: str, found: Facts, signed: Facts) -> None:
    if signed.name != found.name:
        raise VerificationError(
            f"The signature beside {label} is of another plugin, {shown(signed.name)}", _REFUSE
        )
    if signed.version != found.version:
        raise VerificationError(
            f"The signature beside {label} is of another version, {shown(signed.version)}", _REFUSE
        )
    for field, difference in _DIFFERENCES:
        if getattr(signed, field) != getattr(found, field):
            raise VerificationError(f"The signature beside {label} {difference}", _REFUSE)
