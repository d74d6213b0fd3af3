"""What a command line may ask about providers: list, show, check, call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.providers import Providers
    from yesman.server.connection import Request


class Nothing(msgspec.Struct):
    """No parameters."""


class Named(msgspec.Struct):
    """A provider."""

    name: str


class Check(msgspec.Struct):
    """Providers by name; none means all."""

    names: tuple[str, ...] = ()


class Use(msgspec.Struct):
    """A method of a provider, and its arguments."""

    name: str
    operation: str
    arguments: dict[str, Any] = {}


class Providing:
    """Answers these requests.

    Args:
        providers: The providers.
    """

    def __init__(self, providers: Providers) -> None:
        self._providers = providers

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            "provider.list": (Nothing, self._list),
            "provider.show": (Named, self._show),
            "provider.check": (Check, self._check),
            "provider.call": (Use, self._call),
        }

    async def _list(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        return [self._providers.status(name) for name in sorted(self._providers.all())]

    async def _show(self, params: Named, _request: Request) -> dict[str, Any]:
        return self._providers.described(params.name)

    async def _check(self, params: Check, _request: Request) -> list[dict[str, Any]]:
        names = params.names or tuple(sorted(self._providers.all()))
        for name in names:
            self._providers.find(name)
        return list(await asyncio.gather(*map(self._providers.check, names)))

    async def _call(self, params: Use, _request: Request) -> Any:
        return await self._providers.call(params.name, "", params.operation, params.arguments, by="user")
