"""What a command line may ask about agents: what they do and ask; and to answer them for the user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.agents.answering import Decision, answer, answerable
from yesman.agents.service import USER
from yesman.model.errors import NotFoundError, PlatformError, UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.agents.panes import Tmux
    from yesman.agents.service import Agents, Seen
    from yesman.server.connection import Request


class Nothing(msgspec.Struct):
    """No parameters."""


class Answer(msgspec.Struct):
    """An answer of the user: to which prompt of which agent, and the label of the option."""

    session: str
    pid: int
    number: int
    option: str


class Answering:
    """Answers these requests.

    Args:
        agents: The agents.
        tmux: Where answers are typed.
    """

    def __init__(self, agents: Agents, tmux: Tmux) -> None:
        self._agents = agents
        self._tmux = tmux

    @property
    def methods(self) -> dict[str, tuple[type[Any], Callable[[Any, Request], Awaitable[Any]]]]:
        """Rows for the server's table of methods: the parameters' type, and what answers."""
        return {
            **self._agents.methods,
            "agent.status": (Nothing, self._status),
            "agent.answer": (Answer, self._answer),
        }

    async def _status(self, _params: Nothing, _request: Request) -> list[dict[str, Any]]:
        return [_row(seen) for seen in self._agents.status()]

    async def _answer(self, params: Answer, _request: Request) -> None:
        """Type the user's answer into the prompt that they were shown, and into no other."""
        asked = self._agents.asked(params.pid)
        if asked is None or (asked.session, asked.number) != (params.session, params.number):
            raise NotFoundError("the agent does not ask that any more", "Look at what it asks now")
        options = answerable(asked.prompt)
        if params.option not in options:
            raise UsageError(
                f"{shown(params.option, 100)} is none of the answers",
                f"Answers: {', '.join(options) or 'none'}",
            )
        decision = Decision(
            params.option, USER, stands=lambda: True, typed=lambda _keys, _enter: None, seen=True
        )
        if why := await answer(self._agents, self._tmux, asked, decision):
            raise PlatformError(f"the answer was not taken: {why}", "Answer it in its terminal")


def _row(seen: Seen) -> dict[str, Any]:
    """Return an agent as its user is shown it, with the answers that can be typed for them."""
    options = answerable(seen.prompt) if seen.prompt and seen.number else ()
    row: dict[str, Any] = msgspec.to_builtins(seen)
    return row | {"answerable": list(options)}
