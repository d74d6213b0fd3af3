"""Where a registry's files are kept: three operations, two more for tidying, and a folder that does them.

What always holds, and what any other storage must do likewise: a file is there whole or not at
all; ``create`` never changes one that is there; ``replace`` does nothing unless the file is still
the one that was read. On S3 these are ``If-None-Match: *`` and ``If-Match`` with the ETag as tag.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from yesman.model.errors import NotFoundError, PlatformError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from yesman.trust.fetching import Fetch

_LOCK: Final = ".lock"


class Stored(NamedTuple):
    """A file's content, and what ``replace`` knows it by."""

    content: bytes
    tag: str


class Storage(Protocol):
    """Files by relative path with ``/``; durable when a call has returned."""

    def read(self, path: str, limit: int) -> Stored | None:
        """Return the file, or None where there is none.

        Raises:
            VerificationError: It has more than ``limit`` bytes.
        """

    def create(self, path: str, content: bytes) -> bool:
        """Make a file; return False, and leave it, where there is one already."""

    def replace(self, path: str, content: bytes, tag: str) -> str | None:
        """Put ``content`` in the place of what had ``tag``; return its tag, or None where that is gone."""


class ListedStorage(Storage, Protocol):
    """A storage from which old files can be removed."""

    def names(self, folder: str) -> Iterable[str]:
        """Return the names of all files directly in ``folder``."""

    def remove(self, path: str) -> None:
        """Remove a file; it may be gone already."""


def fetch_from(storage: Storage) -> Fetch:
    """Return how a registry's files are got that lie in ``storage``."""

    def fetch(path: str, limit: int) -> Iterator[bytes]:
        found = storage.read(path, limit)
        if found is None:
            raise NotFoundError(f"there is no {path}")
        yield found.content

    return fetch


class FolderStorage:
    """A folder that any file server may serve: files are readable by everybody, hidden ones are ours.

    Args:
        root: The folder; made when the first file is.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, limit: int) -> Stored | None:
        """Return the file; its tag is its digest.

        Raises:
            VerificationError: It has more than ``limit`` bytes.
            PlatformError: It cannot be read.
        """
        with _explained(self._root / path, "read"):
            try:
                with (self._root / path).open("rb") as file:
                    length = os.fstat(file.fileno()).st_size  # as much as is asked for is allocated
                    content = file.read(min(length, limit) + 1)
            except (FileNotFoundError, NotADirectoryError):
                return None
        if len(content) > limit:
            raise VerificationError(f"{self._root / path} has more than the {limit} bytes allowed")
        return Stored(content, _tag(content))

    def create(self, path: str, content: bytes) -> bool:
        """Make a file.

        Raises:
            PlatformError: The folder cannot be written.
        """
        target = self._root / path
        with _explained(target, "written"), _staged(target, content) as stage:
            try:
                os.link(stage, target)
            except FileExistsError:
                return False
        return True

    def replace(self, path: str, content: bytes, tag: str) -> str | None:
        """Put ``content`` in the place of what had ``tag``; writers in other processes wait meanwhile.

        Raises:
            PlatformError: The folder cannot be written.
        """
        target = self._root / path
        with _explained(target, "written"), _staged(target, content) as stage, self._locked():
            if not target.is_file() or _tag(target.read_bytes()) != tag:
                return None
            stage.rename(target)
        return _tag(content)

    def names(self, folder: str) -> Iterable[str]:
        """Return the names of the files in ``folder``, but for what is being written.

        Raises:
            PlatformError: It cannot be read.
        """
        place = self._root / folder
        with _explained(place, "read"):
            files = [path.name for path in place.iterdir() if path.is_file()] if place.is_dir() else []
        return [name for name in files if not name.startswith(".")]

    def remove(self, path: str) -> None:
        """Remove a file.

        Raises:
            PlatformError: The folder cannot be written.
        """
        with _explained(self._root / path, "removed"):
            (self._root / path).unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # only ever held for one rename
            yield
        finally:
            os.close(descriptor)


@contextmanager
def _staged(target: Path, content: bytes) -> Iterator[Path]:
    """Write ``content`` beside ``target``, durably; what was done with it is durable afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    stage = target.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with stage.open("xb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield stage
    finally:
        stage.unlink(missing_ok=True)
        _sync(target.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _explained(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlatformError(
            f"{path} cannot be {done}: {reason}", "Mend that, then try again; nothing half-written counts"
        ) from error
