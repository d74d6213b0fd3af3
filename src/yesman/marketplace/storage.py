"""Where packages and signed metadata lie: a folder, or a bucket of an S3 service.

What always holds: a file is there whole or not at all; what is named by its digest is never changed,
but for a damaged one, which is mended by whoever brings the right bytes; and what a storage says
is not believed: who reads by digest compares it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import S3Store

from yesman.model.errors import PlatformError, UsageError, VerificationError
from yesman.trust.storage import FolderStorage, Stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PIECE: Final = 1024 * 1024
_OPERATOR: Final = "Try again; its operator sees why"
_NO_BUCKET: Final = "<Code>NoSuchBucket</Code>"
_PARAMETERS: Final = frozenset({"endpoint", "region", "access_key_id", "secret_access_key"})


class Objects(Protocol):
    """What :class:`yesman.trust.storage.Storage` is, and reading of large files."""

    def read(self, path: str, limit: int) -> Stored | None:
        """Return the file, or None where there is none."""

    def create(self, path: str, content: bytes) -> bool:
        """Make a file; return False, and leave it, where there is one already."""

    def replace(self, path: str, content: bytes, tag: str) -> str | None:
        """Put ``content`` in the place of what had ``tag``; return its own, None where that is gone."""

    def paths(self) -> Iterator[str]:
        """Yield the paths of all files, in no order; not of what is just being written."""

    def remove(self, path: str) -> None:
        """Remove a file; it may be gone already."""

    def file(self, path: str) -> Path | None:
        """Return the file on this machine, if it is there; None from a storage elsewhere."""

    async def open(self, path: str) -> tuple[int, AsyncIterator[bytes]] | None:
        """Return the length of a file and its content in pieces, or None where there is none."""


class Folder(FolderStorage):
    """A folder.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._folder = root

    def paths(self) -> Iterator[str]:
        """Yield the paths of all files; hidden ones are ours."""
        for folder, inner, files in os.walk(self._folder):
            inner[:] = (name for name in inner if not name.startswith("."))
            place = Path(folder).relative_to(self._folder)
            yield from ((place / name).as_posix() for name in files if not name.startswith("."))

    def file(self, path: str) -> Path | None:
        """Return the file, if there is one; never through a link."""
        found = self._folder / path
        return found if found.is_file() and not found.is_symlink() else None

    async def open(self, path: str) -> tuple[int, AsyncIterator[bytes]] | None:  # noqa: ARG002 - as in Objects
        """Return None: what is here is read as a file."""
        return None


class Bucket:
    """A bucket, or all below a prefix in it.

    Args:
        store: The connection.
    """

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def read(self, path: str, limit: int) -> Stored | None:
        """Return the file and its ETag.

        Raises:
            VerificationError: It has more than ``limit`` bytes.
            PlatformError: The service does not answer.
        """
        try:
            found = obstore.get(self._store, path)
            if found.meta["size"] > limit:
                raise VerificationError(f"{path} has more than the {limit} bytes allowed")
            return Stored(found.bytes().to_bytes(), found.meta["e_tag"] or "")
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _away(error) from error

    def create(self, path: str, content: bytes) -> bool:
        """Make a file (``If-None-Match: *``).

        Raises:
            PlatformError: The service does not answer.
        """
        try:
            obstore.put(self._store, path, content, mode="create")
        except AlreadyExistsError:
            return False
        except BaseError as error:
            raise _away(error) from error
        return True

    def replace(self, path: str, content: bytes, tag: str) -> str | None:
        """Put ``content`` in the place of what had ``tag`` (``If-Match``).

        Raises:
            PlatformError: The service does not answer.
        """
        try:
            return obstore.put(self._store, path, content, mode={"e_tag": tag})["e_tag"]
        except (PreconditionError, FileNotFoundError):
            return None
        except BaseError as error:
            raise _away(error) from error

    def paths(self) -> Iterator[str]:
        """Yield the paths of all files; none where there is no bucket, which writing says.

        Raises:
            PlatformError: The service does not answer.
        """
        try:
            for some in obstore.list(self._store):
                yield from (about["path"] for about in some)
        except BaseError as error:
            if _NO_BUCKET not in str(error):  # obstore 0.12 has no type for it
                raise _away(error) from error

    def remove(self, path: str) -> None:
        """Remove a file.

        Raises:
            PlatformError: The service does not answer.
        """
        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            pass
        except BaseError as error:
            raise _away(error) from error

    def file(self, path: str) -> Path | None:  # noqa: ARG002 - as in Objects
        """Return None: it is elsewhere."""
        return None

    async def open(self, path: str) -> tuple[int, AsyncIterator[bytes]] | None:
        """Return length and pieces.

        Raises:
            PlatformError: The service does not answer.
        """
        try:
            found = await obstore.get_async(self._store, path)
        except FileNotFoundError:
            return None
        except BaseError as error:
            raise _away(error) from error
        return found.meta["size"], _pieces(found)


async def _pieces(found: Any) -> AsyncIterator[bytes]:
    try:
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)
    except BaseError as error:
        raise _away(error) from error


def _away(error: BaseError) -> PlatformError:
    return PlatformError(f"The storage does not answer ({type(error).__name__})", _OPERATOR)


def storage_at(place: str, base: Path) -> Objects:
    """Return the storage at ``place``: a path (below ``base`` where it is relative), or ``s3://…``.

    The service behind ``s3://BUCKET/PREFIX`` is chosen as everywhere, by ``AWS_ENDPOINT``, ``AWS_REGION``,
    ``AWS_ACCESS_KEY_ID`` and ``AWS_SECRET_ACCESS_KEY``; ``?endpoint=http://HOST:PORT`` goes before.

    Raises:
        UsageError: It is neither.
    """
    parts = urlsplit(place)
    if not parts.scheme:
        return Folder(base / place)
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.netloc or not options.keys() <= _PARAMETERS:
        raise UsageError(f"The storage {place!r} is not known", "Use a folder or s3://BUCKET?endpoint=URL")
    plain = options.get("endpoint", "").startswith("http://")
    more: Any = {"client_options": {"allow_http": True}} if plain else {}
    settings: Any = {"virtual_hosted_style_request": False, **options, **more}
    return Bucket(S3Store(parts.netloc, prefix=parts.path.strip("/") or None, **settings))


def keep(objects: Objects, path: str, content: bytes) -> None:
    """Put ``content`` at ``path``, a name that says its digest; what stands there and differs is damaged.

    Raises:
        PlatformError: It could not be kept.
    """
    if objects.create(path, content):
        return
    for _ in range(3):
        stored = _read_any(objects, path, len(content))
        if stored is not None and stored.content == content:
            return
        if stored is None:
            if objects.create(path, content):
                return
        elif objects.replace(path, content, stored.tag):
            return
    raise PlatformError(f"The storage does not keep {path} as it was given", _OPERATOR)


def _read_any(objects: Objects, path: str, length: int) -> Stored | None:
    """Return what lies there, however long it became."""
    try:
        return objects.read(path, length)
    except VerificationError:
        return objects.read(path, 1 << 40)


def digest_of(content: bytes) -> str:
    """Return the sha256 in hexadecimal: what content is named by."""
    return hashlib.sha256(content).hexdigest()


def package_path(sha256: str) -> str:
    """Return where the package with this digest lies."""
    return f"packages/{sha256}.yplug"


def envelope_path(sha256: str) -> str:
    """Return where the author's signature with this digest lies."""
    return f"packages/{sha256}.dsse"
