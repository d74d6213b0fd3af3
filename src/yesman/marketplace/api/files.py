"""Files that clients install from: metadata, targets and packages, as any file server would give them.

What always holds: only names of the few forms below are looked up, so no path leads elsewhere; what is named
by its digest is given only if it has it; and a package that is not published, or is quarantined, is
not given. A storage that changes what it keeps is found out before the last byte is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import select

from yesman.marketplace.api.parts import matches
from yesman.marketplace.schema import plugins, releases
from yesman.marketplace.storage import envelope_path, package_path
from yesman.model.errors import NotFoundError, PlatformError
from yesman.trust.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from yesman.marketplace.api.parts import Parts

FOREVER: Final = "public, max-age=31536000, immutable"
_HEX = "[0-9a-f]{64}"
_PACKAGE: Final = re.compile(rf"/packages/({_HEX})\.(yplug|dsse)", re.ASCII)
_TARGET: Final = re.compile(rf"/(targets/(?:index/|claims/)?({_HEX})\.[a-z0-9-]{{1,64}}\.json)", re.ASCII)
_METADATA: Final = re.compile(r"/(metadata/(?:timestamp|\d{1,12}\.[a-z0-9-]{1,40})\.json)", re.ASCII)
_MOST: Final = max(LIMITS.index_bytes, LIMITS.revocations_bytes, LIMITS.targets_bytes)
_REMEMBERED: Final = 4096


class File(NamedTuple):
    """What is answered: bytes, perhaps with pieces that end early if all are wrong; or a file here."""

    tag: str
    caching: str
    media: str
    length: int
    content: bytes = b""
    path: Path | None = None
    pieces: AsyncIterator[bytes] | None = None
    package: str = ""


class Files:
    """Finds files.

    Args:
        parts: The server's.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._intact: OrderedDict[tuple[str, int, int, int], None] = OrderedDict()

    async def find(self, path: str) -> File:
        """Return the file that the URL ``path`` names.

        Raises:
            NotFoundError: There is none.
            PlatformError: It is damaged, or the storage is away.
        """
        if match := _PACKAGE.fullmatch(path):
            return await self._package(match[1], match[2])
        if match := _TARGET.fullmatch(path):
            return await asyncio.to_thread(self._small, match[1], match[2])
        if match := _METADATA.fullmatch(path):
            return await asyncio.to_thread(self._small, match[1], "")
        raise _missing()

    def _small(self, path: str, sha256: str) -> File:
        """Return a file of JSON, whole."""
        stored = self._parts.objects.read(path, _MOST)
        if stored is None:
            raise _missing()
        found = hashlib.sha256(stored.content).hexdigest()
        if sha256 not in ("", found):
            raise _damaged(path)
        caching = "no-cache" if path.endswith("/timestamp.json") else FOREVER
        return File(f'"{found}"', caching, "application/json", len(stored.content), stored.content)

    async def _package(self, sha256: str, kind: str) -> File:
        length = await asyncio.to_thread(self._published, sha256, kind)
        if kind == "dsse":
            small = await asyncio.to_thread(self._small, envelope_path(sha256), sha256)
            return small._replace(media="application/vnd.in-toto+json")
        whole = File(f'"{sha256}"', FOREVER, "application/octet-stream", length, package=sha256)
        path = package_path(sha256)
        local = self._parts.objects.file(path)
        if local is not None:
            await asyncio.to_thread(self._check, local, sha256)
            return whole._replace(path=local)
        opened = await self._parts.objects.open(path)
        if opened is None:
            raise _damaged(path)
        if opened[0] != length:
            raise _damaged(path)
        pieces = _checked(opened[1], sha256, path)
        return whole._replace(content=await anext(pieces), pieces=pieces)  # a small one is judged here

    def _published(self, sha256: str, kind: str) -> int:
        """Return the length of a package that readers may have, or has this envelope."""
        column = releases.c.sha256 if kind == "yplug" else releases.c.envelope
        query = (
            select(releases.c.length)
            .join_from(releases, plugins)
            .where(
                column == sha256,
                releases.c.quarantined == "",
                releases.c.revision <= plugins.c.published,
                plugins.c.state == "active",
            )
        )
        with self._parts.database.reading() as connection:
            length = connection.execute(query.limit(1)).scalar_one_or_none()
        if length is None:
            raise _missing()
        return int(length)

    def _check(self, file: Path, sha256: str) -> None:
        """Compare a file with its digest, once for as long as it is not touched."""
        about = file.stat()
        key = (sha256, about.st_ino, about.st_mtime_ns, about.st_size)
        if key in self._intact:
            return
        with file.open("rb") as source:
            if hashlib.file_digest(source, "sha256").hexdigest() != sha256:
                raise _damaged(package_path(sha256))
        self._intact[key] = None
        if len(self._intact) > _REMEMBERED:
            self._intact.popitem(last=False)


async def _checked(pieces: AsyncIterator[bytes], sha256: str, path: str) -> AsyncIterator[bytes]:
    """Yield pieces, the last one only when all of them together are right."""
    digest, held = hashlib.sha256(), b""
    async for piece in pieces:
        digest.update(piece)
        if held:
            yield held
        held = piece
    if digest.hexdigest() != sha256:
        raise _damaged(path)
    yield held


def _missing() -> NotFoundError:
    return NotFoundError("There is no such file", "Look at the index")


def _damaged(path: str) -> PlatformError:
    return PlatformError(f"The storage holds {path} damaged or not at all", "Tell the operator")


async def send_file(file: File, scope: Any, send: Any) -> int:
    """Answer with ``file``; return the status."""
    headers = [(b"etag", file.tag.encode()), (b"cache-control", file.caching.encode())]
    sent = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
    if sent and matches(sent, file.tag):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return 304
    headers += [(b"content-type", file.media.encode()), (b"content-length", b"%d" % file.length)]
    headers += [(b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"sandbox")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b""})
    elif file.path is not None:
        await send({"type": "http.response.pathsend", "path": str(file.path)})
    elif file.pieces is not None:
        await send({"type": "http.response.body", "body": file.content, "more_body": True})
        async for piece in file.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    else:
        await send({"type": "http.response.body", "body": file.content})
    return 200
