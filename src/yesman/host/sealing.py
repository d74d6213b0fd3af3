"""Secrets that lie in a file: sealed with a key that lies in another, beside it.

What always holds: a sealed value opens only with that key, and only under the name it was sealed for;
whoever changes a byte of it gets an error, never another value. It protects what is copied, shown or
searched without the key, and from nobody who can read both files as the user can
(``docs/adr/0026-secrets.md``).
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from yesman import durable
from yesman.model.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

KEY_BYTES = 32
NONCE_BYTES = 12


class Sealing:
    """Seals and opens with the key in the file ``key``, which is made when it is first needed."""

    def __init__(self, key: Path) -> None:
        self._key = key

    def seal(self, name: str, value: bytes) -> str:
        """Return ``value`` sealed for ``name``, as text.

        Raises:
            VerificationError: The key's file holds no key.
            PlatformError: There was no key yet, and none can be written.
        """
        try:
            cipher = self._cipher()
        except FileNotFoundError:
            durable.write(self._key, f"{secrets.token_hex(KEY_BYTES)}\n".encode())
            cipher = self._cipher()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + cipher.encrypt(nonce, value, name.encode())).decode()

    def opened(self, name: str, sealed: str) -> bytes:
        """Return the value that was sealed for ``name``.

        Raises:
            VerificationError: The key is lost or another one, or the sealed text was changed.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - see below

        try:
            data = base64.b64decode(sealed, validate=True)
            return self._cipher().decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError, FileNotFoundError):
            raise VerificationError(f"a sealed secret does not open with {self._key}") from None

    def forget(self) -> None:
        """Remove the key: what was sealed with it, and may still lie about on the disk, opens no more."""
        durable.remove(self._key)

    def _cipher(self) -> ChaCha20Poly1305:
        """Return what seals and opens; a missing key is the caller's to explain."""
        # Imported when there is a secret: a server without any starts faster by what that takes.
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415

        try:
            return ChaCha20Poly1305(bytes.fromhex(self._key.read_text("ascii")))
        except (ValueError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise VerificationError(
                f"{self._key} holds no key", "Restore it; or remove it, and set the secrets again"
            ) from None
