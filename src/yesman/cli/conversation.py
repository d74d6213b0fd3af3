"""One call to the server, from request to answer, with what happens meanwhile.

What always holds while a call runs: output is shown as it comes; stdin is read only when the
other side asks for some, so what is not asked for stays for the next program; while yesman asks
the user something, no output is shown and stdin is nobody else's; the first
Ctrl-C asks the server to stop the call and waits for it, the second one leaves at once.
"""

from __future__ import annotations

import json
import os
import select
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yesman.cli.client import body_of
from yesman.cli.failures import ServerFailureError, ServerGoneError
from yesman.cli.interrupts import Interrupts
from yesman.cli.question import Question, can_ask
from yesman.model.errors import PlatformError
from yesman.wire.frames import Frame, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.cli.client import Connection
    from yesman.cli.display import Display

STDIN: Final = 0
LARGEST_READ: Final = 64 * 1024
REMARK_SECONDS: Final = 1.0


class Answer(NamedTuple):
    """A result: the value in the frame's body, and its binary part."""

    value: Any
    blob: bytes


class Conversation:
    """One running call.

    Args:
        connection: Greeted; nothing else is asked of it meanwhile.
        ident: What :meth:`~yesman.cli.client.Connection.call` returned.
        display: Takes the output.
        run: Runs the user's command and returns its exit code, when the server asks for that.
        attended: Whether somebody is there: if not, there is no input, and questions have no answer.
    """

    def __init__(
        self,
        connection: Connection,
        ident: int,
        display: Display,
        run: Callable[[], int] | None = None,
        *,
        attended: bool = True,
    ) -> None:
        self._run = run
        self._attended = attended
        self._connection = connection
        self._ident = ident
        self._display = display
        self._reads: deque[tuple[int, int]] = deque()  # (id to answer, size) the other side waits for
        self._remark_due = False
        self._cancelled = False
        self._question: Question | None = None
        self._held: deque[Frame] = deque()  # output that came while a question was open

    def answer(self) -> Answer:
        """Return the call's result.

        Raises:
            ServerFailureError: The call failed, or was interrupted (kind ``interrupted``).
            ServerGoneError: The server ended meanwhile.
            BrokenPipeError: Nobody reads our output any more; the call was cancelled.
            KeyboardInterrupt: The second Ctrl-C.
        """
        try:
            with Interrupts() as self._interrupts:
                return self._loop(self._interrupts)
        except BrokenPipeError:
            with suppress(ServerGoneError):
                self._connection.send(Kind.CANCEL, self._ident)
            raise
        finally:
            self._end_question()

    def _loop(self, interrupts: Interrupts) -> Answer:
        actions: dict[int, Callable[[], object]] = {
            self._connection.fileno(): self._connection.receive,
            interrupts.fileno(): lambda: self._cancel(interrupts),
            STDIN: self._on_input,
        }
        while True:
            while self._connection.waiting():
                frame = self._connection.next_frame()
                if frame.id == self._ident and frame.kind is Kind.RESULT:
                    self._end_question()
                    return Answer(json_of(frame), frame.blob)
                self._take(frame)
            for descriptor in self._ready(actions):
                actions[descriptor]()

    def _ready(self, actions: dict[int, Callable[[], object]]) -> list[int]:
        poll = select.poll()
        for descriptor in actions:
            if descriptor != STDIN or self._reads or self._question:
                poll.register(descriptor, select.POLLIN)
        ready = poll.poll(REMARK_SECONDS * 1000 if self._remark_due else None)
        if not ready and self._remark_due:
            self._remark_due = False
            self._display.remark("Waiting for it to stop. Press Ctrl-C again to leave it alone.")
        return [descriptor for descriptor, _ in ready]

    def _take(self, frame: Frame) -> None:
        body = body_of(frame)
        if frame.kind is Kind.OUTPUT and frame.id == self._ident:
            self._show(frame)
        elif frame.kind is Kind.FAILURE and frame.id == self._ident:
            raise ServerFailureError(body)
        elif frame.kind is Kind.CALL and body.get("method") == "input.read":
            self._reads.append((frame.id, _size(body))) if self._attended else self._reply(frame.id, "")
        elif frame.kind is Kind.CALL and body.get("method") == "command.run" and self._run is not None:
            self._display.own_line()
            code = self._run()
            if not self._interrupts.count:  # else the call is about to be cancelled
                self._reply(frame.id, str(code))
        elif frame.kind is Kind.CALL and body.get("method") == "confirm":
            self._ask(frame.id, body.get("params"))
        elif frame.kind is Kind.CALL:
            unknown = {"kind": "usage", "message": f"a command line cannot {body.get('method')}"}
            self._connection.send(Kind.FAILURE, frame.id, unknown)
        elif frame.kind is Kind.CANCEL:
            self._withdraw(frame.id)
        else:
            message = f"The server sent a {frame.kind.name} frame that was not asked for"
            raise PlatformError(message, "Restart it: yesman server stop")

    def _show(self, frame: Frame) -> None:
        if self._question is not None:
            self._held.append(frame)
        else:
            self._display.show(str(body_of(frame).get("stream")), frame.blob)

    def _ask(self, ident: int, params: object) -> None:
        """Ask the user, if there is one; no question is asked of somebody who has pressed Ctrl-C."""
        if self._cancelled:
            self._reply(ident, "interrupted")
        elif self._question is not None or not isinstance(params, dict) or not self._can_ask():
            self._reply(ident, "nobody")
        else:
            self._question = Question(ident, params, self._display)

    def _can_ask(self) -> bool:
        return self._attended and can_ask()

    def _reply(self, ident: int, word: str) -> None:
        self._connection.send(Kind.RESULT, ident, None, word.encode())

    def _withdraw(self, ident: int) -> None:
        """Forget what the other side does not wait for any more."""
        self._reads = deque(read for read in self._reads if read[0] != ident)
        if self._question is not None and self._question.ident == ident:
            self._end_question()

    def _end_question(self, word: str | None = None) -> None:
        """Close the question, answered or not, and show what the plugin printed meanwhile."""
        question, self._question = self._question, None
        if question is None:
            return
        if word is None:
            question.withdraw()
        else:
            self._reply(question.ident, word)
        while self._held:
            self._show(self._held.popleft())

    def _on_input(self) -> None:
        if self._question is None:
            self._feed()
        elif word := self._question.read():
            self._end_question(word)

    def _cancel(self, interrupts: Interrupts) -> None:
        interrupts.take()
        self._cancelled = True
        if self._question is not None:
            self._reply(self._question.ident, "interrupted")
            self._end_question()
        self._reads.clear()  # the other side has given up waiting; a handler that goes on asks anew
        self._connection.send(Kind.CANCEL, self._ident)
        self._remark_due = True

    def _feed(self) -> None:
        ident, size = self._reads.popleft()
        try:
            data = os.read(STDIN, size)
        except OSError:  # closed, or a terminal that is not ours any more: there is no more input
            data = b""
        self._connection.send(Kind.RESULT, ident, None, data)


def _size(body: dict[str, Any]) -> int:
    params = body.get("params")
    size = params.get("size") if isinstance(params, dict) else None
    return max(1, min(size, LARGEST_READ)) if isinstance(size, int) else LARGEST_READ


def json_of(frame: Frame) -> Any:
    """Return the frame's body as a value.

    Raises:
        PlatformError: It is no JSON.
    """
    try:
        return json.loads(frame.body)
    except (ValueError, RecursionError) as error:
        raise PlatformError("The server's answer cannot be read", "Restart it: yesman server stop") from error
