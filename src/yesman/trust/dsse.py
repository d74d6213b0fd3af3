"""The envelope of an author's signature: DSSE 1.0 (github.com/secure-systems-lab/dsse), one type of payload.

What always holds: what is signed is the payload together with its type (the pre-authentication encoding),
so a signature for one purpose is none for another; the payload is handed out only after a known key has
signed these very bytes; and a key's id is a hint that finds the key, never a reason to believe.
Narrower than what DSSE asks of readers: only canonical JSON (:mod:`yesman.trust.canonical`) is read, a
signature always names its key, and no key twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, NamedTuple

import msgspec

from yesman.model.errors import VerificationError
from yesman.trust.canonical import Hex256, decode, decode64, encode, encode64
from yesman.trust.ed25519 import SIGNATURE_BYTES, verifies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from yesman.trust.ed25519 import SigningKey

IN_TOTO: Final = "application/vnd.in-toto+json"
MOST_BYTES: Final = 256 * 1024
"""Of an envelope: a manifest has at most 64 KiB, and what is signed of it grows by escapes and base64."""
MOST_SIGNATURES: Final = 8
WHAT: Final = "The author's signature"


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature; ``sig`` is base64 of 64 bytes."""

    keyid: Hex256
    sig: Annotated[str, msgspec.Meta(min_length=88, max_length=88)]


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The envelope as JSON; ``payload`` is base64."""

    payload: str
    payload_type: Literal["application/vnd.in-toto+json"]
    signatures: Annotated[tuple[Signature, ...], msgspec.Meta(min_length=1, max_length=MOST_SIGNATURES)]


class Opened(NamedTuple):
    """What an envelope holds, and the ids of the known keys that signed it, at least one."""

    payload: bytes
    signers: frozenset[str]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (DSSE, "PAE")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sealed(payload: bytes, *keys: SigningKey) -> bytes:
    """Return the envelope of ``payload``, signed with each of ``keys``."""
    data = pae(IN_TOTO, payload)
    signatures = tuple(Signature(key.keyid, encode64(key.sign(data))) for key in keys)
    return encode(Envelope(encode64(payload), IN_TOTO, signatures))


def opened(data: bytes, known: Mapping[str, bytes]) -> Opened:
    """Return what the envelope ``data`` holds, if one of the keys ``known`` has signed it.

    Signatures by other keys are passed over, as DSSE says, and so are those that do not verify while
    another one does.

    Args:
        data: From anywhere.
        known: The public halves, by id.

    Raises:
        VerificationError: It is no envelope, or none of the keys has signed what it holds.
    """
    envelope = decode(data, Envelope, most=MOST_BYTES, what=WHAT)
    payload = decode64(envelope.payload, WHAT)
    named = _by_keyid(envelope.signatures)
    ours = {keyid: signature for keyid, signature in named.items() if keyid in known}
    if not ours:
        raise StrangerError(tuple(named))
    signed = pae(envelope.payload_type, payload)
    right = frozenset(keyid for keyid, signature in ours.items() if verifies(known[keyid], signature, signed))
    if not right:
        raise VerificationError(
            f"{WHAT} was altered, or what it signs was: it does not verify with the key {min(ours)}",
            "Do not use it; get it again from where it came from",
        )
    return Opened(payload, right)


class StrangerError(VerificationError):
    """An envelope was signed, but by none of the known keys; ``keyids`` are those it names."""

    def __init__(self, keyids: Sequence[str]) -> None:
        super().__init__(f"{WHAT} is by {', '.join(keyids)}, which is not known", "Do not use it")
        self.keyids = tuple(keyids)


def _by_keyid(signatures: Sequence[Signature]) -> dict[str, bytes]:
    named: dict[str, bytes] = {}
    for signature in signatures:
        if signature.keyid in named:
            raise VerificationError(f"{WHAT} holds two by the key {signature.keyid}", "Get it again")
        named[signature.keyid] = decode64(signature.sig, WHAT)
        if len(named[signature.keyid]) != SIGNATURE_BYTES:
            raise VerificationError(f"{WHAT} is not {SIGNATURE_BYTES} bytes long", "Get it again")
    return named
