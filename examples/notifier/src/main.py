"""The plugin: hooks that tell the webhook and the user, and a provider for everybody else's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yesman.plugins import INotificationProvider, IntegrationPlugin

from .webhook import Webhook, WebhookError
from .words import message, printable, text, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.plugins import Event, IProvider

EVENTS = ("session.created", "session.closed", "agent.exited", "prompt.detected")
MAX_TITLE = 120


class WebhookProvider(INotificationProvider):
    """Passes messages on to the webhook.

    Args:
        webhook: The address.
    """

    def __init__(self, webhook: Webhook) -> None:
        self._webhook = webhook

    async def connect(self) -> None:
        """Do nothing: each post is a connection of its own."""

    async def disconnect(self) -> None:
        """Do nothing."""

    async def send(self, title: str, body: str, urgency: str = "normal") -> None:
        """Post a message; raise WebhookError when it was not taken."""
        self._webhook.post({"text": text(title, body), "event": "notification", "urgency": urgency})


class NotifierPlugin(IntegrationPlugin):
    """Tells what happens."""

    async def initialize(self) -> None:
        """Read the address; raise ValueError when it is none."""
        self.webhook = Webhook(self.context.config["url"], self.context.config["token"])

    def get_hooks(self) -> dict[str, Callable[..., Any]]:
        """Return one handler for each of :data:`EVENTS`."""
        return dict.fromkeys(EVENTS, self.on_event)

    def get_providers(self) -> dict[str, IProvider]:
        """Return the one provider."""
        return {"webhook": WebhookProvider(self.webhook)}

    def on_event(self, event: Event) -> None:
        """Show the user what asks for them, and tell the webhook, whose failure is logged."""
        said = words(event)
        if said.shown:
            self.context.notifications.send(printable(said.title)[:MAX_TITLE], said.body, said.urgency)
        try:
            self.webhook.post(message(event, said))
        except WebhookError as error:
            self.logger.error("%s was not told: %s", event.name, error)  # noqa: TRY400 - the sentence says it all
