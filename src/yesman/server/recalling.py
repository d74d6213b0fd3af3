"""What a dashboard may ask about events: what was published last."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.host.bus import Bus
    from yesman.server.connection import Request

MOST: Final = 200
"""Events that are told."""
LONGEST: Final = 400
"""Characters of a payload."""


class Recent(msgspec.Struct):
    """Which events: those whose name begins like that, of that session, from that source; "" for any."""

    name: str = ""
    session: str = ""
    source: str = ""


class Recalling:
    """Answers these requests.

    Args:
        bus: Knows the events.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {"event.recent": (Recent, self._recent)}

    async def _recent(self, params: Recent, _request: Request) -> bytes:
        """Return what was published last, the newest first, as JSON: the events, their payload as a text."""
        wanted = (row for row in reversed(self._bus.recent) if _fits(row[0], params))
        rows = [
            event | {"payload": encoded[:LONGEST].decode(errors="ignore")}
            for event, encoded in islice(wanted, MOST)
        ]
        return msgspec.json.encode(rows)


def _fits(event: dict[str, Any], params: Recent) -> bool:
    of_session = not params.session or event["session"] == params.session
    of_source = not params.source or event["source"] == params.source
    return of_session and of_source and str(event["name"]).startswith(params.name)
