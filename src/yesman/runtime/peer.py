"""Conversation with one plugin process: calls down, services up, strikes for broken protocol.

The plugin is hostile until shown otherwise, and that is never shown: an id it did not get, a
frame it may not send or a message that does not fit ends the conversation at once. Identity
is the socket; nothing a plugin says about itself is believed.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from yesman.model.errors import PluginFailedError, YesmanError
from yesman.runtime.framing import FrameConnection, decode
from yesman.runtime.hearsay import MESSAGE_CHARACTERS, TRACEBACK_CHARACTERS, told
from yesman.transports import give
from yesman.wire.frames import Frame, Kind, ProtocolError
from yesman.wire.handshake import SPOKEN, Spoken, agreed, spoken
from yesman.wire.messages import (
    MAX_LOG,
    MAX_REFUSED,
    MAX_REFUSED_COUNT,
    OPEN_CALLS,
    Call,
    Failure,
    Hello,
    Log,
    Output,
    Refused,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine

    from yesman.runtime.pacing import Share

MAX_OPEN_SERVICE_CALLS = 2 * OPEN_CALLS
"""Calls of one plugin that the host works on at a time; an honest worker never has half as many."""

MOST_SEVERE = 50
"""``logging.CRITICAL``: a level above it is a plugin's invention."""

_log = logging.getLogger("yesman.runtime")


