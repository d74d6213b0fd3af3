"""An author's keys over time: each one was named by the one before, which signed it.

What always holds of a :class:`Chain`: every key's id is that of its public half; the first key stands
for itself (whether it owns a name is decided by the registry's ``claims``); every later one is signed by
the one right before it, so the keys form a line without gap or fork, however they came here.

A pin is the id of the key that signed what is installed. It accepts that key and its successors, and no
key before it: whoever steals a key that was replaced signs nothing for those who have seen its successor.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from yesman.model.errors import VerificationError
from yesman.trust.canonical import decode, decode64, encode, encode64
from yesman.trust.dsse import pae
from yesman.trust.ed25519 import KEY_BYTES, SIGNATURE_BYTES, keyid_of, verifies
from yesman.trust.index import PublisherKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.trust.ed25519 import SigningKey

MOST_KEYS: Final = 64
MOST_BYTES: Final = 32 * 1024
SUCCESSION: Final = "application/vnd.yesman.author-key+json"
"""The type of what one key signs of the next, in DSSE's pre-authentication encoding."""
_STEP: Final = "Do not trust them; ask the author for their keys by another way"


class PublicKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``yesman plugin keys export`` writes: an author's keys, the first one first."""

    keys: Annotated[tuple[PublisherKey, ...], msgspec.Meta(min_length=1, max_length=MOST_KEYS)]


def first(key: SigningKey, since: str) -> PublisherKey:
    """Return the beginning of a chain."""
    return PublisherKey(keyid=key.keyid, public=encode64(key.public), since=since)


def successor(old: SigningKey, new: SigningKey, since: str) -> PublisherKey:
    """Return the key ``new``, signed by ``old``."""
    public = encode64(new.public)
    signature = encode64(old.sign(succession(new.keyid, public, old.keyid)))
    return PublisherKey(keyid=new.keyid, public=public, since=since, signed_by=old.keyid, signature=signature)


def succession(keyid: str, public: str, signed_by: str) -> bytes:
    """Return the bytes that the key before signs: which key comes next, and after which."""
    return pae(SUCCESSION, encode({"keyid": keyid, "public": public, "signed_by": signed_by}))


def exported(keys: Sequence[PublisherKey]) -> bytes:
    """Return ``keys`` as the bytes of a file that others read."""
    return encode(PublicKeys(tuple(keys))) + b"\n"


def imported(data: bytes) -> tuple[PublisherKey, ...]:
    """Return the keys in a file that :func:`exported` wrote; whether they form a chain is not looked at.

    Raises:
        VerificationError: It is no such file.
    """
    text = data.removesuffix(b"\n")
    return decode(text, PublicKeys, most=MOST_BYTES, what="The file of public keys").keys


class Chain:
    """The keys of one author, the first one first, checked.

    Attributes:
        publics: The public halves by id.
        newest: Id of the last key.

    Raises:
        VerificationError: They form no line; the sentence says where it is broken.
    """

    def __init__(self, keys: Sequence[PublisherKey]) -> None:
        if not 0 < len(keys) <= MOST_KEYS:
            raise VerificationError(f"{len(keys)} keys are no chain of 1 to {MOST_KEYS}", _STEP)
        self.publics: dict[str, bytes] = {}
        for key in keys:
            _check_link(key, self.publics)
            self.publics[key.keyid] = _public(key)
        self.newest = keys[-1].keyid

    def before(self, keyid: str) -> tuple[str, ...]:
        """Return the ids of the keys that led to ``keyid``, which is one of them."""
        return tuple(takewhile(keyid.__ne__, self.publics))

    def accepts(self, pin: str, keyid: str) -> bool:
        """Tell whether ``keyid`` is the key ``pin`` or one of its successors."""
        return keyid in self.publics and pin in (*self.before(keyid), keyid)


def _public(key: PublisherKey) -> bytes:
    public = decode64(key.public, "A public key")
    if len(public) != KEY_BYTES or keyid_of(public) != key.keyid:
        raise VerificationError(f"The key {key.keyid} is not the one that its id names", _STEP)
    return public


def _check_link(key: PublisherKey, before: dict[str, bytes]) -> None:
    """Refuse ``key`` unless the last one of those ``before`` has signed it."""
    last = list(before)[-1] if before else ""
    if key.keyid in before:
        raise VerificationError(f"The key {key.keyid} occurs twice among the author's keys", _STEP)
    if key.signed_by != last:
        raise VerificationError(_break(key, before, last), _STEP)
    if not last:
        if key.signature:
            raise VerificationError(f"The first key, {key.keyid}, carries a signature by nobody", _STEP)
        return
    signature = decode64(key.signature, "The signature of a key")
    signed = succession(key.keyid, key.public, last)
    if len(signature) != SIGNATURE_BYTES or not verifies(before[last], signature, signed):
        raise VerificationError(f"The key {key.keyid} is not signed by {last}, as it says", _STEP)


def _break(key: PublisherKey, before: dict[str, bytes], last: str) -> str:
    if not last:
        return f"A key is missing before {key.keyid}: it is signed by {key.signed_by}, which is not there"
    if not key.signed_by:
        return f"The key {key.keyid} is signed by none, though it comes after {last}"
    if key.signed_by in before:
        return f"The keys fork: {key.signed_by} has named another successor beside {key.keyid}"
    return f"A key is missing between {last} and {key.keyid}, which is signed by {key.signed_by}"
