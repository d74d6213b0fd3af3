"""Every event that yesman emits, as data: what it tells, who may answer, by when, and what silence means.

The manifest's parser, the bus, the engine of hooks and the reference page all read this table,
so none of them can know an event that the others do not. Design §8.

Theory. An event of kind *notify* is told after the fact; nobody's answer counts. The others are
asked before the act, one handler after the other in a fixed order (see :mod:`yesman.model.hook_order`),
or all at once where order cannot matter (*veto*, *vote*). Never is silence a yes:

========  =====================================  ==========================================================
kind      a handler may answer                   outcome
========  =====================================  ==========================================================
notify    nothing                                none
filter    a dict of changed payload fields       each handler sees what the one before it left
first     anything but None                      the first answer; later handlers are not asked
veto      ``Deny``                               goes ahead unless somebody denies
vote      ``Allow`` or ``Deny``                  goes ahead only if somebody allows and nobody denies
========  =====================================  ==========================================================

``on_error`` says what a handler that fails, hangs or whose plugin is dead stands for: *open*, it
might as well not exist; *closed*, it has denied. A plugin may tighten *open* to *closed* for itself,
never the reverse. In a vote a failure always means that a person is asked.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Final, Literal, NamedTuple

from msgspec import Meta, Struct

OnError = Literal["open", "closed"]
NOTICE_SECONDS: Final = 5.0
QUESTION_SECONDS: Final = 2.0
BALLOT_SECONDS: Final = 10.0


class Kind(Enum):
    """What an answer to an event means; see the module's docstring."""

    NOTIFY = "notify"
    FILTER = "filter"
    FIRST = "first"
    VETO = "veto"
    VOTE = "vote"


class SessionPayload(Struct, frozen=True):
    """A session."""

    id: Annotated[str, Meta(description="tmux's id of it, such as `$3`; never used again while tmux runs")]
    cwd: Annotated[str, Meta(description="its working directory")]


class RenamedPayload(SessionPayload, frozen=True):
    """A session with another name."""

    old_name: Annotated[str, Meta(description="its name before")]


class CreatingPayload(Struct, frozen=True):
    """A session that does not exist yet."""

    cwd: Annotated[str, Meta(description="where it would start")]
    command: Annotated[list[str] | None, Meta(description="what it would run, null for the user's shell")]
    by: Annotated[str, Meta(description="who wants it: `user` or `plugin:NAME`")]


class ClosingPayload(SessionPayload, frozen=True):
    """A session that is to be closed."""

    by: Annotated[str, Meta(description="who wants that: `user` or `plugin:NAME`")]


class AttachedPayload(SessionPayload, frozen=True):
    """A session that a terminal shows."""

    clients: Annotated[int, Meta(description="how many terminals show it now")]


class WindowPayload(SessionPayload, frozen=True):
    """A window, and the session it is in."""

    window: Annotated[str, Meta(description="tmux's id of the window, such as `@5`")]
    window_name: Annotated[str, Meta(description="its name")]


class PanePayload(SessionPayload, frozen=True):
    """A pane, and the session it is in."""

    window: Annotated[str, Meta(description="tmux's id of its window")]
    pane: Annotated[str, Meta(description="tmux's id of the pane, such as `%7`")]


class ExitedPayload(PanePayload, frozen=True):
    """A pane whose program has ended."""

    code: Annotated[int | None, Meta(description="its exit code, null where tmux does not tell")]
    signal: Annotated[int | None, Meta(description="the signal that ended it, null for none")]


class AgentPayload(Struct, frozen=True):
    """A coding agent in a pane."""

    agent: Annotated[str, Meta(description="which one, such as `claude`")]
    pane: Annotated[str, Meta(description="the pane it runs in")]
    pid: Annotated[int, Meta(description="its process")]


class AgentStatePayload(AgentPayload, frozen=True):
    """An agent that does something else now."""

    state: Annotated[str, Meta(description="`starting`, `busy`, `waiting`, `idle` or `exited`")]
    before: Annotated[str, Meta(description="the state before")]


class IdlePayload(PanePayload, frozen=True):
    """A pane that has been quiet."""

    seconds: Annotated[float, Meta(description="for how long")]


class DetectingPayload(Struct, frozen=True):
    """A pane with a program that yesman does not know."""

    pane: Annotated[str, Meta(description="the pane")]
    command: Annotated[str, Meta(description="the program's name")]


class PromptPayload(AgentPayload, frozen=True):
    """A question that an agent asks."""

    prompt: Annotated[
        dict[str, Any],
        Meta(
            description="`kind`, `question`, `options`, `tool`, `command` and more; all text is the agent's"
        ),
    ]


class AnsweredPayload(PromptPayload, frozen=True):
    """A question that an agent asks no more."""

    option: Annotated[str, Meta(description="the answer that plugins chose; a person's cannot be told")]
    by: Annotated[
        str, Meta(description="`user`, or whose vote it was: `plugin:NAME`, several joined by a comma")
    ]


class NotificationPayload(Struct, frozen=True):
    """A message to the user, before it is shown."""

    title: Annotated[str, Meta(description="one line")]
    body: Annotated[str, Meta(description="text")]
    urgency: Annotated[str, Meta(description="`low`, `normal` or `critical`")]


