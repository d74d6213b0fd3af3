"""Messages to the user, of plugins and of yesman itself.

What always holds: a message is bounded plain text and says whose it is; plugins may change it first, never
who sends it; one way that fails keeps it from no other; nobody waits for it to arrive.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from yesman.model.errors import UsageError, YesmanError
from yesman.model.hook_specs import NotificationPayload
from yesman.model.plain_text import shown, unsafe_character

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from yesman.host.hooks import Hooks

_log = logging.getLogger("yesman.notifications")
URGENCIES: Final = ("low", "normal", "critical")
MAX_TITLE: Final = 120
MAX_BODY: Final = 2_000
"""Characters."""
MAX_UNDER_WAY: Final = 200
"""Messages on their way; more are dropped, which takes many plugins and a way that hangs."""
SENDING: Final = "notification.sending"


class Message(NamedTuple):
    """One message.

    Attributes:
        sender: The plugin, "" for yesman itself.
        title: One line.
        body: More lines, or "".
        urgency: One of :data:`URGENCIES`.
    """

    sender: str
    title: str
    body: str
    urgency: str

    @property
    def source(self) -> str:
        """The sender as the source of an event."""
        return f"plugin:{self.sender}" if self.sender else "host"

    @property
    def heading(self) -> str:
        """The title, and whose it is."""
        return f"{self.sender or 'yesman'}: {self.title}"


class Way(Protocol):
    """One way by which messages reach the user."""

    async def show(self, message: Message, wanted: Callable[[str], bool]) -> None:
        """Show a message; in sessions only where the session's name is ``wanted``.

        Raises:
            YesmanError: It cannot be shown this way now.
        """
        ...


class Notifications:
    """Sends messages.

    Args:
        hooks: Lets plugins change them.
        ways: How they reach the user.
    """

    def __init__(self, hooks: Hooks, ways: Sequence[Way]) -> None:
        self._hooks = hooks
        self._ways = tuple(ways)
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(self, message: Message, wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Send a message, of which plugins have a say first.

        Raises:
            UsageError: It is no message.
        """
        check(message)
        changed = await self._filtered(message)
        for way in self._ways:
            if len(self._under_way) < MAX_UNDER_WAY:
                self._begin(self._show(way, changed, wanted))

    async def close(self) -> None:
        """Give up what has not arrived."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _filtered(self, message: Message) -> Message:
        def changed(said: NotificationPayload) -> Message:
            return Message(message.sender, said.title, said.body, said.urgency)

        payload = NotificationPayload(message.title, message.body, message.urgency)
        return changed(
            await self._hooks.filter(
                SENDING,
                payload,
                session=None,
                source=message.source,
                check=lambda said: check(changed(said)),
            )
        )

    def _begin(self, showing: Coroutine[None, None, None]) -> None:
        # In the sender's context: a plugin that passes it on is known to act for the sender.
        task = asyncio.ensure_future(showing)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _show(self, way: Way, message: Message, wanted: Callable[[str], bool]) -> None:
        try:
            await way.show(message, wanted)
        except YesmanError as error:
            _log.warning("%s: %s", type(way).__name__, error.message)


def check(message: Message) -> None:
    """Refuse what is no message.

    Raises:
        UsageError: A text is empty, too long or holds control characters, or the urgency is none.
    """
    if message.urgency not in URGENCIES:
        raise UsageError(f"{shown(message.urgency)} is no urgency", f"Use one of {', '.join(URGENCIES)}")
    if not message.title.strip():
        raise UsageError("a message needs a title")
    for what, text, most, allowed in (
        ("title", message.title, MAX_TITLE, ""),
        ("body", message.body, MAX_BODY, "\n\t"),
    ):
        if len(text) > most:
            raise UsageError(f"the {what} of a message has {len(text)} characters, more than {most}")
        if unsafe_character(text, allowed=allowed) is not None:
            raise UsageError(f"the {what} of a message holds control or invisible characters")
