"""The service that shows the user a message in a plugin's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from yesman.host.notifications import Message
from yesman.model.errors import UsageError
from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from yesman.host.service_context import Answer, Caller, ServiceContext


class Send(msgspec.Struct, forbid_unknown_fields=True):
    """A message."""

    title: str
    body: str
    urgency: str


async def send(context: ServiceContext, request: Send, _caller: Caller) -> Answer:
    """Send it; in terminals it appears where the plugin may change the session."""
    context.require_any("session.modify")
    if context.notifications is None:
        raise UsageError("this host has no way to show messages")
    message = Message(context.plugin, request.title, request.body, request.urgency)
    await context.notifications.send(
        message, lambda session: covers_session(context.granted(), "session.modify", session)
    )
    return None, b""
