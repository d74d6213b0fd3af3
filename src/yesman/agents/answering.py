"""Types an agreed answer to an agent's prompt: the way a careful person would, and only into that prompt.

Theory of operation. The answer is selected with the arrow keys, one at a time, and taken with Enter, never by
its number, which some agents take at once. Before each key the screen is read anew: it must show the very
prompt that was decided about, wholly, with the selection where we left it; the pane must be the agent's, and
nobody may have typed there for QUIET_SECONDS. After a key the selection must go where it should.
Anything else ends the attempt, and the prompt is left to a person. No key is ever sent twice.

What always holds: Enter is pressed at most once, and only after a look at the answer selected; before every
key it is asked whether the decision still stands.

What remains: the agent may be about to replace its prompt and not have drawn it yet. That takes as long as
a redraw, and no one who answers on a terminal can exclude it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable  # noqa: TC003 - read when the tuple is made
from typing import TYPE_CHECKING, Final, NamedTuple

from yesman.agents import panes
from yesman.agents.service import Credit
from yesman.agents.tracking import same, shows
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.agents.model import Asked, Prompt
    from yesman.agents.service import Agents, Sight

QUIET_SECONDS: Final = 2.0
"""After somebody typed; tmux notes whole seconds."""
SETTLED_SECONDS: Final = 0.5
"""A prompt is drawn a moment before it takes keys."""
PATIENCE_SECONDS: Final = 20.0
"""For all of it, until Enter."""
TAKEN_SECONDS: Final = 10.0
"""For the prompt to go after that."""
_POLL_SECONDS: Final = 0.05


class Left(Exception):  # noqa: N818 - it is an outcome
    """The prompt is left to a person; says why."""


class Decision(NamedTuple):
    """An answer that was decided on.

    Attributes:
        option: The label of one of :func:`choices`; of :func:`answerable` if a person decided.
        by: Who decided, as the event ``prompt.answered`` tells it.
        stands: Tells whether it may be typed still.
        typed: Hears how many keys were typed and whether Enter was among them, however typing has ended.
        seen: Whether a person decided, who has seen what the screen shows of the prompt; for anybody else it
            must be known to the letter, and all of it be on the screen.
    """

    option: str
    by: str
    stands: Callable[[], bool]
    typed: Callable[[int, bool], None]
    seen: bool = False


def choices(prompt: Prompt) -> tuple[str, ...]:
    """Return the answers to a prompt that may be typed for somebody; none if it is not known for certain.

    Only what the agent's own hook told to the letter counts, and only answers that cannot be mistaken
    for each other.
    """
    labels = tuple(option.label for option in prompt.options)
    certain = prompt.exact and prompt.source == "hook" and prompt.kind == "permission"
    return labels if certain and len(set(labels)) == len(labels) and _selected(prompt) is not None else ()


def answerable(prompt: Prompt) -> tuple[str, ...]:
    """Return the answers to a prompt that may be typed for a person who sees it; none if they are unclear."""
    labels = tuple(option.label for option in prompt.options)
    clear = len(set(labels)) == len(labels) and all(labels) and _selected(prompt) is not None
    return labels if clear else ()


async def answer(agents: Agents, tmux: panes.Tmux, asked: Asked, decision: Decision) -> str:
    """Type the option decided on into the prompt ``asked``, and wait until that prompt has gone.

    Returns why it ended early, or "".
    """
    typing = _Typing(agents, tmux, asked, decision)
    why = ""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await typing.choose()
    except (Left, YesmanError) as left:
        why = str(left)
    except TimeoutError:
        why = "it could not be typed undisturbed"
    finally:
        if typing.keys:
            decision.typed(typing.keys, typing.enter)
    try:
        if typing.enter:  # also where only the word that it was typed got lost
            why = "" if await typing.taken() else why or "the prompt did not take the answer"
    finally:
        typing.withdraw()
    return why


class _Typing:
    def __init__(self, agents: Agents, tmux: panes.Tmux, asked: Asked, decision: Decision) -> None:
        self._agents, self._tmux, self._asked, self._decision = agents, tmux, asked, decision
        self._credit = Credit(asked.number, decision.option, decision.by)
        self._at = self._from = _selected(asked.prompt) or 0
        self._wanted = [option.label for option in asked.prompt.options].index(decision.option)
        self.keys = 0
        self.enter = False

    async def choose(self) -> None:
        """Select the answer and press Enter.

        Raises:
            Left: Something was not as it must be.
            YesmanError: tmux does not answer.
        """
        await self._there()
        await asyncio.sleep(SETTLED_SECONDS)
        while self._at != self._wanted:
            down = self._wanted > self._at
            await self._press("Down" if down else "Up")
            self._from, self._at = self._at, self._at + (1 if down else -1)
            await self._there()
            self._from = self._at
        await self._press("Enter")

    async def taken(self) -> bool:
        """Tell whether the prompt goes, soon."""
        deadline = time.monotonic() + TAKEN_SECONDS
        while time.monotonic() < deadline:
            try:
                sight = await self._agents.sight(self._asked.pid)
            except YesmanError:
                sight = None
            if sight and (sight.tracked.number != self._asked.number or sight.tracked.prompt is None):
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    def withdraw(self) -> None:
        """Claim the answer no longer."""
        if self._agents.credits.get(self._asked.pid) is self._credit:
            del self._agents.credits[self._asked.pid]

    async def _press(self, key: panes.Key) -> None:
        """Type a key, at a moment when nobody else does."""
        pressed = False
        while not pressed:
            sight = await self._there(quiet=True)
            if not self._decision.stands():
                raise Left("a plugin that decided it has ended, or may not type there any more")
            if key == "Enter":
                self._credit = self._credit._replace(typed_at=sight.view.typed_at)
                self._agents.credits[self._asked.pid] = self._credit
            # Counted beforehand: if the answer is lost, it may have been typed.
            self.keys, self.enter = self.keys + 1, key == "Enter"
            pressed = await panes.press(self._tmux, self._asked.pane, key, sight.view)
            if not pressed:  # something has changed since the look; look again
                self.keys, self.enter = self.keys - 1, False
                self.withdraw()

    async def _there(self, *, quiet: bool = False) -> Sight:
        """Return a look at the prompt as we left it; one in the middle of a redraw is passed over.

        Args:
            quiet: Whether to wait until nobody types.
        """
        while True:
            sight = await self._agents.sight(self._asked.pid)
            if sight is None:
                raise Left("the agent has gone, or another program is before it")
            if sight.reading.state is not None and self._is_ours(sight) and not (quiet and _typed_at(sight)):
                return sight
            await asyncio.sleep(_POLL_SECONDS)

    def _is_ours(self, sight: Sight) -> bool:
        """Tell whether the selection has come to where it was moved.

        Raises:
            Left: Anything is not as it must be.
        """
        asked, place = self._asked, sight.place
        tracked, seen = sight.tracked, sight.reading.prompt
        if (place.session, place.pane, place.first) != (asked.session, asked.pane, sight.view.first):
            raise Left("the agent is somewhere else now")
        if tracked.number != asked.number or tracked.prompt is None or seen is None:
            raise Left("the prompt has gone")
        whole = tracked.prompt.exact and shows(seen, asked.prompt)
        if not (same(asked.prompt, seen) if self._decision.seen else whole):
            raise Left("the screen does not show all of the prompt, or shows another")
        if not sight.view.free:
            raise Left("somebody reads the pane's history, or it is typed into together with others")
        at = _selected(seen)
        if at not in {self._at, self._from}:
            raise Left("somebody has chosen another answer")
        return at == self._at


def _typed_at(sight: Sight) -> bool:
    """Tell whether somebody has typed there just now."""
    return time.time() - sight.view.typed_at < QUIET_SECONDS


def _selected(prompt: Prompt) -> int | None:
    return next((index for index, option in enumerate(prompt.options) if option.selected), None)