def bounded(failure: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a FAILURE with every text short enough to be sent, whoever wrote it."""
    limits = {
        "message": MESSAGE_CHARACTERS,
        "next_step": MESSAGE_CHARACTERS,
        "traceback": TRACEBACK_CHARACTERS,
    }
    return failure | {key: failure[key][:limit] for key, limit in limits.items() if key in failure}


class Services(Protocol):
    """What a plugin may ask of the host (implemented by ``yesman.host.services``)."""

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        """Answer one call; ``cause`` is the context of the host's call it was made for, or None.

        Raises:
            YesmanError: Refused or impossible; travels to the plugin as data.
        """
        ...


class Caller(Protocol):
    """Who waits for a command: its context for services, and where its output goes."""

    def output(self, stream: str, text: bytes) -> bool:
        """Take a piece of printed output (bytes as the plugin sent them); False: hold on, see below."""
        ...

    async def drained(self) -> None:
        """Return when more output may be sent."""
        ...


@dataclass
class _Pending:
    method: str
    answer: asyncio.Future[Frame]
    started: asyncio.Event = field(default_factory=asyncio.Event)
    caller: Caller | None = None
    cancelled: bool = False
    context: Context = field(default_factory=copy_context)


class Peer:
    """The host's side of one plugin's two lanes.

    Args:
        plugin: The plugin's name.
        services: Answers the plugin's calls.
        on_log: Takes the plugin's log records (level, message).
        on_gone: Called once when the conversation is over, with the strike that ended it or None.
        on_refused: Takes what the plugin says it was refused, and how often since it last said so.
        share: What the plugin's frames and calls may cost.
        speaks: The protocols that we speak with it.
    """

    def __init__(
        self,
        plugin: str,
        services: Services,
        on_log: Callable[[int, str], None],
        on_gone: Callable[[ProtocolError | None], None],
        on_refused: Callable[[str, int], None] = lambda _what, _count: None,
        *,
        share: Share,
        speaks: Spoken = SPOKEN,
    ) -> None:
        self._plugin = plugin
        self._services = services
        self._on_log = on_log
        self._on_gone = on_gone
        self._on_refused = on_refused
        self._last_id = 0
        self._pending: dict[int, _Pending] = {}
        self._service_tasks: set[asyncio.Task[None]] = set()
        self._gone = False
        self._lanes: list[socket.socket] = []
        self._end: Exception | None = None
        self._speaks = speaks
        self._greeted: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._share = share
        self._up = FrameConnection(self._on_frame, self._on_closed, share)
        self._down = FrameConnection(self._on_stray, self._on_closed)
        self._handlers: dict[Kind, Callable[[Frame], None]] = {
            Kind.HELLO: self._on_hello,
            Kind.CALL: self._on_call,
            Kind.STARTED: self._on_started,
            Kind.RESULT: self._on_answer,
            Kind.FAILURE: self._on_answer,
            Kind.OUTPUT: self._on_output,
            Kind.LOG: self._on_log_frame,
            Kind.REFUSED: self._on_refused_frame,
        }

    async def connect(self, down: socket.socket, up: socket.socket) -> None:
        """Take over the two sockets."""
        self._lanes += [down, up]
        for lane, connection in ((down, self._down), (up, self._up)):
            if lane.fileno() >= 0:  # else it was closed meanwhile, as greeted() tells
                self._lanes.append(await give(lane, connection))

    async def greeted(self) -> int:
        """Wait for the plugin's HELLO; return the protocol that both sides speak.

        Raises:
            ConnectionError: It closed its lanes instead.
        """
        return await asyncio.shield(self._greeted)

    def begin(
        self, method: str, params: dict[str, Any], caller: Caller | None = None, blob: bytes = b""
    ) -> int:
        """Send a call and return its id; :meth:`answer` waits for it, :meth:`forget` ends it.

        Args:
            method: ``load``, ``command``, ``event``, ``ask``, ``filter``, ``provider``, ``health``,
                ``export``, ``import``, ``cleanup``, ``invoke`` or ``function``.
            params: JSON data.
            caller: Whose command this is.
            blob: Bytes that go with it.

        Raises:
            PluginFailedError: The plugin has ended already.
            UnserialisableError: ``params`` cannot be sent.
        """
        if self._end is not None:  # told before the lanes were seen to close
            raise self._end
        if self._gone:
            raise PluginFailedError(f"plugin '{self._plugin}' has ended", failure="crashed")
        self._last_id += 1
        self._down.send(Kind.CALL, self._last_id, {"method": method, "params": params}, blob)
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._pending[self._last_id] = _Pending(method, answer, caller=caller)
        return self._last_id

    async def answer(self, ident: int, deadline: float | None) -> Frame:
        """Return the RESULT frame of call ``ident``.

        Args:
            ident: From :meth:`begin`.
            deadline: Seconds from the moment the plugin has *started* on it, or could have, because
                nothing else keeps it busy; None waits for ever.

        Raises:
            PluginFailedError: The plugin failed or died.
            TimeoutError: The deadline has passed; the call goes on.
        """
        pending = self._pending[ident]
        if deadline is not None:
            await self.turn(ident)
        return await asyncio.wait_for(asyncio.shield(pending.answer), deadline)

    async def turn(self, ident: int) -> None:
        """Return when the plugin has started on ``ident``, or all that it was told to do before is done."""
        earlier = [p.answer for number, p in self._pending.items() if number < ident and not p.answer.done()]
        if earlier:
            started = asyncio.ensure_future(self._pending[ident].started.wait())
            free = asyncio.ensure_future(asyncio.wait(earlier))
            try:
                await asyncio.wait({started, free}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                started.cancel()
                free.cancel()

    def waits(self, ident: int) -> bool:
        """Tell whether the plugin is busy with an earlier call and has not begun ``ident``."""
        earlier = (p for number, p in self._pending.items() if number < ident)
        return not self._pending[ident].started.is_set() and not all(p.answer.done() for p in earlier)

    def cancel(self, ident: int) -> None:
        """Ask the plugin to stop working on ``ident``.

        A handler that blocks on output nobody takes could not hear it, so reading goes on, and
        what its caller does not take from now on is dropped.
        """
        self._pending[ident].cancelled = True
        self._up.resume_reading()
        self._down.send(Kind.CANCEL, ident)

    async def settled(self, ident: int, seconds: float) -> bool:
        """Wait at most ``seconds`` until ``ident`` has been answered, in whatever way."""
        done, _ = await asyncio.wait({self._pending[ident].answer}, timeout=seconds)
        return bool(done)

    async def idle(self) -> None:
        """Return when no call is open."""
        while self._pending:
            await asyncio.wait({pending.answer for pending in self._pending.values()})
            await asyncio.sleep(0)  # whoever waited for an answer forgets its call now

    async def settle(self, seconds: float) -> None:
        """Return when no call is open; of commands, which may take for ever, ``seconds`` later at most."""
        commands = {p.answer for p in self._pending.values() if p.method == "command"}
        others = {p.answer for p in self._pending.values()} - commands
        if others:
            await asyncio.wait(others)
        if commands:
            await asyncio.wait(commands, timeout=seconds)

    def result_of(self, ident: int) -> Frame | None:
        """Return the RESULT of ``ident`` if it has arrived."""
        answer = self._pending[ident].answer
        settled = answer.done() and not answer.cancelled() and answer.exception() is None
        return answer.result() if settled else None

    def forget(self, ident: int) -> None:
        """Drop call ``ident``; a late answer to it is ignored."""
        pending = self._pending.pop(ident, None)
        if pending is not None and pending.answer.done() and not pending.answer.cancelled():
            pending.answer.exception()  # mark it as looked at

    def close(self) -> None:
        """End the conversation without waiting."""
        self._down.abort()
        self._up.abort()
        for lane in self._lanes:
            lane.close()  # the loop may end before its transports get round to that

    # --- what arrives on the up lane

    def _on_frame(self, frame: Frame) -> None:
        handler = self._handlers.get(frame.kind)
        if handler is None:
            raise ProtocolError(f"a plugin may not send {frame.kind.name} frames")
        if not self._greeted.done() and frame.kind is not Kind.HELLO:
            raise ProtocolError("the first frame was not HELLO")
        handler(frame)

    def _on_stray(self, frame: Frame) -> None:
        raise ProtocolError(f"a {frame.kind.name} frame came on the lane that only the host writes to")

    def _on_hello(self, frame: Frame) -> None:
        hello = decode(frame.body, Hello)
        if self._greeted.done():
            raise ProtocolError("a second HELLO")
        theirs = spoken(hello.protocol, hello.oldest)
        self._greeted.set_result(agreed(self._speaks, theirs, "its worker", hello.version))

    def _known(self, frame: Frame) -> _Pending | None:
        """Return the pending call of ``frame.id``; None when it was given up meanwhile."""
        pending = self._pending.get(frame.id)
        if not 0 < frame.id <= self._last_id:
            raise ProtocolError(f"a {frame.kind.name} frame for call {frame.id}, which was never made")
        return pending

    def _on_started(self, frame: Frame) -> None:
        pending = self._known(frame)
        if pending is not None:
            pending.started.set()

    def _on_answer(self, frame: Frame) -> None:
        pending = self._known(frame)
        if pending is None or pending.answer.done():
            return
        if frame.kind is Kind.FAILURE:
            pending.answer.set_exception(told(self._plugin, pending.method, decode(frame.body, Failure)))
        else:
            pending.answer.set_result(frame)
        pending.started.set()

    def _on_output(self, frame: Frame) -> None:
        pending = self._known(frame)
        stream = decode(frame.body, Output).stream
        if stream not in {"out", "err"}:
            raise ProtocolError("there is no such stream")
        if pending is None or pending.caller is None:
            return
        if pending.caller.output(stream, frame.blob):
            return
        if pending.cancelled:
            pending.caller = None
        else:
            self._up.pause_reading()
            self._track(self._resume_when_drained(pending.caller))

    async def _resume_when_drained(self, caller: Caller) -> None:
        await caller.drained()
        self._up.resume_reading()

    def _on_log_frame(self, frame: Frame) -> None:
        record = decode(frame.body, Log)
        if len(record.message) > MAX_LOG:
            raise ProtocolError(f"a log record has more than {MAX_LOG} characters")
        self._on_log(max(0, min(record.level, MOST_SEVERE)), record.message)

    def _on_refused_frame(self, frame: Frame) -> None:
        refused = decode(frame.body, Refused)
        if len(refused.what) > MAX_REFUSED or not 0 < refused.count <= MAX_REFUSED_COUNT:
            raise ProtocolError("a REFUSED frame is out of bounds")
        self._on_refused(refused.what, refused.count)

    def _on_call(self, frame: Frame) -> None:
        call = decode(frame.body, Call)
        if len(self._service_tasks) >= MAX_OPEN_SERVICE_CALLS:
            raise ProtocolError(f"more than {MAX_OPEN_SERVICE_CALLS} calls at the same time")
        pending = self._pending.get(call.cause)
        # What the plugin does for a call of ours is done in that call's context: so is known what led to it.
        self._track(self._serve(frame.id, call), pending.context.copy() if pending else Context())

    def _track(self, work: Coroutine[Any, Any, None], context: Context | None = None) -> None:
        task = asyncio.get_running_loop().create_task(work, context=context)
        self._service_tasks.add(task)
        task.add_done_callback(self._service_tasks.discard)

    async def _serve(self, ident: int, call: Call) -> None:
        # Made here, not by the caller: cancelled before its first step, it would never be awaited.
        await self._share.billed(self._carry_out(ident, call))

    async def _carry_out(self, ident: int, call: Call) -> None:
        pending = self._pending.get(call.cause)
        try:
            value, blob = await self._services.serve(call.method, call.params, pending and pending.caller)
            self._up.send(Kind.RESULT, ident, value, blob)
        except YesmanError as error:
            self._up.send(Kind.FAILURE, ident, bounded(error.as_data()))
        except Exception as error:  # noqa: BLE001 - a mistake of ours must neither go unanswered nor fill our log
            _log.error("service %.80s for plugin %s: %s", call.method, self._plugin, type(error).__name__)
            body = {"kind": "error", "message": f"the host failed at '{call.method[:80]}'"}
            self._up.send(Kind.FAILURE, ident, body)
        if not self._up.writable:  # it calls and does not read the answers: listen no further until it does
            self._up.pause_reading()
            await self._up.drained()
            self._up.resume_reading()

    def _on_closed(self, strike: ProtocolError | None) -> None:
        if self._gone:
            return
        self._gone = True
        self.close()
        for task in self._service_tasks:
            task.cancel()
        if not self._greeted.done():
            self._greeted.set_exception(ConnectionError("the plugin ended before it said hello"))
            self._greeted.exception()  # mark it as looked at: nobody need be waiting
        self._on_gone(strike)

    def fail_pending(self, error: Exception) -> None:
        """Give every waiting caller, and every later one, ``error``."""
        self._end = error
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(error)
            pending.started.set()
