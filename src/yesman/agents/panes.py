"""Panes as an agent's watcher needs them: where they are, what they show, and one key typed into one.

What always holds: a look is of one moment; a key is typed only if nothing of what the look told of the pane
besides its text has changed since: its program, its cursor, its mode, and when anybody last typed there.
tmux itself compares, so between that and the key there is no time. Only named keys can be typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol

from yesman.agents.screen import Screen
from yesman.sessions.control_lines import command_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.sessions.model import Session

Key = Literal["Up", "Down", "Enter"]

# Several sessions may show one window; whoever types into any of them counts then.
_SHARED: Final = "#{||:#{window_linked},#{session_grouped}}"
_TYPED: Final = f"#{{?{_SHARED},#{{S:#{{session_activity}} }},#{{session_activity}}}}"
_HELD: Final = "#{pane_in_mode} #{pane_synchronized} #{pane_dead} #{pane_input_off}"
FACTS: Final = f"#{{cursor_x}} #{{cursor_y}} #{{pane_pid}} {_HELD} {_TYPED}"
_ANSWER: Final = re.compile(r"\d{1,5} \d{1,5} \d{1,10}(?: \d{1,3}){4}(?: +\d{1,12})+ *")
_SENT: Final = "sent"


class Tmux(Protocol):
    """What is needed of :class:`yesman.sessions.tmux.TmuxServer`."""

    async def ask(self, *commands: Sequence[str]) -> str:
        """Run tmux commands that change nothing and return what they print."""
        ...

    async def once(self, *commands: Sequence[str]) -> str:
        """Run tmux commands that must not be run twice."""
        ...


class Place(NamedTuple):
    """A pane: its session's name, its own id, and its first process."""

    session: str
    pane: str
    first: int


class View(NamedTuple):
    """A pane at one moment.

    Attributes:
        screen: What it shows, and where the cursor is.
        facts: The values of :data:`FACTS`: digits and spaces only.
        first: Its first process.
        free: Whether keys reach its program and no other pane: nobody reads its history, no other
            pane is given the same keys, its program lives and may be typed to.
        typed_at: When a terminal that shows it was last typed at, in whole Unix seconds.
    """

    screen: Screen
    facts: str
    first: int
    free: bool
    typed_at: int


def places(sessions: Sequence[Session]) -> list[Place]:
    """Return every pane."""
    return [
        Place(session.name, pane.id, pane.pid)
        for session in sessions
        for window in session.windows
        for pane in window.panes
    ]


async def look(tmux: Tmux, pane: str) -> View | None:
    """Return what a pane shows now, None where tmux tells nothing that can be read.

    Raises:
        YesmanError: There is no such pane, or no tmux.
    """
    return parse(
        await tmux.ask(("display-message", "-p", "-t", pane, FACTS), ("capture-pane", "-p", "-t", pane))
    )


def parse(answer: str) -> View | None:
    """Return what ``display-message`` and then ``capture-pane`` printed, as a view."""
    facts, _, text = answer.partition("\n")
    if not _ANSWER.fullmatch(facts):
        return None
    column, row, first, *rest = map(int, facts.split())
    held, typed = rest[:4], rest[4:]
    return View(Screen.of(text.rstrip("\n"), column, row), facts, first, not any(held), max(typed))


async def press(tmux: Tmux, pane: str, key: Key, view: View) -> bool:
    """Type one key if the pane is still as in ``view``; tell whether it was typed.

    Raises:
        ControlLostError: It may have been typed or not.
        YesmanError: It was not typed.
    """
    same = f"#{{==:{FACTS},{view.facts}}}"
    typing = command_text(("send-keys", "-t", pane, key), ("display-message", "-p", _SENT))
    return _SENT in (await tmux.once(("if-shell", "-F", "-t", pane, same, typing))).splitlines()
