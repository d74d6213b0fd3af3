"""Asks registries what they have revoked, and ends what is revoked for good.

What always holds: a registry is asked at least once in :data:`POLL_SECONDS` while anything of it is
installed; a registry that cannot be asked changes nothing, and is said not to answer.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from yesman.host.revocations import registry_of
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.host.manager import PluginManager
    from yesman.market.client import MarketClient
    from yesman.trust.index import Revocation

POLL_SECONDS: Final = 45.0
_log = logging.getLogger("yesman.market")


class Revoking:
    """Keeps what is known of revocations in date.

    Args:
        manager: The plugins.
        client: Asks registries.

    Attributes:
        trouble: Why a registry did not answer the last time, by name.
    """

    def __init__(self, manager: PluginManager, client: MarketClient) -> None:
        self._manager = manager
        self._client = client
        self.trouble: dict[str, str] = {}
        self._enforced: dict[str, tuple[str, Revocation] | None] = {}

    async def run(self) -> None:
        """Ask for as long as we run."""
        while True:
            try:
                await self.ask_all()
            except Exception:  # noqa: BLE001 - what goes wrong once must not end the asking
                _log.exception("what registries have revoked could not be asked, or not be enforced")
            await asyncio.sleep(POLL_SECONDS)

    async def ask_all(self) -> list[str]:
        """Ask every registry of which something is installed; return the plugins that are blocked."""
        known = self._client.registries.all()
        used = {registry_of(record) for record in self._manager.registry.all().values()} & known.keys()
        await asyncio.gather(*(self._ask(registry) for registry in sorted(used)))
        await self._enforce()  # what was heard earlier holds as well
        records = self._manager.registry.all()
        return [name for name, record in records.items() if self._manager.revocations.of(name, record)]

    def hear(self, registry: str, found: Iterable[Revocation]) -> None:
        """Take note of what ``registry`` has revoked; :meth:`ask_all` ends what runs."""
        entries = tuple(found)
        heard = self._manager.revocations.heard().get(registry)
        if heard is None or heard.entries != entries:
            self._manager.revocations.put(registry, entries)

    async def _ask(self, registry: str) -> None:
        try:
            self.hear(registry, await self._client.revoked(registry))
            await self._enforce()  # whether or not another registry answers
            self.trouble.pop(registry, None)
        except YesmanError as error:
            if self.trouble.get(registry) != str(error):
                _log.warning("registry '%s': %s", registry, error)
            self.trouble[registry] = str(error)
        except Exception:  # noqa: BLE001 - whatever goes wrong here must not end the asking
            _log.exception("registry '%s' could not be asked", registry)
            self.trouble[registry] = "it could not be asked; see logs/server.log"

    async def _enforce(self) -> None:
        """End what is revoked, each version once: what takes its place must not be hit."""
        for name, record in self._manager.registry.all().items():
            entry = self._manager.revocations.of(name, record)
            known = (record.digest, entry) if entry else None
            if known == self._enforced.get(name):
                continue
            self._enforced[name] = known
            if entry is None:
                continue
            try:
                if await self._manager.block(name, entry.reason):
                    self._manager.log_of(name).write(logging.ERROR, f"stopped: it is blocked: {entry.reason}")
                    self._manager.recorder.decision("block", name, record.version, reason=entry.reason)
            except Exception:  # noqa: BLE001 - one must not keep the others from being stopped
                self._enforced.pop(name, None)  # again the next time
                _log.exception("plugin '%s' is revoked and could not be stopped", name)
