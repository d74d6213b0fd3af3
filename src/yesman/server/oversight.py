"""What a command line may ask about grants: show, give, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.grants import Grants
    from yesman.server.connection import Request

By = Literal["terminal", "command line", "--yes", "grants file"]
"""How the user said it."""


class Named(msgspec.Struct):
    """A plugin."""

    name: str


class Change(msgspec.Struct):
    """Permissions to grant or revoke; None means all."""

    name: str
    permissions: tuple[str, ...] | None
    by: By = "command line"


class Oversight:
    """Answers requests about grants."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self.methods: dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]] = {
            "plugin.permissions": (Named, self._permissions),
            "plugin.grant": (Change, self._grant),
            "plugin.revoke": (Change, self._revoke),
        }

    def permissions(self, name: str) -> list[dict[str, Any]]:
        """Return the permissions of plugin ``name`` as people are shown them."""
        rows: list[dict[str, Any]] = self._grants.shown(name)["permissions"]
        return rows

    async def _permissions(self, params: Named, _request: Request) -> dict[str, Any]:
        return self._grants.shown(params.name)

    async def _grant(self, params: Change, _request: Request) -> dict[str, Any]:
        return await self._grants.grant(params.name, params.permissions or ())

    async def _revoke(self, params: Change, _request: Request) -> dict[str, Any]:
        return await self._grants.revoke(params.name, params.permissions)
