"""Services at the pace a plugin may have them, where a call costs more than the host's own time.

Each question about sessions is a tmux process, one about plugins looks at all of them; each published
event is work for everybody who listens.
A call beyond the pace is carried out later, never refused; calls of other plugins do not wait for it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from yesman.runtime.pacing import Bucket

if TYPE_CHECKING:
    from yesman.model.limits import Limits
    from yesman.runtime.peer import Services


NOTIFICATIONS_PER_SECOND, NOTIFICATIONS_AT_ONCE = 0.5, 5.0
"""Messages to the user: whoever sends more is annoying, and has to wait."""
AT_ONCE_SECONDS = 0.2
"""Calls about sessions of so long may come at once."""
EVENTS_AT_ONCE_SECONDS = 20.0
"""The same for events: who listens spends its own processor time on each, so in the long run few are fair."""


class Paced:
    """The services of one plugin process, each kind with a bucket of its own.

    Args:
        services: Carries the calls out.
        limits: How many of them a second.
    """

    def __init__(self, services: Services, limits: Limits) -> None:
        self._services = services
        sessions, events = limits.session_calls_per_second, limits.events_per_second
        at_once = max(sessions * AT_ONCE_SECONDS, 1)  # all of a second at once would crowd out the rest
        asking, looking = Bucket(sessions, at_once), Bucket(sessions, at_once)
        self._buckets = {
            "session": asking,
            "tmux": asking,
            "plugin": looking,
            "notification": Bucket(NOTIFICATIONS_PER_SECOND, NOTIFICATIONS_AT_ONCE),
            "bus": Bucket(events, events * EVENTS_AT_ONCE_SECONDS),
        }

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        """Answer one call when its time has come (:class:`yesman.runtime.peer.Services`)."""
        bucket = self._buckets.get(method.partition(".")[0])
        wait = bucket.spend(1) if bucket is not None else 0.0
        if wait:
            await asyncio.sleep(wait)
        return await self._services.serve(method, params, cause)
