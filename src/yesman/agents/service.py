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

from yesman.agents import claude_screen, panes, tracking
from yesman.agents.events import HookEvent, signal
from yesman.agents.model import AgentState, Asked, Prompt, fitting
from yesman.agents.processes import Agent, agents_below, nearest_agent, process_table
from yesman.agents.strangers import Strangers
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.agents.model import Reading
    from yesman.agents.processes import Process
    from yesman.agents.tracking import Tracked
    from yesman.sessions.model import Session

_log = logging.getLogger("yesman.agents")

LOOK_SECONDS: Final = 0.5
SEARCH_SECONDS: Final = 2.0
"""The same while there is no agent; one with hooks is heard of at once."""
USER: Final = "user"


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


class Observer(Protocol):
    """Who is told of prompts besides the bus."""

    def asked(self, asked: Asked) -> None:
        """An agent asks something."""
        ...

    def stranger(self, place: panes.Place, process: Process) -> None:
        """A program that is no agent by its name is in front of a pane; told once."""
        ...

    def answered(self, asked: Asked, option: str, by: str) -> None:
        """It does not ask that any more; ``option`` and ``by`` as in the event."""
        ...


class Seen(msgspec.Struct, frozen=True):
    """One agent as it is now: a row of ``yesman agent status``.

    Attributes:
        agent: Which one, such as ``claude``.
        session: The session's name.
        pane: tmux's id of the pane.
        pid: The agent's process.
        state: Its state.
        prompt: What it asks, while it waits.
        number: Which prompt of that process that is, from 1; 0 where it is not on its screen.
    """

    agent: str
    session: str
    pane: str
    pid: int
    state: AgentState
    prompt: Prompt | None = None
    number: int = 0


class Sight(NamedTuple):
    """A look at an agent: where it is, what its pane shows, how that is read, and what is believed."""

    place: panes.Place
    agent: Agent
    tracked: Tracked
    view: panes.View
    reading: Reading


class Credit(NamedTuple):
    """An answer that is typed: to which prompt, which one, who decided, and when somebody typed before."""

    number: int
    option: str
    by: str
    typed_at: int = 0


class _Known(NamedTuple):
    place: panes.Place
    agent: Agent
    tracked: Tracked

    def asks(self) -> Asked | None:
        """Return the prompt that was announced last and is still there."""
        place, prompt = self.place, self.tracked.prompt
        if prompt is None:
            return None
        return Asked(self.agent.name, self.agent.pid, place.session, place.pane, self.tracked.number, prompt)


