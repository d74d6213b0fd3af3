"""What the events of Claude Code's own hooks mean.

What always holds: an event is typed and bounded before it is looked at; one that says nothing about the
agent's state gives no signal. Measured on Claude Code 2.1.330: the hooks of a permission prompt run
while the prompt is shown; **no** hook tells that a prompt was answered, refused or left by Escape, nor that
work was interrupted, so what was told becomes stale and the screen has to correct it; ``Notification``
comes six seconds after the prompt it is about.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

from yesman.agents.model import AgentState, Prompt, PromptKind, Signal

HOOKS: Final = ("SessionStart", "UserPromptSubmit", "PermissionRequest", "Notification", "Stop", "SessionEnd")
"""The events asked for. One that a version does not know makes it ask the user at its start, so only
these old ones; what the newer ones tell, a screen tells as well."""

_STATES: Final = {
    ("SessionStart", None): AgentState.IDLE,
    ("UserPromptSubmit", None): AgentState.BUSY,
    ("PermissionRequest", None): AgentState.WAITING,
    ("Notification", "permission_prompt"): AgentState.WAITING,
    ("Notification", "elicitation_dialog"): AgentState.WAITING,
    ("Notification", "idle_prompt"): AgentState.IDLE,
    ("Stop", None): AgentState.IDLE,
}
"""Event and type of notification → state. A session that ends says nothing: the process may go on."""

_CHOICES: Final = {"AskUserQuestion"}
"""Tools whose permission prompt is the question that they ask."""

_Text = Annotated[str, msgspec.Meta(max_length=16 << 10)]
_Word = Annotated[str, msgspec.Meta(max_length=256)]
_Pid = Annotated[int, msgspec.Meta(gt=0, lt=1 << 31)]


class HookEvent(msgspec.Struct, frozen=True):
    """The parameters of ``agent.event``, as :mod:`yesman.agents.event` sends them.

    Attributes:
        event: The agent's name of the event.
        ancestors: Process ids from the hook's parent upwards; the agent is among them.
        cut: Whether a field was too long and left out.
    """

    event: _Word
    ancestors: Annotated[tuple[_Pid, ...], msgspec.Meta(max_length=16)]
    agent: Literal["claude"] = "claude"
    tool: _Word | None = None
    notification: _Word | None = None
    reason: _Word | None = None
    command: _Text | None = None
    file: _Text | None = None
    url: _Text | None = None
    question: _Text | None = None
    cut: bool = False


def signal(event: HookEvent) -> Signal | None:
    """Return what an event tells of the agent's state, or None."""
    state = _STATES.get((event.event, event.notification))
    if state is None:
        return None
    return Signal(state, _prompt(event) if event.event == "PermissionRequest" else None)


def _prompt(event: HookEvent) -> Prompt:
    kind = PromptKind.CHOICE if event.tool in _CHOICES else PromptKind.PERMISSION
    told = any(value is not None for value in (event.command, event.file, event.url))
    return Prompt(
        kind,
        question=event.question or "",
        tool=event.tool,
        command=event.command,
        file=event.file,
        url=event.url,
        exact=told and not event.cut,
        source="hook",
    )
