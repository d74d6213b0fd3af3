"""What a program that embeds yesman asks before it uses a plugin: to start it, and what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.offers import offers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.installer import Installer
    from yesman.host.manager import PluginManager
    from yesman.server.connection import Request


class Named(msgspec.Struct):
    """A plugin."""

    name: str


class Activating:
    """Answers this request.

    Args:
        manager: The plugins.
        installer: Completes what was never activated.
    """

    def __init__(self, manager: PluginManager, installer: Installer) -> None:
        self._manager = manager
        self._installer = installer

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {"plugin.activate": (Named, self._activate)}

    async def _activate(self, params: Named, _request: Request) -> dict[str, Any]:
        """Start a plugin that does not run yet, and tell what it runs from and what it offers."""
        await self._installer.complete(params.name)
        with self._manager.explained(params.name):
            live = await self._manager.activate(params.name, asked=True)
        records = self._manager.registry.all()
        offered = (offer for offer in offers(records).values() if offer.plugin == params.name)
        return {
            "code": live.policy.code,
            "environment": live.policy.packages,
            "commands": records[params.name].commands,
            "providers": {offer.name: offer.interface for offer in offered},
        }
