"""From hook events and looks at the screen to the events about one agent. Pure; time comes from outside.

Theory of operation. Two witnesses tell of an agent's state. Its hooks are exact and early, but they
are silent about much (:mod:`yesman.agents.events`), so what they told becomes stale without
anybody saying so. The screen is always there, but late by a redraw, and open to imitation. So:

    witness   says what is believed   says otherwise
    hook      -                       it is believed, at once
    screen    the hook is confirmed   before the hook was confirmed, and within HOOK_SECONDS: not believed
              and holds no longer     else: it is believed
    nobody    -                       nothing changes

A prompt is announced once: the hook's account of what is asked, with the answers from the screen, where
both are about the same. They come in either order, so the first waits OTHER_SECONDS for the other, a screen
only if this agent's hooks have been heard before. What comes later than that is announced again. A screen
that shows something else than the hook told is believed about its own prompt only: its ``source`` stays
``screen``.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from yesman.agents.model import AgentState, Prompt, PromptKind, Reading, Signal

HOOK_SECONDS: Final = 3.0
OTHER_SECONDS: Final = 1.5


class Change(NamedTuple):
    """One event to publish.

    Attributes:
        name: ``agent.started``, ``agent.state_changed``, ``agent.exited`` or ``prompt.detected``.
        state: The state from now on.
        before: The state until now; None for ``agent.started``.
        prompt: What is asked, with ``prompt.detected``.
    """

    name: Literal["agent.started", "agent.state_changed", "agent.exited", "prompt.detected"]
    state: AgentState
    before: AgentState | None = None
    prompt: Prompt | None = None


class Tracked(msgspec.Struct, frozen=True):
    """What is believed of one agent.

    Attributes:
        state: Its state.
        prompt: What it asks, as far as announced, while it waits.
        told: What its hook said it asks, not announced yet.
        hooked_at: When a hook last set the state, until a screen confirms it; in seconds of any clock.
        shown_at: When a screen first showed a prompt of which no hook has told yet.
        speaks: Whether this agent's hooks have been heard.
    """

    state: AgentState
    prompt: Prompt | None = None
    told: Prompt | None = None
    hooked_at: float | None = None
    shown_at: float | None = None
    speaks: bool = False


Step = tuple[Tracked, list[Change]]


def appeared() -> Step:
    """An agent's process is there."""
    return Tracked(AgentState.STARTING), [Change("agent.started", AgentState.STARTING)]


def gone(tracked: Tracked) -> Step:
    """Its process is there no more."""
    ended = Tracked(AgentState.EXITED)
    return ended, [Change("agent.exited", AgentState.EXITED, tracked.state)]


def hooked(tracked: Tracked, signal: Signal, now: float) -> Step:
    """Its hook told something."""
    if signal.state is AgentState.WAITING and signal.prompt is None and tracked.state is AgentState.WAITING:
        return tracked, []  # a reminder of the prompt that is known
    after = Tracked(signal.state, told=signal.prompt, hooked_at=now, speaks=True)
    return after, _state_change(tracked, after)


def looked(tracked: Tracked, reading: Reading, now: float) -> Step:
    """Its screen was looked at."""
    unconfirmed = tracked.hooked_at is not None and now - tracked.hooked_at < HOOK_SECONDS
    if reading.state is None or (unconfirmed and reading.state is not tracked.state):
        return _told_only(tracked, now)
    if reading.prompt is None:
        after = Tracked(reading.state, speaks=tracked.speaks)
        return after, _state_change(tracked, after)
    after, changes = _asked(tracked, reading.prompt, now)
    return after, [*_state_change(tracked, after), *changes]


def _asked(tracked: Tracked, seen: Prompt, now: float) -> Step:
    """Its screen shows a prompt."""
    waiting = Tracked(AgentState.WAITING, told=tracked.told, speaks=tracked.speaks)
    if tracked.told is not None and _agree(tracked.told, seen):
        return _announced(waiting, _merged(tracked.told, seen), told=None)
    if tracked.prompt is not None and _same(tracked.prompt, seen):
        prompt = msgspec.structs.replace(tracked.prompt, options=seen.options)
        return msgspec.structs.replace(waiting, prompt=prompt), []
    since = now if tracked.shown_at is None else tracked.shown_at
    if tracked.speaks and tracked.told is None and now - since < OTHER_SECONDS:
        return msgspec.structs.replace(waiting, prompt=tracked.prompt, shown_at=since), []
    return _announced(waiting, seen, told=tracked.told)


def _told_only(tracked: Tracked, now: float) -> Step:
    """Its screen says nothing, or not yet what the hook said."""
    if tracked.told is None or tracked.hooked_at is None or now - tracked.hooked_at < OTHER_SECONDS:
        return tracked, []
    return _announced(tracked, tracked.told, told=None)


def _announced(tracked: Tracked, prompt: Prompt, *, told: Prompt | None) -> Step:
    after = msgspec.structs.replace(tracked, prompt=prompt, told=told)
    return after, [Change("prompt.detected", after.state, after.state, prompt)]


def _state_change(before: Tracked, after: Tracked) -> list[Change]:
    if before.state is after.state:
        return []
    return [Change("agent.state_changed", after.state, before.state)]


def _merged(told: Prompt, seen: Prompt) -> Prompt:
    return msgspec.structs.replace(told, question=seen.question or told.question, options=seen.options)


def _agree(told: Prompt, seen: Prompt) -> bool:
    """Tell whether hook and screen are about the same, as far as the screen can tell."""
    if seen.kind is PromptKind.OTHER or told.kind is not seen.kind:
        return False
    if told.kind is PromptKind.CHOICE:
        return _squeezed(told.question) in _squeezed(seen.question)
    # A tool that writes a file: the screen names it relative to somewhere.
    file = told.file is None or seen.file is None or told.file.endswith(seen.file.lstrip("./~"))
    same = all(
        shown is None or (meant is not None and _squeezed(meant) == _squeezed(shown))
        for meant, shown in ((told.command, seen.command), (told.url, seen.url))
    )
    return same and file and (seen.tool is None or seen.tool == told.tool)


def _same(one: Prompt, other: Prompt) -> bool:
    """Tell whether two looks show one prompt: another selection or another width is no other prompt."""
    if _text(one) != _text(other):
        return False
    return _agree(one, other) if one.source == "hook" else one.command == other.command


def _text(prompt: Prompt) -> tuple[PromptKind, str, tuple[str, ...]]:
    answers = tuple(_squeezed(option.label + option.more) for option in prompt.options)
    return prompt.kind, _squeezed(prompt.question), answers


def _squeezed(text: str) -> str:
    return "".join(text.replace("│", "").split())
