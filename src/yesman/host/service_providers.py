"""The services that lead to providers of other plugins; the user has agreed to each provider by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.model.errors import NotFoundError
from yesman.model.permissions import covers_provider
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from yesman.host.providers import Providers
    from yesman.host.service_context import Answer, Caller, ServiceContext


class Provider(msgspec.Struct, forbid_unknown_fields=True):
    """A provider, and what it is taken for."""

    name: str
    interface: str


class Use(msgspec.Struct, forbid_unknown_fields=True):
    """A method of a provider, and its arguments."""

    name: str
    interface: str
    method: str
    arguments: dict[str, Any]


async def get(context: ServiceContext, request: Provider, _caller: Caller) -> Answer:
    """Return nothing, if there is such a provider."""
    _providers(context, request.name).find(request.name, request.interface)
    return None, b""


async def call(context: ServiceContext, request: Use, _caller: Caller) -> Answer:
    """Call a provider and return its result."""
    providers = _providers(context, request.name)
    by = f"plugin:{context.plugin}"
    return await providers.call(
        request.name, request.interface, request.method, request.arguments, by=by
    ), b""


def _providers(context: ServiceContext, name: str) -> Providers:
    # Before looking: who may not use it need not learn whether there is one.
    if not covers_provider(context.granted(), name):
        raise context.lacks(f"provider.use:{name}")
    if context.providers is None:
        raise NotFoundError(f"no plugin provides {shown(name)}")
    return context.providers
