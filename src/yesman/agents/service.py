"""The agents of one tmux server: who looks at their panes, hears their hooks, and publishes what changed.

What always holds: changes of one agent are published in the order in which they were learned; an
event of a hook counts for the nearest agent among the processes that it names as its ancestors; a
pane that cannot be looked at changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from yesman.agents import claude_screen, tracking
from yesman.agents.events import HookEvent, signal
from yesman.agents.model import AgentState, Prompt  # noqa: TC001 - msgspec reads the annotations of Seen
from yesman.agents.processes import Agent, agents_below, nearest_agent, process_table
from yesman.agents.screen import Screen
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from yesman.agents.processes import Process
    from yesman.agents.tracking import Change, Tracked
    from yesman.sessions.model import Session

_log = logging.getLogger("yesman.agents")

LOOK_SECONDS: Final = 0.5
SEARCH_SECONDS: Final = 2.0
"""The same while there is no agent; one with hooks is heard of at once."""
_POSITION: Final = "#{cursor_x} #{cursor_y}"


class Tmux(Protocol):
    """What is needed of :class:`yesman.sessions.tmux.TmuxServer`."""

    async def run(self, *commands: Sequence[str]) -> str:
        """Run tmux commands in one go and return what they print."""
        ...


class Sessions(Protocol):
    """What is needed of :class:`yesman.sessions.service.Sessions`."""

    async def list(self) -> tuple[Session, ...]:
        """Return every session."""
        ...


class Publish(Protocol):
    """What is needed of :meth:`yesman.host.bus.Bus.publish`."""

    def __call__(
        self, name: str, payload: dict[str, Any], *, source: str, session: str | None = None
    ) -> None:
        """Publish one event."""
        ...


class Nothing(msgspec.Struct):
    """No parameters."""


class Seen(msgspec.Struct, frozen=True):
    """One agent as it is now: a row of ``yesman agent status``.

    Attributes:
        agent: Which one, such as ``claude``.
        session: The session's name.
        pane: tmux's id of the pane.
        pid: The agent's process.
        state: Its state.
        prompt: What it asks, while it waits.
    """

    agent: str
    session: str
    pane: str
    pid: int
    state: AgentState
    prompt: Prompt | None = None


class _Place(NamedTuple):
    session: str
    pane: str
    first: int  # the pane's first process


class _Known(NamedTuple):
    place: _Place
    agent: Agent
    tracked: Tracked


class Agents:
    """Every agent that runs in a pane.

    Args:
        tmux: Where the panes are.
        sessions: Which panes there are.
        publish: Takes the events ``agent.*`` and ``prompt.detected`` (design §8).
        clock: Seconds, only ever growing.
        table: The processes of this machine.
    """

    def __init__(
        self,
        tmux: Tmux,
        sessions: Sessions,
        publish: Publish,
        *,
        clock: Callable[[], float] = time.monotonic,
        table: Callable[[], dict[int, Process]] = process_table,
    ) -> None:
        self._tmux, self._sessions, self._publish = tmux, sessions, publish
        self._clock, self._table = clock, table
        self._known: dict[int, _Known] = {}
        # A look and a hook's event change the same agents; each is one step.
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Look every :data:`LOOK_SECONDS`, until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - a screen that we misread must not end all looking
                _log.exception("looking at agents")
            await asyncio.sleep(LOOK_SECONDS if self._known else SEARCH_SECONDS)

    async def look(self) -> None:
        """Find the agents and look at their screens, once."""
        async with self._one_at_a_time:
            try:
                await self._find()
            except YesmanError:  # tmux does not answer now; sessions say so where somebody asks for them
                return
            for pid, known in tuple(self._known.items()):
                if known.agent.in_front:
                    await self._look_at(pid, known)

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Any], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {"agent.event": (HookEvent, self._take), "agent.status": (Nothing, self._report)}

    async def event(self, event: HookEvent) -> None:
        """Take one event of an agent's hook; what concerns no agent in a pane is ignored."""
        told = signal(event)
        async with self._one_at_a_time:
            pid = nearest_agent(await asyncio.to_thread(self._table), event.ancestors)
            if pid is not None and pid not in self._known:
                await self._find()  # it has only just started
            if told is None or pid is None or pid not in self._known:
                return
            known = self._known[pid]
            self._step(pid, known, tracking.hooked(known.tracked, told, self._clock()))

    def status(self) -> list[Seen]:
        """Return what is known of each agent, as of the last look."""
        return [
            Seen(
                known.agent.name,
                known.place.session,
                known.place.pane,
                pid,
                known.tracked.state,
                known.tracked.prompt or known.tracked.told,
            )
            for pid, known in self._known.items()
        ]

    async def _take(self, event: HookEvent, _request: object) -> None:
        await self.event(event)

    async def _report(self, _nothing: Nothing, _request: object) -> list[dict[str, Any]]:
        return [msgspec.to_builtins(seen) for seen in self.status()]

    async def _find(self) -> None:
        """Learn which agents appeared, which are gone, and where each is now."""
        places = {place.first: place for place in _places(await self._sessions.list())}
        table = await asyncio.to_thread(self._table) if places else {}
        found = {agent.pid: (places[first], agent) for first, agent in agents_below(table, places).items()}
        for pid in self._known.keys() - found.keys():
            known = self._known.pop(pid)
            self._tell(known, tracking.gone(known.tracked)[1], pid)
        for pid, (place, agent) in found.items():
            if pid in self._known:
                self._known[pid] = self._known[pid]._replace(place=place, agent=agent)
            else:
                tracked, changes = tracking.appeared()
                self._step(pid, _Known(place, agent, tracked), (tracked, changes))

    async def _look_at(self, pid: int, known: _Known) -> None:
        pane = known.place.pane
        try:
            shown = await self._tmux.run(
                ("capture-pane", "-p", "-t", pane), ("display-message", "-p", "-t", pane, _POSITION)
            )
        except YesmanError:  # the pane has closed; the next look finds the agent gone
            return
        screen = parse_capture(shown)
        if screen is not None:
            reading = claude_screen.read(screen)
            self._step(pid, known, tracking.looked(known.tracked, reading, self._clock()))

    def _step(self, pid: int, known: _Known, step: tracking.Step) -> None:
        self._known[pid] = known._replace(tracked=step[0])
        self._tell(known, step[1], pid)

    def _tell(self, known: _Known, changes: list[Change], pid: int) -> None:
        for change in changes:
            about = {"agent": known.agent.name, "pane": known.place.pane, "pid": pid}
            payload = about | msgspec.to_builtins(
                {"state": change.state, "before": change.before, "prompt": change.prompt}
            )
            kept = {key: value for key, value in payload.items() if value is not None}
            self._publish(change.name, kept, source="host", session=known.place.session)


def parse_capture(shown: str) -> Screen | None:
    """Return what ``capture-pane`` and then ``display-message`` printed, as a screen."""
    text, _, position = shown.rstrip("\n").rpartition("\n")
    column, _, row = position.partition(" ")
    if not (column.isdecimal() and row.isdecimal()):
        return None
    return Screen.of(text, int(column), int(row))


def _places(sessions: tuple[Session, ...]) -> list[_Place]:
    return [
        _Place(session.name, pane.id, pane.pid)
        for session in sessions
        for window in session.windows
        for pane in window.panes
    ]
