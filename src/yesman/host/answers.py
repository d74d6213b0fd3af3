"""Plugins about agents: each prompt is put to the vote once, and what was agreed is typed.

What always holds: without a plugin that votes nothing is typed; a vote that fails in any way leaves the
prompt to a person; plugins whose vote it was live and hold ``session.type`` for that session until the last
key; what was typed is on record whether it was taken or not, and so is every answer, a person's too.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.agents.answering import Decision, answer, choices
from yesman.agents.model import fits
from yesman.model.hook_specs import DetectingPayload, PromptPayload
from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from yesman.agents.model import Asked
    from yesman.agents.panes import Place, Tmux
    from yesman.agents.processes import Process
    from yesman.agents.service import Agents
    from yesman.host.hooks import Hooks
    from yesman.host.listening import Listening
    from yesman.host.recorder import Recorder
    from yesman.host.verdicts import Verdict

EVENT: Final = "prompt.answering"
DETECTING: Final = "agent.detecting"
_log = logging.getLogger("yesman.answers")


class Answers:
    """Asks plugins about prompts (:class:`yesman.agents.service.Observer`).

    Args:
        hooks: The engine.
        plugins: Who votes.
        recorder: Hears of keystrokes, objections and answers.
        agents: Where the prompts are; told to report them here.
        tmux: Where answers are typed.
    """

    def __init__(
        self, hooks: Hooks, plugins: Listening, recorder: Recorder, agents: Agents, tmux: Tmux
    ) -> None:
        self._hooks, self._plugins, self._recorder = hooks, plugins, recorder
        self._agents, self._tmux = agents, tmux
        self._going_on: set[asyncio.Task[None]] = set()
        agents.observer = self

    def asked(self, asked: Asked) -> None:
        """Put a prompt to the vote if it is known for certain; returns at once."""
        if choices(asked.prompt) and fits(asked.prompt) and self._plugins.audience(EVENT):
            self._begin(self._decide(asked))

    def stranger(self, place: Place, process: Process) -> None:
        """Ask which agent a program is; returns at once."""
        if self._plugins.audience(DETECTING):
            self._begin(self._detect(place, process))

    def answered(self, asked: Asked, option: str, by: str) -> None:
        """Record that a prompt was answered."""
        self._recorder.answered(asked.session, about(asked), option, by)

    def close(self) -> None:
        """Leave to people what is being decided now."""
        for task in self._going_on:
            task.cancel()

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(_explained(doing))
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def _detect(self, place: Place, process: Process) -> None:
        payload = DetectingPayload(place.pane, process.name)
        said, plugin = await self._hooks.first(DETECTING, payload, session=place.session, source="host")
        if plugin and not (isinstance(said, str) and self._agents.strangers.say(process, said)):
            self._plugins.log(plugin, logging.WARNING, f"{DETECTING}: yesman knows no such agent")

    async def _decide(self, asked: Asked) -> None:
        prompt: dict[str, Any] = msgspec.to_builtins(asked.prompt)
        payload = PromptPayload(asked.agent, asked.pane, asked.pid, prompt)
        options = choices(asked.prompt)
        verdict = await self._hooks.vote(EVENT, payload, options, session=asked.session, source="host")
        for plugin, why in verdict.objections:
            self._recorder.vetoed(plugin, f"{EVENT} {asked.session}", asked.agent, why)
        if not verdict.goes_ahead:
            self._note(verdict, asked, verdict.why)
            return
        by = ", ".join(f"plugin:{plugin}" for plugin in verdict.by)
        decision = Decision(
            verdict.option,
            by,
            stands=lambda: self._may_type(verdict, asked.session),
            typed=lambda keys, enter: self._record(verdict, asked, keys, enter=enter),
        )
        why = await answer(self._agents, self._tmux, asked, decision)
        if why:
            self._note(verdict, asked, why)

    def _may_type(self, verdict: Verdict, session: str) -> bool:
        return all(
            self._plugins.runs(plugin)
            and covers_session(self._plugins.granted(plugin), "session.type", session)
            for plugin in verdict.by
        )

    def _record(self, verdict: Verdict, asked: Asked, keys: int, *, enter: bool) -> None:
        for plugin in verdict.by:
            self._recorder.keystrokes(plugin, asked.session, keys, enter=enter)

    def _note(self, verdict: Verdict, asked: Asked, why: str) -> None:
        for plugin in verdict.by:
            message = f"{EVENT} in session '{asked.session}': left to a person, because {why}"
            self._plugins.log(plugin, logging.WARNING, message)


def about(asked: Asked) -> dict[str, str]:
    """Return what a prompt was about, for the ledger."""
    prompt = asked.prompt
    told = {"tool": prompt.tool, "command": prompt.command, "file": prompt.file, "url": prompt.url}
    kept = {key: value[:MAX_KEPT] for key, value in told.items() if value}
    return {"agent": asked.agent, "question": prompt.question[:MAX_KEPT], **kept}


MAX_KEPT: Final = 200
"""Characters of each text that the ledger keeps."""


async def _explained(deciding: Coroutine[Any, Any, None]) -> None:
    try:
        await deciding
    except Exception:  # noqa: BLE001 - nobody waits for it; the prompt stays for a person
        _log.exception("plugins could not be asked")
