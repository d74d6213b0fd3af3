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

An agent that uses several tools at once has their hooks run at once and shows one prompt after the other.
So what hooks told is kept until it is shown. Where a screen could be several of them, because rows are
wrapped and long ones out of sight, nobody knows which it is: it is no hook's then, and never exact.

A prompt is answered when it is seen no more: the agent goes on, or asks something else.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from yesman.agents.model import AgentState, Prompt, PromptKind, Reading, Signal

HOOK_SECONDS: Final = 3.0
OTHER_SECONDS: Final = 1.5
MOST_TOLD: Final = 16
"""Prompts that hooks told and nobody has seen; with more than that none is exact."""


class Change(NamedTuple):
    """One event to publish.

    Attributes:
        name: Which.
        state: The state from now on.
        before: The state until now; None for ``agent.started``.
        prompt: What is asked, or was.
    """

    name: Literal[
        "agent.started", "agent.state_changed", "agent.exited", "prompt.detected", "prompt.answered"
    ]
    state: AgentState
    before: AgentState | None = None
    prompt: Prompt | None = None


class Tracked(msgspec.Struct, frozen=True):
    """What is believed of one agent.

    Attributes:
        state: Its state.
        prompt: What it asks, as far as announced, while it waits.
        number: How many prompts were announced: which one ``prompt`` is.
        told: What its hooks said it asks, not announced yet.
        hooked_at: When a hook last set the state, until a screen confirms it; in seconds of any clock.
        shown_at: When a screen first showed a prompt of which no hook has told yet.
        speaks: Whether this agent's hooks have been heard.
    """

    state: AgentState
    prompt: Prompt | None = None
    number: int = 0
    told: tuple[Prompt, ...] = ()
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
    waits = signal.state is AgentState.WAITING
    if waits and signal.prompt is None and tracked.state is AgentState.WAITING:
        return tracked, []  # a reminder of the prompt that is known
    if not waits:
        return _without_prompt(tracked, signal.state, hooked_at=now)
    told = (*tracked.told, *([signal.prompt] if signal.prompt else ()))
    if len(told) > MOST_TOLD:
        told = tuple(msgspec.structs.replace(prompt, exact=False) for prompt in told[-MOST_TOLD:])
    after = msgspec.structs.replace(
        tracked, state=AgentState.WAITING, told=told, hooked_at=now, shown_at=None, speaks=True
    )
    changes = _state_change(tracked, after)
    if signal.prompt and tracked.prompt and _target(signal.prompt) == _target(tracked.prompt):
        return msgspec.structs.replace(after, prompt=None), [*changes, *_answered(tracked, after.state)]
    return after, changes  # the one before is gone when the screen shows another


def looked(tracked: Tracked, reading: Reading, now: float) -> Step:
    """Its screen was looked at."""
    unconfirmed = tracked.hooked_at is not None and now - tracked.hooked_at < HOOK_SECONDS
    if reading.state is None or (unconfirmed and reading.state is not tracked.state):
        return _told_only(tracked, now)
    if reading.prompt is None:
        return _without_prompt(tracked, reading.state, hooked_at=None)
    after, changes = _asked(tracked, reading.prompt, now)
    return after, [*_state_change(tracked, after), *changes]


def _without_prompt(tracked: Tracked, state: AgentState, *, hooked_at: float | None) -> Step:
    """It asks nothing now."""
    speaks = tracked.speaks or hooked_at is not None
    after = Tracked(state, number=tracked.number, hooked_at=hooked_at, speaks=speaks)
    return after, [*_state_change(tracked, after), *_answered(tracked, state)]


