"""The services about events, and the input of the running command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.model.errors import PermissionDeniedError, UsageError

if TYPE_CHECKING:
    from yesman.host.service_context import Answer, Caller, ServiceContext
    from yesman.host.subscriptions import Subscriber

MAX_READ = 32 * 1024
"""Bytes of input given at a time."""


class Publish(msgspec.Struct, forbid_unknown_fields=True):
    """An event."""

    name: str
    payload: dict[str, Any]


class Pattern(msgspec.Struct, forbid_unknown_fields=True):
    """Names of events."""

    pattern: str


class Read(msgspec.Struct, forbid_unknown_fields=True):
    """How much input."""

    call: int
    size: int


async def publish(context: ServiceContext, request: Publish, _caller: Caller) -> Answer:
    """Publish an event under the plugin's own names."""
    if not request.name.startswith(f"plugin.{context.plugin}."):
        raise PermissionDeniedError(
            f"plugin '{context.plugin}' may publish only events named 'plugin.{context.plugin}.…', "
            f"not '{request.name[:80]}'"
        )
    context.bus.publish(request.name, request.payload, source=f"plugin:{context.plugin}")
    return None, b""


async def subscribe(context: ServiceContext, request: Pattern, _caller: Caller) -> Answer:
    """Hear of events for as long as the process lives."""
    if not request.pattern.startswith("plugin."):
        context.require_any("session.read")
    _subscriber(context).subscribe(request.pattern)
    return None, b""


async def unsubscribe(context: ServiceContext, request: Pattern, _caller: Caller) -> Answer:
    """Undo :meth:`subscribe`."""
    _subscriber(context).unsubscribe(request.pattern)
    return None, b""


def _subscriber(context: ServiceContext) -> Subscriber:
    if context.subscriber is None:
        raise UsageError("this host publishes no events")
    return context.subscriber


async def read_input(_context: ServiceContext, request: Read, caller: Caller) -> Answer:
    """Return some of the command's stdin, empty at its end."""
    if caller is None:
        return None, b""
    return None, await caller.read(max(0, min(request.size, MAX_READ)))
