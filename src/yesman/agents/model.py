"""What is known of an agent: frozen values, the same whether the agent told it or its screen shows it.

All text in here was chosen by an agent, by its model or by a file it reads: data to be escaped
where it is shown, and never a reason to do something by itself.
"""

from __future__ import annotations

import enum
from typing import Literal, NamedTuple

import msgspec


class AgentState(enum.StrEnum):
    """What an agent is doing (design §8)."""

    STARTING = "starting"
    BUSY = "busy"
    WAITING = "waiting"
    IDLE = "idle"
    EXITED = "exited"


class PromptKind(enum.StrEnum):
    """What an agent asks.

    ``permission`` is about the use of a tool; ``choice`` is any other list to choose from;
    ``other`` is a dialog that wants a key and offers no list.
    """

    TRUST = "trust"
    API_KEY = "api_key"
    PERMISSION = "permission"
    CHOICE = "choice"
    OTHER = "other"


class Option(msgspec.Struct, frozen=True):
    """One answer that a prompt offers.

    Attributes:
        label: Its first row.
        number: The key that chooses it; None where options have no numbers.
        selected: Whether Enter would choose it now.
        more: Its further rows, joined; a wrapped label and a description look the same.
    """

    label: str
    number: int | None = None
    selected: bool = False
    more: str = ""


class Prompt(msgspec.Struct, frozen=True):
    """A question to the human.

    Attributes:
        kind: What it is about.
        question: The question itself, in one line.
        options: The answers offered; empty where only the agent's hook told of the prompt so far.
        tool: The agent's name of the tool it wants to use.
        command: What would be run.
        file: What would be changed or read.
        url: What would be fetched.
        exact: Whether command, file and url are known in full and to the letter. On a screen
            they are wrapped, shortened or partly out of sight: only the agent's hook is exact.
        source: Who told: the agent's hook, or nobody but the screen.
    """

    kind: PromptKind
    question: str = ""
    options: tuple[Option, ...] = ()
    tool: str | None = None
    command: str | None = None
    file: str | None = None
    url: str | None = None
    exact: bool = False
    source: Literal["hook", "screen"] = "screen"


MAX_BYTES = 12_000
"""Of one prompt as JSON: what an event can hold (:data:`yesman.host.bus.MAX_PAYLOAD`) besides the rest."""
_SHORT = 300


def fits(prompt: Prompt) -> bool:
    """Tell whether an event can hold a prompt."""
    return len(msgspec.json.encode(prompt)) <= MAX_BYTES


def fitting(prompt: Prompt) -> Prompt:
    """Return a prompt that fits: the same, or one whose texts are cut and which is not exact any more."""
    if fits(prompt):
        return prompt
    texts = {"question": prompt.question[:_SHORT], "command": prompt.command, "file": prompt.file}
    texts |= {"url": prompt.url, "tool": prompt.tool}
    cut = {name: text if text is None else text[:_SHORT] for name, text in texts.items()}
    options = tuple(
        msgspec.structs.replace(option, label=option.label[: _SHORT // 10], more="")
        for option in prompt.options
    )
    return msgspec.structs.replace(prompt, options=options, exact=False, **cut)


class Asked(NamedTuple):
    """A prompt that an agent shows.

    Attributes:
        agent: Which agent, such as ``claude``.
        pid: Its process.
        session: The session's name.
        pane: tmux's id of the pane.
        number: Which prompt of that process, from 1.
        prompt: What it asks.
    """

    agent: str
    pid: int
    session: str
    pane: str
    number: int
    prompt: Prompt


class Reading(msgspec.Struct, frozen=True):
    """What one look at a screen told; a state of None means: nothing that could be relied on."""

    state: AgentState | None = None
    prompt: Prompt | None = None


class Signal(msgspec.Struct, frozen=True):
    """What one event of the agent's own hooks told."""

    state: AgentState
    prompt: Prompt | None = None
