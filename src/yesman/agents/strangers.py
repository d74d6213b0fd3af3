"""Programs in front of panes that are no agent by their name, and what others say that they are.

What always holds: a program is offered once as long as it lives under its name, and what was said of it
holds as long. Only agents that are known can be said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yesman.agents.processes import AGENTS, in_front

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.agents.panes import Place
    from yesman.agents.processes import Process


class Strangers:
    """What was offered, and what was said."""

    def __init__(self) -> None:
        self._said: dict[tuple[int, str], str] = {}

    def known(self, table: Mapping[int, Process]) -> dict[int, str]:
        """Return the agents among them by their process; forget the programs that are gone."""
        alive = {(pid, process.name) for pid, process in table.items()}
        self._said = {who: agent for who, agent in self._said.items() if who in alive}
        return {pid: agent for (pid, _), agent in self._said.items() if agent}

    def offered(self, table: Mapping[int, Process], places: Iterable[Place]) -> list[tuple[Place, Process]]:
        """Return the programs in front of these panes that were not offered before."""
        by_root = {place.first: place for place in places}
        fresh = [(by_root[root], process) for root, process in in_front(table, by_root).items()]
        fresh = [
            (place, process) for place, process in fresh if (process.pid, process.name) not in self._said
        ]
        self._said |= {(process.pid, process.name): "" for _, process in fresh}
        return fresh

    def say(self, process: Process, agent: str) -> bool:
        """Take it that this program is that agent; tell whether there is such an agent."""
        if agent not in AGENTS.values():
            return False
        if (process.pid, process.name) in self._said:
            self._said[process.pid, process.name] = agent
        return True
