"""The services about other plugins. Each needs ``plugin.manage``; each change needs the user besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from yesman.model.errors import UsageError

if TYPE_CHECKING:
    from yesman.host.management import Management
    from yesman.host.service_context import Answer, Caller, Name, Nothing, ServiceContext


class Revoke(msgspec.Struct, forbid_unknown_fields=True):
    """A permission to take from a plugin."""

    name: str
    permission: str


async def list_all(context: ServiceContext, _request: Nothing, _caller: Caller) -> Answer:
    """Return every installed plugin."""
    return _management(context).all(), b""


async def get(context: ServiceContext, request: Name, _caller: Caller) -> Answer:
    """Return one plugin."""
    return _management(context).one(request.name), b""


async def enable(context: ServiceContext, request: Name, caller: Caller) -> Answer:
    """Let a plugin run again."""
    return await _change(context, "enable", request.name, caller)


async def disable(context: ServiceContext, request: Name, caller: Caller) -> Answer:
    """End a plugin and keep it from running."""
    return await _change(context, "disable", request.name, caller)


async def restart(context: ServiceContext, request: Name, caller: Caller) -> Answer:
    """End a plugin's process and start another."""
    return await _change(context, "restart", request.name, caller)


async def remove(context: ServiceContext, request: Name, caller: Caller) -> Answer:
    """Remove a plugin."""
    return await _change(context, "remove", request.name, caller)


async def revoke(context: ServiceContext, request: Revoke, caller: Caller) -> Answer:
    """Take a permission from a plugin."""
    return await _change(context, "revoke", request.name, caller, request.permission)


async def _change(
    context: ServiceContext, operation: str, name: str, caller: Caller, permission: str = ""
) -> Answer:
    await _management(context).change(context.plugin, operation, name, caller, permission)
    return None, b""


def _management(context: ServiceContext) -> Management:
    context.require_any("plugin.manage")
    if context.management is None:
        raise UsageError("this host lets no plugin manage others")
    return context.management
