"""What happens to sessions, as events on the bus, with who caused it where that is known.

tmux tells what happened; only we know what we were about to do. Both meet here, by the id or, for a
session that is just being made, by its name, which no other can have meanwhile.
"""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from yesman.model.errors import UsageError
from yesman.sessions.known import PANE_ACTIVITY
from yesman.sessions.watch import Watch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from yesman.host.bus import Bus
    from yesman.sessions.acts import Act
    from yesman.sessions.known import Change
    from yesman.sessions.tmux import TmuxServer

MAX_EXPECTED: Final = 1_000
"""Changes of ours that tmux has not told of yet; beyond that the oldest count as nobody's."""

_OUTCOME: Final = {"create": "session.created", "close": "session.closed", "rename": "session.renamed"}
_log = logging.getLogger("yesman.sessions")


class SessionEvents:
    """Publishes them.

    Args:
        bus: Where to.
        tmux: Where they happen.

    Attributes:
        watch: What tells of them, once it runs.
    """

    def __init__(self, bus: Bus, tmux: TmuxServer) -> None:
        self._bus = bus
        self._expected: dict[tuple[str, str], str] = {}
        self.watch = Watch(tmux, self.tell, self.panes_wanted)

    @asynccontextmanager
    async def acting(self, act: Act) -> AsyncIterator[None]:
        """Remember who wants what is about to happen (the protocol is ``Announcer``)."""
        await self.watch.ready()
        key = (_OUTCOME[act.kind], act.id or act.session)
        self._expect(key, act.source)
        try:
            yield
        except BaseException:
            self._expected.pop(key, None)
            raise
        if act.kind == "create":  # which may have started the tmux server
            await self.watch.current()

    def tell(self, change: Change) -> None:
        """Publish what has happened."""
        key = (change.name, change.session.name if change.name == "session.created" else change.id)
        payload = {"cwd": change.session.cwd, "id": change.id, **change.details}
        self._publish(change.name, change.session.name, payload, self._expected.pop(key, "tmux"))

    def panes_wanted(self) -> bool:
        """Tell whether anybody listens to what panes print."""
        return any(map(self._bus.is_heard, PANE_ACTIVITY))

    def _expect(self, key: tuple[str, str], source: str) -> None:
        self._expected[key] = source
        while len(self._expected) > MAX_EXPECTED:
            del self._expected[next(iter(self._expected))]

    def _publish(self, name: str, session: str, payload: dict[str, object], source: str) -> None:
        try:
            self._bus.publish(name, payload, source=source, session=session)
        except UsageError as error:  # somebody gave a folder or a name beyond what an event holds
            _log.warning("%s of %s is not published: %s", name, payload["id"], error)
