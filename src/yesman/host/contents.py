"""Are a plugin's files those that were agreed to?

Installed content never changes: what differs from its digest is refused. A linked folder
(``--link``) changes under its author's hands, and its code runs as it is at the next use; but
what its manifest asks for beyond what the user was shown waits until they are asked, and until
then a process of the version before goes on.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from yesman.host.consent import Asked
from yesman.model.errors import NotFoundError, VerificationError, YesmanError
from yesman.model.plain_text import argument
from yesman.package.folder import digest_folder
from yesman.package.reading import read_manifest
from yesman.runtime.grants_policy import Machine, check_linkable

if TYPE_CHECKING:
    from yesman.host.registry import Record

PUT_BACK: Final = "put it back, or link it where it is now: yesman plugin install --link DIR"


def is_gone(record: Record) -> bool:
    """Tell whether the folder that a plugin is linked to is not where it was."""
    return record.linked and not Path(record.source).is_dir()


class Contents:
    """Looks at plugins' files.

    Args:
        machine: What may not be granted may not be linked either.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._verified: set[str] = set()
        self._asks: dict[str, tuple[str, ...]] = {}
        self._seen: dict[str, tuple[str, Record]] = {}

    async def verify(self, name: str, record: Record, folder: str) -> str:
        """Return what identifies the plugin's files in ``folder`` now.

        Raises:
            NotFoundError: A linked folder is not there any more.
            VerificationError: They were installed and have been changed since, or lie where no
                linked plugin may.
            YesmanError: They cannot be read.
        """
        if record.linked:
            if await asyncio.to_thread(is_gone, record):
                message = (
                    f"the folder {record.source}, which plugin '{name}' is linked to, is not there any more"
                )
                raise NotFoundError(message, f"P{PUT_BACK[1:]}")
            check_linkable(record.source, self._machine)
            return await self._look(name, record)
        if record.digest not in self._verified:
            if await asyncio.to_thread(digest_folder, Path(folder)) != record.digest:
                raise VerificationError(
                    f"the installed files of plugin '{name}' were changed",
                    f"Install it again: yesman plugin install {argument(record.source)}",
                )
            self._verified.add(record.digest)
        return record.digest

    async def _look(self, name: str, record: Record) -> str:
        """Return the digest of a linked folder, and note what it asks for."""
        digest = await asyncio.to_thread(digest_folder, Path(record.source))
        if self._seen.get(name) != (digest, record):
            self._seen[name] = (digest, record)
            self._asks[name] = () if digest == record.digest else await self._added(record)
        return digest

    def asks(self, name: str) -> tuple[str, ...]:
        """Return the permissions that a linked folder, when last looked at, asked for without an answer."""
        return self._asks.get(name, ())

    async def _added(self, record: Record) -> tuple[str, ...]:
        try:
            manifest = await asyncio.to_thread(read_manifest, Path(record.source))
        except YesmanError:
            return ()  # being written at this moment, say: what was recorded is what counts
        return tuple(map(str, Asked.of(manifest, record, record.origin, self._machine.home).added))
