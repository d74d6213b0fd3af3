"""The hooks that are asked before an act: who is asked, by when, and what the answers come to.

What always holds: only plugins with the permission that the event's spec names are asked; nobody is
waited for beyond the deadline; a plugin that fails, hangs or sends nonsense harms no other's answer;
no answer is never a yes; no plugin is asked about what it does itself; one whose handler's answer to
another question has led to this one waits for the outcome and could not answer, so it has failed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import msgspec

from yesman.host.acting import acting, ask
from yesman.host.verdicts import Answer, Verdict, parse, vetoed, voted
from yesman.model.errors import YesmanError
from yesman.model.hook_specs import BY_NAME, HookSpec, Kind
from yesman.model.permissions import covers_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yesman.host.audience import Listener
    from yesman.host.bus import Bus
    from yesman.model.permissions import Permission

METHODS: Final[dict[Kind, Literal["ask", "filter"]]] = {
    Kind.FILTER: "filter",
    Kind.FIRST: "ask",
    Kind.VETO: "ask",
    Kind.VOTE: "ask",
}


class Askable(Protocol):
    """What the engine needs of the plugin manager."""

    def consulted(self, event: str) -> Iterable[Listener]:
        """Return the plugins with hooks on ``event`` that have a say, in the order they are asked."""
        ...

    def granted(self, plugin: str) -> tuple[Permission, ...]:
        """Return what ``plugin`` is granted at this moment."""
        ...

    async def ready(self, plugin: str) -> None:
        """Start ``plugin`` if need be; raise :class:`YesmanError` if it cannot be."""
        ...

    async def ask(
        self, plugin: str, method: Literal["ask", "filter"], event: dict[str, Any], hooks: tuple[str, ...]
    ) -> Any:
        """Return what the hooks of ``plugin``, which is ready, answer; raise YesmanError if they fail."""
        ...

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        ...


class _Question:
    """One event that is asked about."""

    def __init__(self, spec: HookSpec, payload: Any, envelope: dict[str, Any]) -> None:
        self.spec = spec
        self.payload: dict[str, Any] = msgspec.to_builtins(payload)
        self.envelope = envelope
        self.session: str | None = envelope["session"]
        self.source = str(envelope["source"])
        self.acting = acting(self.source)

    def seen_with(self, granted: tuple[Permission, ...]) -> dict[str, Any]:
        """Return the payload, empty for whoever may not read the session; typing reaches further anyway."""
        if self.session is None or self.spec.needs == "session.type":
            return self.payload
        return self.payload if covers_session(granted, "session.read", self.session) else {}


class Hooks:
    """Asks plugins.

    Args:
        bus: Gives events their envelope.
        plugins: Who is asked.
    """

    def __init__(self, bus: Bus, plugins: Askable) -> None:
        self._bus = bus
        self._plugins = plugins

    async def veto(self, name: str, payload: Any, *, session: str | None, source: str) -> Verdict:
        """Ask everybody at once whether something may happen.

        Args:
            name: An event of kind *veto*.
            payload: Of the type that its spec names.
            session: The session it is about.
            source: Who wants it.
        """
        return vetoed(await self._answers(self._question(name, Kind.VETO, payload, session, source)))

    async def vote(
        self, name: str, payload: Any, options: Iterable[str], *, session: str | None, source: str
    ) -> Verdict:
        """Ask everybody at once for an answer, one of ``options``; see :meth:`veto`."""
        question = self._question(name, Kind.VOTE, payload, session, source)
        return voted(await self._answers(question), tuple(options))

    async def first(self, name: str, payload: Any, *, session: str | None, source: str) -> tuple[Any, str]:
        """Ask one after the other; return the first answer and whose it is, (None, "") without one."""
        question = self._question(name, Kind.FIRST, payload, session, source)
        for listener in self._asked(question):
            for value in await self._ask(question, listener) or ():
                if value is not None:
                    return value, listener.plugin
        return None, ""

    async def filter(
        self,
        name: str,
        payload: Any,
        *,
        session: str | None,
        source: str,
        check: Callable[[Any], None] = lambda _: None,
    ) -> Any:
        """Return ``payload`` as the plugins leave it, each seeing what the one before it changed.

        Changes for which ``check`` raises a YesmanError are not taken over.
        """
        question = self._question(name, Kind.FILTER, payload, session, source)
        for listener in self._asked(question):
            changed = await self._ask(question, listener)
            if changed is not None:
                self._take_over(question, listener.plugin, changed, check)
        return msgspec.convert(question.payload, question.spec.payload)

    def _question(self, name: str, kind: Kind, payload: Any, session: str | None, source: str) -> _Question:
        spec = BY_NAME[name]
        assert spec.kind is kind, f"{name} is of kind {spec.kind.value}"  # noqa: S101 - a mistake of ours
        return _Question(spec, payload, self._bus.envelope(name, source=source, session=session))

    def _asked(self, question: _Question) -> list[Listener]:
        found = []
        for listener in self._plugins.consulted(question.spec.name):
            granted = self._plugins.granted(listener.plugin)
            if question.source == f"plugin:{listener.plugin}" or not self._may(granted, question):
                continue
            seen = question.seen_with(granted)
            wanted = (h for h in listener.hooks if h.wants(question.spec.name, question.session, seen))
            if hooks := tuple(wanted):
                found.append(listener._replace(hooks=hooks))
        return found

    def _may(self, granted: tuple[Permission, ...], question: _Question) -> bool:
        needs = question.spec.needs
        if not needs or question.session is None:
            return not needs or any(permission.name == needs for permission in granted)
        return covers_session(granted, needs, question.session)

    async def _answers(self, question: _Question) -> list[Answer]:
        asked = self._asked(question)
        found = await asyncio.gather(*(self._answer(question, listener) for listener in asked))
        return [answer for answers in found for answer in answers]

    async def _answer(self, question: _Question, listener: Listener) -> list[Answer]:
        closed = question.spec.on_error == "closed" or any(hook.on_error for hook in listener.hooks)
        try:
            values = await self._asking(question, listener)
            if not isinstance(values, list):
                return [Answer(listener.plugin, error="its answer is malformed", closed=closed)]
            return [parse(listener.plugin, value, closed=closed) for value in values]
        except YesmanError as error:
            failure = _words(error)
            self._note(question, listener.plugin, failure)
            return [Answer(listener.plugin, error=failure, closed=closed)]

    async def _ask(self, question: _Question, listener: Listener) -> Any:
        """Return what a plugin answers, None if it fails: for kinds where failing is no answer."""
        try:
            return await self._asking(question, listener)
        except YesmanError as error:
            self._note(question, listener.plugin, _words(error))
            return None

    async def _asking(self, question: _Question, listener: Listener) -> Any:
        """Return what a plugin answers by the deadline; starting it takes the time that loading may take.

        Raises:
            YesmanError: It failed, or did not answer in time; then it is stopped in the background.
        """
        if listener.plugin in question.acting:
            raise YesmanError("it waits for what has led to this, so it could not answer")
        await self._plugins.ready(listener.plugin)
        seen = question.seen_with(self._plugins.granted(listener.plugin))
        event = {**question.envelope, "payload": seen}
        names = tuple(hook.name for hook in listener.hooks)
        method = METHODS[question.spec.kind]
        try:
            asking = self._plugins.ask(listener.plugin, method, event, names)
            return await ask(asking, question.acting, question.spec.deadline)
        except TimeoutError:
            raise YesmanError(f"it did not answer within {question.spec.deadline:g} seconds") from None

    def _take_over(
        self, question: _Question, plugin: str, changed: Any, check: Callable[[Any], None]
    ) -> None:
        try:
            self._bus.checked(question.spec.name, changed)
            typed = msgspec.convert(changed, question.spec.payload)
            check(typed)
            question.payload = msgspec.to_builtins(typed)
        except (YesmanError, msgspec.ValidationError) as error:
            self._note(question, plugin, f"its changes were not taken over: {error}")

    def _note(self, question: _Question, plugin: str, message: str) -> None:
        self._plugins.log(plugin, logging.ERROR, f"asked about {question.spec.name}: {message}")


def _words(error: YesmanError) -> str:
    """Return what went wrong, never ""; a handler that exits has nothing to say."""
    return error.message or "it failed without a word"
