"""The private keys of a registry: one folder, one file per key, for its owner's eyes only.

What always holds: a file is there whole or not at all and is never overwritten; a folder that others
may read is refused, as ssh does. Which of the keys count is not decided here but by the root.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner

from yesman.model.errors import NotFoundError, PlatformError

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from securesystemslib.signer import Key

_SHOWN: Final = 16
"""Digits of the key's id in its file's name."""


class KeyFolder:
    """Private keys by role.

    Args:
        path: The folder; need not exist before a key is made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self, role: str) -> CryptoSigner:
        """Make a key for ``role``, durably.

        Raises:
            PlatformError: The folder cannot be written.
        """
        signer = CryptoSigner.generate_ed25519()
        name = f"{role}-{signer.public_key.keyid[:_SHOWN]}.pem"
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self.path, name, signer.private_bytes)
        except OSError as error:
            raise PlatformError(
                f"{self.path} cannot be written: {error.strerror}", "Choose another folder"
            ) from error
        return signer

    def signers(self, role: str) -> tuple[CryptoSigner, ...]:
        """Return every key for ``role`` that lies here.

        Raises:
            NotFoundError: There is none.
            PlatformError: One cannot be read, or others can read it.
        """
        found = tuple(_signer(path) for path in self._files(role))
        if not found:
            raise NotFoundError(
                f"{self.path} holds no key for '{role}'",
                "Bring the folder that 'market init' made, or its copy",
            )
        return found

    def at_least(self, role: str, count: int) -> tuple[CryptoSigner, ...]:
        """Return the keys for ``role`` after making those that are missing for there to be ``count``."""
        have = len(list(self._files(role)))
        for _ in range(have, count):
            self.make(role)
        return self.signers(role)

    def drop_others(self, roles: Iterable[str], kept: Container[str]) -> None:
        """Remove the keys for ``roles`` whose ids are not in ``kept``."""
        for role in roles:
            for path in self._files(role):
                if _signer(path).public_key.keyid not in kept:
                    path.unlink()

    def _files(self, role: str) -> Iterator[Path]:
        names = sorted(self.path.glob(f"{role}-*.pem")) if self.path.is_dir() else []
        return (path for path in names if path.name.count("-") == role.count("-") + 1)


def public(signers: Iterable[CryptoSigner]) -> tuple[Key, ...]:
    """Return the public halves."""
    return tuple(signer.public_key for signer in signers)


def _write(folder: Path, name: str, content: bytes) -> None:
    stage = folder / f".{name}.new"
    descriptor = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    stage.rename(folder / name)
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def _signer(path: Path) -> CryptoSigner:
    try:
        if path.stat().st_mode & 0o077:
            raise PlatformError(
                f"others may read the private key {path}", f"Run 'chmod 600 {path}', or make a new key"
            )
        return CryptoSigner(load_pem_private_key(path.read_bytes(), None))
    except (OSError, ValueError, TypeError) as error:
        raise PlatformError(
            f"the private key {path} cannot be read: {error}", "Bring a good copy of it"
        ) from error
