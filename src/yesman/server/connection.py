"""One command line's connection: its calls, its output, its input, its Ctrl-C.

The other side runs as the same user (checked by the kernel's peer credentials), so it is
trusted with what the user may do, but not with well-formedness: frames are bounded and typed.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.model.errors import NotFoundError, PluginFailedError, UsageError, YesmanError
from yesman.runtime.framing import FrameConnection, decode
from yesman.runtime.peer import bounded
from yesman.wire.frames import Frame, Kind, ProtocolError, UnserialisableError
from yesman.wire.handshake import SPOKEN, Spoken, agreed, greeting, spoken
from yesman.wire.messages import Call, Hello

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from yesman.sessions.model import Session
    from yesman.sessions.service import Sessions

    Handler = Callable[["Request"], Awaitable[tuple[Any, bytes]]]

_log = logging.getLogger("yesman.server")


class Connection:
    """Speaks frames with one command line.

    Args:
        dispatch: Answers a request; returns value and blob.
        on_closed: Called once when the other side is gone.
        safe_mode: Whether no plugin runs here; every command line is told, so that none takes an act
            for one that plugins were asked about.
        speaks: The protocols that we speak with it.
    """

    def __init__(
        self,
        dispatch: Handler,
        on_closed: Callable[[Connection], None],
        *,
        safe_mode: bool = False,
        speaks: Spoken = SPOKEN,
    ) -> None:
        self._speaks = speaks
        self._safe_mode = safe_mode
        self._dispatch = dispatch
        self._on_closed = on_closed
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._asked: dict[int, asyncio.Future[bytes]] = {}
        self._last_question = 0
        self._greeted = False
        self._gone = False
        self.protocol = FrameConnection(self._on_frame, self._closed)

    def greet(self) -> None:
        """Send our HELLO."""
        more = {"safe_mode": True} if self._safe_mode else {}
        self.protocol.send(Kind.HELLO, 0, greeting(self._speaks) | more)

    async def ask(self, method: str, params: dict[str, Any]) -> bytes:
        """Ask the command line for something (its stdin, its user) and return the blob of its answer.

        Raises:
            ConnectionError: The command line is gone.
        """
        if self._gone:
            raise ConnectionResetError("the command line is gone")
        self._last_question += 1
        ident = self._last_question
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked[ident] = future
        self.protocol.send(Kind.CALL, ident, {"method": method, "params": params})
        try:
            return await future
        except asyncio.CancelledError:
            self.protocol.send(Kind.CANCEL, ident)
            raise
        finally:
            self._asked.pop(ident, None)

    def close(self) -> None:
        """Close once everything queued is written."""
        self.protocol.close()

    def _on_frame(self, frame: Frame) -> None:
        if not self._greeted:
            if frame.kind is not Kind.HELLO:
                raise ProtocolError("the first frame was not HELLO")
            hello = decode(frame.body, Hello)
            theirs = spoken(hello.protocol, hello.oldest)
            agreed(self._speaks, theirs, "the command line", hello.version)
            self._greeted = True
        elif frame.kind is Kind.CALL:
            call = decode(frame.body, Call)
            self._tasks[frame.id] = asyncio.ensure_future(self._run(frame.id, call))
        elif frame.kind is Kind.CANCEL:
            if frame.id in self._tasks:
                self._tasks[frame.id].cancel()
        elif frame.kind is Kind.RESULT and 0 < frame.id <= self._last_question:
            asked = self._asked.get(frame.id)  # none: the question was given up meanwhile
            if asked is not None and not asked.done():
                asked.set_result(frame.blob)
        else:
            raise ProtocolError(f"unexpected {frame.kind.name} frame")

    async def _run(self, ident: int, call: Call) -> None:
        try:
            value, blob = await self._dispatch(Request(self, ident, call.method, call.params))
            self.protocol.send(Kind.RESULT, ident, value, blob)
        except asyncio.CancelledError:
            interrupted = PluginFailedError("interrupted", failure="interrupted", code=130)
            self.protocol.send(Kind.FAILURE, ident, interrupted.as_data())
        except YesmanError as error:
            self.protocol.send(Kind.FAILURE, ident, bounded(error.as_data()))
        except UnserialisableError as error:
            self.protocol.send(Kind.FAILURE, ident, YesmanError(f"the answer is {error}").as_data())
        except Exception:  # noqa: BLE001 - a mistake of ours is logged and told; it must not end the server
            _log.exception("%s failed", call.method)
            broken = YesmanError(
                f"yesman itself failed at '{call.method}'", "See logs/server.log and report it"
            )
            self.protocol.send(Kind.FAILURE, ident, broken.as_data())
        finally:
            self._tasks.pop(ident, None)

    def _closed(self, strike: ProtocolError | None) -> None:
        if strike is not None:
            _log.warning("a command line broke the protocol: %s", strike)
        self._gone = True
        for task in self._tasks.values():
            task.cancel()
        for future in self._asked.values():
            if not future.done():
                future.set_exception(ConnectionResetError("the command line is gone"))
        self._on_closed(self)


class Request:
    """One call of a command line; also the caller of a plugin command (``yesman.host.caller``)."""

    def __init__(self, connection: Connection, ident: int, method: str, params: dict[str, Any]) -> None:
        self.method = method
        self.params = params
        self._connection = connection
        self._ident = ident
        self._unasked = asyncio.Event()
        self._unasked.set()
        self._not_found: YesmanError | None = None

    def output(self, stream: str, text: bytes) -> bool:
        """Send ``out``, ``err``, or a line of ``progress`` or ``note``; False: wait for :meth:`drained`."""
        self._connection.protocol.send(Kind.OUTPUT, self._ident, {"stream": stream}, text)
        return self._connection.protocol.writable and self._unasked.is_set()

    def progress(self, line: str) -> None:
        """Send one line of progress."""
        self.output("progress", line.encode())

    async def drained(self) -> None:
        """Return when the command line has caught up, and asks its user nothing."""
        await self._unasked.wait()
        await self._connection.protocol.drained()

    async def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of the command line's stdin, b"" at its end."""
        try:
            return await self._connection.ask("input.read", {"size": size})
        except ConnectionError:
            return b""

    async def confirm(self, question: dict[str, str]) -> str:
        """Put a question to the user; meanwhile a plugin's output has to wait, in the end in its process."""
        self._unasked.clear()
        try:
            return (await self._connection.ask("confirm", question)).decode(errors="replace")
        finally:
            self._unasked.set()

    async def run_command(self) -> bytes:
        """Have the command line run its user's command, and return the exit code as text."""
        return await self._connection.ask("command.run", {})

    async def current(self, sessions: Sessions) -> Session:
        """Return the session the caller means: named, sat in, or holding its folder."""
        where = Where.of(self.params)
        try:
            return await sessions.current(
                tmux=where.tmux, tmux_pane=where.tmux_pane, cwd=where.cwd, named=where.session
            )
        except NotFoundError as error:
            self._not_found = error
            raise

    def advise(self, error: YesmanError) -> None:
        """Tell the user of a command that failed for want of a session which one they may have meant.

        The plugin was not told: a near miss names sessions that it may not see.
        """
        missed = self._not_found
        if missed and not error.next_step and missed.message in error.message:
            error.next_step = "" if missed.next_step in error.message else missed.next_step


class Where:
    """Where a command line was called, as far as it told."""

    def __init__(
        self, tmux: str | None, tmux_pane: str | None, cwd: Path | None, session: str | None
    ) -> None:
        self.tmux, self.tmux_pane, self.cwd, self.session = tmux, tmux_pane, cwd, session

    @classmethod
    def of(cls, params: dict[str, Any]) -> Where:
        """Read the parameters ``tmux``, ``tmux_pane``, ``cwd`` and ``session``."""
        texts = {key: params.get(key) for key in ("tmux", "tmux_pane", "cwd", "session")}
        if not all(value is None or isinstance(value, str) for value in texts.values()):
            raise UsageError("'tmux', 'tmux_pane', 'cwd' and 'session' must be text")
        cwd = Path(texts["cwd"]) if texts["cwd"] else None
        return cls(texts["tmux"], texts["tmux_pane"], cwd, texts["session"])