class ConfigPayload(Struct, frozen=True):
    """Settings of a plugin that were changed; not their values, which may be secrets."""

    plugin: Annotated[str, Meta(description="whose")]
    keys: Annotated[list[str], Meta(description="which")]


class PluginPayload(Struct, frozen=True):
    """A plugin."""

    plugin: Annotated[str, Meta(description="its name")]
    version: Annotated[str, Meta(description="its version")]


class ReasonPayload(PluginPayload, frozen=True):
    """A plugin, and why."""

    reason: Annotated[str, Meta(description="one sentence")]


class DeniedPayload(Struct, frozen=True):
    """Something that a plugin was refused; at most once a second for each plugin and permission."""

    plugin: Annotated[str, Meta(description="its name")]
    permission: Annotated[
        str, Meta(description="which was missing, without a scope; empty if nothing can allow it")
    ]


class GapPayload(Struct, frozen=True):
    """Events that a plugin was too slow for."""

    missed: Annotated[int, Meta(description="how many events were dropped")]
    first: Annotated[int, Meta(description="the sequence number of the first")]
    last: Annotated[int, Meta(description="the sequence number of the last")]


class HookSpec(NamedTuple):
    """One event.

    Attributes:
        name: As handlers and manifests write it.
        payload: The type of its payload.
        told: When it is emitted, one sentence.
        kind: What an answer means.
        deadline: Seconds for a plugin's handlers together. When the outcome is awaited they begin with the
            question, whatever else keeps the plugin busy; starting it, if need be, comes on top.
        on_error: What a failing handler stands for.
        needs: The permission to be asked at all, for that session where there is one; "" for none.
        planned: Whether nothing emits it yet.
    """

    name: str
    payload: type[Struct]
    told: str
    kind: Kind = Kind.NOTIFY
    deadline: float = NOTICE_SECONDS
    on_error: OnError = "open"
    needs: str = ""
    planned: bool = False


_ASKED: Final[dict[str, Any]] = {"kind": Kind.VETO, "deadline": QUESTION_SECONDS, "needs": "session.modify"}

SPECS: Final = (
    HookSpec("session.creating", CreatingPayload, "before yesman makes a session", **_ASKED),
    HookSpec("session.created", SessionPayload, "a session was made, whoever made it"),
    HookSpec(
        "session.closing",
        ClosingPayload,
        "before yesman closes a session, or a plugin takes its name away",
        **_ASKED,
    ),
    HookSpec("session.closed", SessionPayload, "a session has ended, however"),
    HookSpec("session.attached", AttachedPayload, "a terminal shows the session now"),
    HookSpec("session.renamed", RenamedPayload, "a session has another name"),
    HookSpec("window.created", WindowPayload, "a window was made"),
    HookSpec("window.closed", WindowPayload, "a window has gone"),
    HookSpec("pane.opened", PanePayload, "a pane was made"),
    HookSpec("pane.closed", PanePayload, "a pane has gone"),
    HookSpec("pane.exited", ExitedPayload, "the program in a pane has ended"),
    HookSpec("pane.output", PanePayload, "a pane's screen has changed; many changes make one event"),
    HookSpec("pane.idle", IdlePayload, "a pane has been quiet for a while"),
    HookSpec("pane.active", PanePayload, "a quiet pane shows something new"),
    HookSpec(
        "agent.detecting",
        DetectingPayload,
        "a program that is no agent by its name is in front of a pane; answer `claude` if it is one",
        kind=Kind.FIRST,
        deadline=QUESTION_SECONDS,
        needs="session.read",
    ),
    HookSpec("agent.started", AgentPayload, "a coding agent was started in a pane"),
    HookSpec("agent.exited", AgentPayload, "a coding agent has ended"),
    HookSpec("agent.state_changed", AgentStatePayload, "a coding agent does something else now"),
    HookSpec("prompt.detected", PromptPayload, "an agent waits for an answer"),
    HookSpec(
        "prompt.answering",
        PromptPayload,
        "before an agent is answered by plugins; without an agreed answer a person is asked",
        kind=Kind.VOTE,
        deadline=BALLOT_SECONDS,
        on_error="closed",
        needs="session.type",
    ),
    HookSpec("prompt.answered", AnsweredPayload, "an agent asks something no more: it was answered, or left"),
    HookSpec(
        "notification.sending",
        NotificationPayload,
        "before a message is shown to the user; answer with the fields to change",
        kind=Kind.FILTER,
        deadline=QUESTION_SECONDS,
        needs="session.modify",
    ),
    HookSpec("config.changed", ConfigPayload, "settings of a plugin were changed"),
    HookSpec("plugin.loaded", PluginPayload, "a plugin's process is ready"),
    HookSpec("plugin.unloaded", ReasonPayload, "a plugin's process was stopped"),
    HookSpec("plugin.crashed", ReasonPayload, "a plugin's process has died unasked"),
    HookSpec("plugin.denied", DeniedPayload, "a plugin was refused something"),
    HookSpec("plugin.reloaded", PluginPayload, "a new process of a plugin took over from the one before"),
    HookSpec("plugin.quarantined", ReasonPayload, "a plugin crashed too often and is not started any more"),
    HookSpec("bus.gap", GapPayload, "told to a plugin alone: it was too slow and events were dropped"),
)
"""Every event there is, in the order of the reference page; plugins publish more below ``plugin.NAME.``."""

BY_NAME: Final = {spec.name: spec for spec in SPECS}
