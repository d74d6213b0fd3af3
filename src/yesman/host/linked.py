"""Folders that are run as they are (``--link``): what they ask for now, beside what was answered.

A linked folder changes under its author's hands, and its code runs as it is at the next use;
but what its manifest asks for beyond what the user was shown waits until they are asked, and
until then a process of the version before goes on.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.host.consent import Asked
from yesman.host.reading import read_manifest
from yesman.model.errors import YesmanError
from yesman.package.folder import digest_folder

if TYPE_CHECKING:
    from yesman.host.registry import Record


class Linked:
    """Looks at linked folders.

    Args:
        home: What ``~`` means.
    """

    def __init__(self, home: str) -> None:
        self._home = home
        self._asks: dict[str, tuple[str, ...]] = {}
        self._seen: dict[str, tuple[str, Record]] = {}

    async def look(self, name: str, record: Record) -> str:
        """Return the digest of the plugin's folder now, and note what it asks for.

        Raises:
            YesmanError: The folder cannot be read.
        """
        digest = await asyncio.to_thread(digest_folder, Path(record.source))
        if self._seen.get(name) != (digest, record):
            self._seen[name] = (digest, record)
            self._asks[name] = () if digest == record.digest else await self._added(record)
        return digest

    def asks(self, name: str) -> tuple[str, ...]:
        """Return the permissions that the folder asked for when last looked at and that await an answer."""
        return self._asks.get(name, ())

    async def _added(self, record: Record) -> tuple[str, ...]:
        try:
            manifest = await asyncio.to_thread(read_manifest, Path(record.source))
        except YesmanError:
            return ()  # being written at this moment, say: what was recorded is what counts
        return tuple(map(str, Asked.of(manifest, record, self._home).added))
