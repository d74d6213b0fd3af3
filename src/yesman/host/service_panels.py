"""The service by which a plugin says that a panel of its own has something new to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yesman.host.service_context import Answer, Caller, Name, ServiceContext


async def changed(context: ServiceContext, request: Name, _caller: Caller) -> Answer:
    """Note it; the panel is rendered when somebody looks, and not for each time that it is said."""
    if context.panels is not None:
        context.panels.changed(context.plugin, request.name)
    return None, b""
