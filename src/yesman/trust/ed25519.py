"""Keys that sign, and what is known of them to everybody: ed25519 and nothing else.

What always holds: a private key is never part of ``repr`` or of an error, and leaves its object only
through :meth:`SigningKey.seed`. A key's id, which is also its fingerprint, is the SHA-256 of the 32 bytes
of its public half, in hexadecimal: an id names one key, whoever states it.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY_BYTES = 32
SIGNATURE_BYTES = 64


def keyid_of(public: bytes) -> str:
    """Return the id of the key whose public half is ``public`` (32 bytes, RFC 8032)."""
    return hashlib.sha256(public).hexdigest()


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    """Tell whether ``signature`` over ``data`` was made with the private half of ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):  # ValueError: not 32 bytes
        return False
    return True


class SigningKey:
    """A private key.

    Args:
        seed: Its 32 bytes.

    Attributes:
        public: The 32 bytes of its public half.
        keyid: See :func:`keyid_of`.

    Raises:
        ValueError: The seed has another length.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()
        self.keyid = keyid_of(self.public)

    @classmethod
    def generate(cls) -> SigningKey:
        """Return a new key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return f"<SigningKey {self.keyid}>"

    def seed(self) -> bytes:
        """Return the secret 32 bytes, for whoever keeps the key."""
        return self._key.private_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``, 64 bytes; the same for the same data."""
        return self._key.sign(data)
