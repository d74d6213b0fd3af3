"""What is said of an event. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from yesman.plugins import Event

MAX_QUESTION = 300
"""Characters of an agent's question that are passed on."""


class Words(NamedTuple):
    """What is said.

    Attributes:
        title: One line.
        body: More, or "".
        urgency: As in ``INotificationProvider.send``.
        shown: Whether the user is shown it, beside the webhook.
    """

    title: str
    body: str = ""
    urgency: str = "normal"
    shown: bool = False


def words(event: Event) -> Words:
    """Return what is said of ``event``, of which an unseen session leaves the name only."""
    session, payload = event.session or "a session", event.payload
    agent = str(payload.get("agent", "an agent"))
    if event.name == "prompt.detected":
        return Words(f"{agent} asks in {session}", _question(payload), "critical", shown=True)
    if event.name == "session.closed":
        return Words(f"{session} is closed", shown=True)
    if event.name == "agent.exited":
        return Words(f"{agent} has ended in {session}", urgency="low")
    return Words(f"{session} was made", str(payload.get("cwd", "")), "low")


def message(event: Event, said: Words) -> dict[str, Any]:
    """Return what is posted of an event: a text for chats, and the event itself for programs."""
    return {
        "text": text(said.title, said.body),
        "event": event.name,
        "id": event.id,
        "time": event.time,
        "session": event.session,
        "source": event.source,
        "urgency": said.urgency,
    }


def text(title: str, body: str) -> str:
    """Return a line or two for a chat, in which nothing is a mention or a link.

    Slack and its like read ``<!channel>`` and ``<https://…>``; they want these three escaped.
    """
    whole = f"{title}\n{body}" if body else title
    return whole.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(line: str) -> str:
    """Return ``line`` without characters that a message must not have."""
    return "".join(c if c.isprintable() else " " for c in line)


def _question(payload: dict[str, Any]) -> str:
    prompt = payload.get("prompt")
    asked = prompt.get("question") if isinstance(prompt, dict) else None
    return printable(str(asked or ""))[:MAX_QUESTION]