def _asked(tracked: Tracked, seen: Prompt, now: float) -> Step:
    """Its screen shows a prompt."""
    waiting = msgspec.structs.replace(tracked, state=AgentState.WAITING, hooked_at=None, shown_at=None)
    known = tracked.prompt
    meant = [prompt for prompt in tracked.told if _agree(prompt, seen)]
    if known is not None and known.source == "hook" and known.options and same(known, seen):
        exact = known.exact and all(_target(prompt) == _target(known) for prompt in meant)
        prompt = msgspec.structs.replace(known, options=seen.options, exact=exact)
        return msgspec.structs.replace(waiting, prompt=prompt), []
    if known is not None and known.source == "hook" and not known.options and _agree(known, seen):
        meant.append(known)
    if meant and all(_target(prompt) == _target(meant[0]) for prompt in meant):
        left = tuple(prompt for prompt in tracked.told if prompt is not meant[0])
        return _announced(waiting, _merged(meant[0], seen), told=left)
    if known is not None and same(known, seen):
        prompt = msgspec.structs.replace(known, options=seen.options)
        return msgspec.structs.replace(waiting, prompt=prompt), []
    since = now if tracked.shown_at is None else tracked.shown_at
    if tracked.speaks and not tracked.told and now - since < OTHER_SECONDS:
        return msgspec.structs.replace(waiting, shown_at=since), []
    return _announced(waiting, seen, told=tracked.told)


def _told_only(tracked: Tracked, now: float) -> Step:
    """Its screen says nothing, or not yet what the hook said."""
    told_at = now if tracked.hooked_at is None else tracked.hooked_at
    if tracked.prompt or not tracked.told or now - told_at < OTHER_SECONDS:
        return tracked, []
    return _announced(tracked, tracked.told[0], told=tracked.told[1:])


def _announced(tracked: Tracked, prompt: Prompt, *, told: tuple[Prompt, ...]) -> Step:
    after = msgspec.structs.replace(tracked, prompt=prompt, number=tracked.number + 1, told=told)
    better = tracked.prompt is not None and _is_better(prompt, tracked.prompt)
    before = [] if better else _answered(tracked, after.state)
    return after, [*before, Change("prompt.detected", after.state, after.state, prompt)]


def _is_better(prompt: Prompt, known: Prompt) -> bool:
    """Tell whether this is what was announced already, only better known."""
    if known.source == "screen":
        return prompt.source == "hook" and _agree(prompt, known)
    return not known.options and _target(prompt) == _target(known)


def _answered(tracked: Tracked, state: AgentState) -> list[Change]:
    if tracked.prompt is None:
        return []
    return [Change("prompt.answered", state, tracked.state, tracked.prompt)]


def _state_change(before: Tracked, after: Tracked) -> list[Change]:
    if before.state is after.state:
        return []
    return [Change("agent.state_changed", after.state, before.state)]


def _merged(told: Prompt, seen: Prompt) -> Prompt:
    return msgspec.structs.replace(told, question=seen.question or told.question, options=seen.options)


def _target(prompt: Prompt) -> tuple[object, ...]:
    """Return what it is that is to be allowed."""
    return prompt.kind, prompt.tool, prompt.command, prompt.file, prompt.url, prompt.exact


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


def shows(seen: Prompt, prompt: Prompt) -> bool:
    """Tell whether a screen shows this prompt, and all of what it is about: nothing is out of sight."""
    told = ((prompt.command, seen.command), (prompt.file, seen.file), (prompt.url, seen.url))
    whole = all(meant is None or shown is not None for meant, shown in told)
    return whole and seen.tool is not None and same(prompt, seen)


def same(one: Prompt, other: Prompt) -> bool:
    """Tell whether two looks show one prompt: another selection or another width is no other prompt."""
    if _text(one) != _text(other):
        return False
    return _agree(one, other) if one.source == "hook" else one.command == other.command


def _text(prompt: Prompt) -> tuple[PromptKind, str, tuple[str, ...]]:
    answers = tuple(_squeezed(option.label + option.more) for option in prompt.options)
    return prompt.kind, _squeezed(prompt.question), answers


def _squeezed(text: str) -> str:
    return "".join(text.replace("│", "").split())
