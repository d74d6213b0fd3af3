"""Asks the user whether a plugin may do what somebody could regret.

What always holds: the question goes to the terminal of whoever runs the plugin's command, and
nowhere else; one at a time; what was refused during a command is not asked again during it, and
after a few refusals nothing is; no answer is no.
"""

from __future__ import annotations

import asyncio
import enum
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from yesman.model.errors import PermissionDeniedError

if TYPE_CHECKING:
    from yesman.host.caller import CommandCaller

ANSWER_SECONDS: Final = 120.0
"""For the user to answer a question."""
MAX_REFUSALS: Final = 3
"""Refusals by the user during one command, after which it may ask for nothing more."""


class Question(NamedTuple):
    """What one plugin wants to do to another; the command line makes sentences of it.

    Attributes:
        plugin: Who asks.
        operation: ``enable``, ``disable``, ``restart``, ``remove`` or ``revoke``.
        target: The other plugin.
        version: The version of that which is installed.
        permission: What would be revoked, or "".
        effect: What it would mean, one sentence without a full stop.
    """

    plugin: str
    operation: str
    target: str
    version: str
    permission: str
    effect: str

    @property
    def what(self) -> str:
        """The operation and what it is done to, in a few words."""
        return " ".join(filter(None, (self.operation, self.target, self.permission)))


class Verdict(enum.Enum):
    """What came of a question; the value completes "…, because"."""

    YES = "the user agreed"
    NO = "the user said no"
    REPEATED = "the user has refused that during this command already"
    TIRED = f"the user has refused {MAX_REFUSALS} times during this command"
    BUSY = "another question of this command waits for its answer"
    OUTSIDE = "no command is running whose user could be asked"
    NOBODY = "there is no terminal to ask on"
    INTERRUPTED = "the command was interrupted"
    LATE = "nobody answered in time"
    GONE = "the command line that could have asked is gone"

    @property
    def by_user(self) -> bool:
        """Whether the user themselves decided."""
        return self in (Verdict.YES, Verdict.NO)


ANSWERS: Final = {
    "yes": Verdict.YES,
    "no": Verdict.NO,
    "nobody": Verdict.NOBODY,
    "interrupted": Verdict.INTERRUPTED,
}
"""What a command line may answer; anything else is no."""


class UnconfirmedError(PermissionDeniedError):
    """The user was not there to agree, or did not."""


class _Asked:
    """What one running command has asked so far."""

    def __init__(self) -> None:
        self.open = False
        self.refused: set[str] = set()


class Confirmations:
    """Puts questions to users.

    Args:
        seconds: For the user to answer.
    """

    def __init__(self, seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = seconds
        self._asked: WeakKeyDictionary[CommandCaller, _Asked] = WeakKeyDictionary()

    async def ask(self, question: Question, caller: CommandCaller | None) -> Verdict:
        """Return what the user of ``caller`` says, or why they were not asked."""
        if caller is None:
            return Verdict.OUTSIDE
        asked = self._asked.setdefault(caller, _Asked())
        if asked.open:
            return Verdict.BUSY
        if question.what in asked.refused:
            return Verdict.REPEATED
        if len(asked.refused) >= MAX_REFUSALS:
            return Verdict.TIRED
        asked.open = True
        try:
            verdict = await self._answer(question, caller)
        finally:
            asked.open = False
        if verdict is not Verdict.YES:
            asked.refused.add(question.what)
        return verdict

    async def _answer(self, question: Question, caller: CommandCaller) -> Verdict:
        try:
            async with asyncio.timeout(self._seconds):
                return ANSWERS.get(await caller.confirm(question._asdict()), Verdict.NO)
        except TimeoutError:
            return Verdict.LATE
        except ConnectionError:
            return Verdict.GONE
