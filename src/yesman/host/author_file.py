"""The user's own keys as an author of plugins: one file below ``$YESMAN_HOME``, and nobody else's business.

What always holds: the file is replaced in one rename, so at any instant it holds a chain of public keys
and the private half of the newest, and of no other: a key that was replaced is nowhere any more. It is 0600,
and one that others may read is not used. With a passphrase the private half is sealed (scrypt,
ChaCha20-Poly1305, bound to the key's id); without one it lies there like a key of ssh without a passphrase.
Why it is no secret of :mod:`yesman.host.secret_store`: ``docs/adr/0034-author-signatures.md``.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import msgspec

from yesman import durable
from yesman.model.errors import NotFoundError, UsageError, VerificationError
from yesman.trust.author_keys import MOST_KEYS, Chain, first, successor
from yesman.trust.canonical import decode64, encode64
from yesman.trust.ed25519 import SigningKey
from yesman.trust.index import PublisherKey  # noqa: TC001 - msgspec reads the annotations of Kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES: Final = 64 * 1024
_WHAT: Final = "The file of your keys"
_RESTORE: Final = "Restore it from a backup"


class Plain(msgspec.Struct, frozen=True, tag="plain", tag_field="form", forbid_unknown_fields=True):
    """A private key as it is: its seed in base64."""

    seed: str

    def __repr__(self) -> str:
        return "Plain(…)"


class Sealed(msgspec.Struct, frozen=True, tag="scrypt-16-8-1", tag_field="form", forbid_unknown_fields=True):
    """A private key under a passphrase; the form names log2 of N, r and p. All in base64."""

    salt: str
    nonce: str
    sealed: str


Private: TypeAlias = Plain | Sealed


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds: the keys, the first one first, and the private half of the last."""

    keys: Annotated[tuple[PublisherKey, ...], msgspec.Meta(min_length=1, max_length=MOST_KEYS)]
    private: Private

    @property
    def newest(self) -> PublisherKey:
        """The key that signs."""
        return self.keys[-1]

    @property
    def needs_passphrase(self) -> bool:
        """Whether the private key is sealed."""
        return isinstance(self.private, Sealed)

    def signing_key(self, passphrase: str = "") -> SigningKey:
        """Return the key that signs.

        Raises:
            VerificationError: The passphrase is wrong, or the file was changed.
        """
        keyid = self.newest.keyid
        if isinstance(self.private, Sealed):
            seed = _unsealed(self.private, passphrase, keyid)
        else:
            seed = decode64(self.private.seed, _WHAT)
        try:
            key = SigningKey(seed)
        except ValueError:
            raise VerificationError(f"{_WHAT} holds no private key", _RESTORE) from None
        if key.keyid != keyid:
            raise VerificationError(f"{_WHAT} holds another private key than that of {keyid}", _RESTORE)
        return key


class AuthorFile:
    """The file at ``path``, which need not exist."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Kept | None:
        """Return what it holds, None where there is no file.

        Raises:
            UsageError: Others may read it.
            VerificationError: It is not one that we wrote.
        """
        try:
            with self._path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & 0o077:
                    raise UsageError(
                        f"{self._path} may be read by others", f"Take that from them: chmod 600 {self._path}"
                    )
                kept = msgspec.json.decode(file.read(MOST_BYTES + 1), type=Kept)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, UnicodeError, OSError) as error:
            raise VerificationError(f"{self._path} cannot be read: {error}", _RESTORE) from None
        Chain(kept.keys)
        return kept

    def required(self) -> Kept:
        """Return what it holds.

        Raises:
            NotFoundError: There is none.
            YesmanError: As for :meth:`read`.
        """
        kept = self.read()
        if kept is None:
            raise NotFoundError("You have no key to sign with", "Make one: yesman plugin keys create")
        return kept

    def check_none(self) -> None:
        """Raise UsageError if there is a key already, and the errors of :meth:`read`."""
        if (kept := self.read()) is not None:
            raise UsageError(
                f"You have a key already: {kept.newest.keyid}",
                "To replace it by a new one: yesman plugin keys rotate",
            )

    def create(self, now: str, passphrase: str = "") -> Kept:
        """Make the first key.

        Args:
            now: UTC, ISO 8601.
            passphrase: "" for none.

        Raises:
            UsageError: There is one already, or another command is changing it.
            PlatformError: It cannot be written.
        """
        with self._alone():
            self.check_none()
            key = SigningKey.generate()
            return self._write((first(key, now),), key, passphrase)

    def rotate(self, now: str, passphrase: str = "") -> Kept:
        """Make a new key, signed by the one before, whose private half is gone then; the same passphrase.

        Raises:
            YesmanError: As for :meth:`required`, :meth:`create` and :meth:`Kept.signing_key`.
        """
        with self._alone():
            kept = self.required()
            if len(kept.keys) >= MOST_KEYS:
                raise UsageError(f"A chain has at most {MOST_KEYS} keys", "Ask the registry for a new one")
            old, new = kept.signing_key(passphrase), SigningKey.generate()
            return self._write((*kept.keys, successor(old, new, now)), new, passphrase)

    def _write(self, keys: tuple[PublisherKey, ...], key: SigningKey, passphrase: str) -> Kept:
        private = _sealed(key, passphrase) if passphrase else Plain(encode64(key.seed()))
        kept = Kept(keys, private)
        durable.write(self._path, msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
        return kept

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other commands from changing the file; the lock is the folder's, and ends with us."""
        with durable.explained(self._path):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _lock(lock)
            durable.sweep(self._path)
            yield
        finally:
            os.close(lock)


def _lock(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError("Another command is changing your keys", "Try again when it has ended") from None


def _sealed(key: SigningKey, passphrase: str) -> Sealed:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - only here

    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cipher = ChaCha20Poly1305(_derived(passphrase, salt))
    data = cipher.encrypt(nonce, key.seed(), key.keyid.encode())
    return Sealed(encode64(salt), encode64(nonce), encode64(data))


def _unsealed(private: Sealed, passphrase: str, keyid: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - only here
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - same

    salt, nonce, data = (decode64(part, _WHAT) for part in (private.salt, private.nonce, private.sealed))
    try:
        return ChaCha20Poly1305(_derived(passphrase, salt)).decrypt(nonce, data, keyid.encode())
    except (InvalidTag, ValueError):
        raise VerificationError("The passphrase is not the one of your key", "Try again") from None


def _derived(passphrase: str, salt: bytes) -> bytes:
    """Return the key that a passphrase stands for: 64 MiB and a tenth of a second for each guess."""
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415 - only here

    return Scrypt(salt=salt, length=32, n=1 << 16, r=8, p=1).derive(passphrase.encode())