class Agents:
    """Every agent that runs in a pane.

    Args:
        tmux: Where the panes are.
        sessions: Which panes there are.
        publish: Takes the events ``agent.*``, ``prompt.detected`` and ``prompt.answered`` (design §8).
        clock: Seconds, only ever growing.
        table: The processes of this machine.

    Attributes:
        observer: Who else is told of prompts.
        credits: Who is about to answer which prompt with which option, by the agent's process; whoever
            types an answer enters themselves.
        strangers: Programs that are no agent by their name; whoever knows better may say so.
    """

    def __init__(
        self,
        tmux: panes.Tmux,
        sessions: Sessions,
        publish: Publish,
        *,
        clock: Callable[[], float] = time.monotonic,
        table: Callable[[], dict[int, Process]] = process_table,
    ) -> None:
        self._tmux, self._sessions, self._publish = tmux, sessions, publish
        self._clock, self._table = clock, table
        self.observer: Observer | None = None
        self.credits: dict[int, Credit] = {}
        self.strangers = Strangers()
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

    async def sight(self, pid: int) -> Sight | None:
        """Look for one agent and at its screen; None where it is gone, behind, or cannot be looked at.

        Raises:
            YesmanError: tmux does not answer.
        """
        async with self._one_at_a_time:
            await self._find()
            known = self._known.get(pid)
            if known is None or not known.agent.in_front:
                return None
            looked = await self._look_at(pid, known)
            return looked and Sight(*self._known[pid], *looked)

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Any], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {"agent.event": (HookEvent, self._take)}

    async def event(self, event: HookEvent) -> None:
        """Take one event of an agent's hook; what concerns no agent in a pane is ignored."""
        told = signal(event)
        async with self._one_at_a_time:
            table = await asyncio.to_thread(self._table)
            pid = nearest_agent(table, event.ancestors, self.strangers.known(table))
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
                known.tracked.prompt or next(iter(known.tracked.told), None),
                known.tracked.number if known.tracked.prompt else 0,
            )
            for pid, known in self._known.items()
        ]

    def asked(self, pid: int) -> Asked | None:
        """Return what the agent with that process asks on its screen, as of the last look."""
        return self._known[pid].asks() if pid in self._known else None

    async def _take(self, event: HookEvent, _request: object) -> None:
        await self.event(event)

    async def _find(self) -> None:
        """Learn which agents appeared, which are gone, and where each is now."""
        places = {place.first: place for place in panes.places(await self._sessions.list())}
        table = await asyncio.to_thread(self._table) if places else {}
        below = agents_below(table, places, self.strangers.known(table))
        if self.observer:
            rest = [place for first, place in places.items() if first not in below]
            for place, process in self.strangers.offered(table, rest):
                self.observer.stranger(place, process)
        found = {agent.pid: (places[first], agent) for first, agent in below.items()}
        for pid in self._known.keys() - found.keys():
            known = self._known.pop(pid)
            self.credits.pop(pid, None)
            self._tell(known, tracking.gone(known.tracked), pid)
        for pid, (place, agent) in found.items():
            if pid in self._known:
                self._known[pid] = self._known[pid]._replace(place=place, agent=agent)
            else:
                tracked, changes = tracking.appeared()
                self._step(pid, _Known(place, agent, tracked), (tracked, changes))

    async def _look_at(self, pid: int, known: _Known) -> tuple[panes.View, Reading] | None:
        try:
            view = await panes.look(self._tmux, known.place.pane)
        except YesmanError:  # the pane has closed; the next look finds the agent gone
            return None
        if view is None:
            return None
        credit = self.credits.get(pid)
        if credit is not None and view.typed_at > credit.typed_at:  # a person has typed after us
            del self.credits[pid]
        reading = claude_screen.read(view.screen)
        self._step(pid, known, tracking.looked(known.tracked, reading, self._clock()))
        return view, reading

    def _step(self, pid: int, known: _Known, step: tracking.Step) -> None:
        self._known[pid] = known._replace(tracked=step[0])
        self._tell(known, step, pid)

    def _tell(self, known: _Known, step: tracking.Step, pid: int) -> None:
        after = known._replace(tracked=step[0])
        for change in step[1]:
            about: dict[str, Any] = {"agent": known.agent.name, "pane": known.place.pane, "pid": pid}
            if change.name == "prompt.answered":
                about |= self._answered(known)
            else:
                about |= {"state": change.state, "before": change.before}
            about["prompt"] = change.prompt and fitting(change.prompt)
            payload = msgspec.to_builtins(about)
            kept = {key: value for key, value in payload.items() if value is not None}
            self._publish(change.name, kept, source="host", session=known.place.session)
            asked = after.asks() if change.name == "prompt.detected" else None
            if asked and self.observer and not known.agent.hearsay:
                self.observer.asked(asked)

    def _answered(self, known: _Known) -> dict[str, str]:
        """Return who has answered the prompt that was there until now, and how."""
        asked = known.asks()
        credit = self.credits.pop(known.agent.pid, None)
        ours = credit is not None and credit.number == known.tracked.number
        option, by = (credit.option, credit.by) if credit and ours else ("", USER)
        if self.observer and asked:
            self.observer.answered(asked, option, by)
        return {"option": option, "by": by}
