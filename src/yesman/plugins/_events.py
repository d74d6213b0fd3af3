"""The envelope in which every event reaches a plugin, and what a handler may answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; the single argument of every hook and subscriber.

    Attributes:
        id: Unique text of this event.
        time: When it happened, in Unix seconds.
        seq: Position in the order in which the host saw events; larger is later.
        name: What happened, such as ``"session.created"`` or ``"plugin.NAME.synced"``.
        source: Who caused it: ``"host"`` (a command line of yesman's), ``"plugin:NAME"``, or ``"tmux"``
            for whatever else happens there.
        session: Name of the session it concerns, or None.
        version: Version of the payload's shape.
        payload: The event's own JSON data.
    """

    id: str
    time: float
    seq: int
    name: str
    source: str
    session: str | None
    version: int
    payload: dict[str, Any] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Allow:
    """A handler's yes to an event of kind *vote*.

    Attributes:
        option: The answer it chooses, exactly as it stands among the options.
    """

    option: str


@dataclass(frozen=True, slots=True)
class Deny:
    """A handler's no to an event of kind *veto* or *vote*; one of them is enough.

    Attributes:
        reason: One sentence for the user.
    """

    reason: str
