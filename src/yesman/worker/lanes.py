"""The child's ends of the two lanes.

*Up* carries everything the plugin says under one lock, so order holds, and the replies to its
calls, which are read by whichever thread waits: no thread of ours, and a thread pool of the
plugin may call the host while the event loop is busy. *Down* carries what the host asks and
is read by the event loop alone.
"""

from __future__ import annotations

import contextvars
import itertools
import json
import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from yesman.plugins import ProviderError
from yesman.wire.frames import Frame, FrameReader, Kind, pack
from yesman.wire.messages import MAX_REFUSED, OPEN_CALLS

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

    from yesman.worker.shield import Shield

CURRENT_CALL: contextvars.ContextVar[int] = contextvars.ContextVar("yesman_current_call", default=0)
"""The id of the host's call on whose behalf the current code runs."""

RECEIVE_BYTES = 64 * 1024
INTERRUPT_SECONDS = 0.05
"""How long the main thread may wait for another thread's reading before it looks for an interrupt."""

_FAILURES: dict[str, type[Exception]] = {
    "permission": PermissionError,
    "not-found": LookupError,
    "usage": ValueError,
    "provider": ProviderError,
}


class HostGoneError(BaseException):
    """The host closed a lane: there is nobody left to serve. Not for plugins to catch."""


class UpLane:
    """Calls, output and log records from the plugin to the host, and word of what it was refused.

    Args:
        descriptor: The lane.
        shield: Against interrupts.
        refused: Where refusals are noted. They travel with the next frame, because a refusal may
            happen anywhere, in the middle of sending too; before it, so that they are known before a
            call is answered, but for HELLO, which is the first.
    """

    def __init__(self, descriptor: int, shield: Shield, refused: deque[str]) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._shield = shield
        self._refused = refused
        self._ids = itertools.count(1)
        self.renew()

    def renew(self) -> None:
        """Begin anew, in a process that was forked: with another lane of the same number, and no waiters."""
        self._room = threading.BoundedSemaphore(OPEN_CALLS)
        self._writing = threading.Lock()
        self._reader = FrameReader()
        self._waiting = threading.Condition()
        self._replies: dict[int, Frame] = {}
        self._someone_reads = False

    def send(self, kind: Kind, ident: int, value: Any = None, blob: bytes = b"") -> None:
        """Write one frame whole.

        Raises:
            UnserialisableError: Before anything is written.
        """
        frame = pack(kind, ident, value, blob)
        with self._shield, self._writing:
            told = self._told()
            try:
                self._socket.sendall(frame + told if kind is Kind.HELLO else told + frame)
            except OSError as error:
                raise HostGoneError from error

    def _told(self) -> bytes:
        """Return REFUSED frames for what was noted since the last time."""
        noted: Counter[str] = Counter()
        while self._refused:
            try:
                noted[self._refused.popleft()] += 1
            except IndexError:  # another thread tells it
                break
        return b"".join(
            pack(Kind.REFUSED, 0, {"what": _bounded(what), "count": count}) for what, count in noted.items()
        )

    def call(self, method: str, /, **params: Any) -> Any:
        """Ask the host and wait for its answer (the transport that SDK proxies use).

        Raises:
            PermissionError: A permission is missing.
            LookupError: The named thing does not exist.
            ValueError: An argument is not acceptable.
            ProviderError: Another plugin's provider failed.
            RuntimeError: The host could not do it.
        """
        return json.loads(self.request(method, params).body)

    def request(self, method: str, params: dict[str, Any]) -> Frame:
        """Like :meth:`call`, but return the whole RESULT frame, blob included.

        Shielded but for the wait itself: an interrupt that came while a lock changes hands would leave it
        locked for ever.
        """
        ident = next(self._ids)
        with self._shield:
            self._take_room()
            try:
                self.send(Kind.CALL, ident, {"method": method, "params": params, "cause": CURRENT_CALL.get()})
                frame = self._reply_to(ident)
            finally:
                self._room.release()
        if frame.kind is Kind.FAILURE:
            raise _rebuild(json.loads(frame.body))
        return frame

    def _take_room(self) -> None:
        """Wait until fewer than ``OPEN_CALLS`` calls are open, for one more."""
        patience = self._patience()
        while not self._room.acquire(timeout=patience):
            self._shield.check()

    def _patience(self) -> float | None:
        return INTERRUPT_SECONDS if self._shield.counts_here() else None

    def _reply_to(self, ident: int) -> Frame:
        """Return the reply to ``ident``, read by this thread or by another that waits as well."""
        while (frame := self._reply_or_turn(ident)) is None:
            try:
                self._receive()
            finally:
                self._pass_on()
        return frame

    def _reply_or_turn(self, ident: int) -> Frame | None:
        """Return the reply, or None when it is this thread's turn to read."""
        patience = self._patience()
        with self._waiting:
            while ident not in self._replies and self._someone_reads:
                self._waiting.wait(patience)
                self._shield.check()
            if ident not in self._replies:
                self._someone_reads = True
            return self._replies.pop(ident, None)

    def _receive(self) -> None:
        """Read what has come and keep every reply in it, whoever waits for it."""
        self._shield.lifted(self._socket.recv, 1, socket.MSG_PEEK)
        data = self._socket.recv(RECEIVE_BYTES)
        if not data:
            raise HostGoneError
        with self._waiting:
            self._replies.update((frame.id, frame) for frame in self._reader.feed(data))

    def _pass_on(self) -> None:
        with self._waiting:
            self._someone_reads = False
            self._waiting.notify_all()


def _bounded(text: str) -> str:
    return text[:MAX_REFUSED].encode(errors="backslashreplace").decode()[:MAX_REFUSED]


def _rebuild(failure: dict[str, Any]) -> Exception:
    """Turn a FAILURE body into one of five exceptions, never one chosen by name."""
    text = failure["message"]
    if failure.get("next_step"):
        text += f". {failure['next_step']}"
    error = _FAILURES.get(failure["kind"], RuntimeError)(text)
    if isinstance(error, PermissionError):
        error.permission = failure.get("permission", "")  # type: ignore[attr-defined]  # read by failures
    return error


class DownLane:
    """Requests from the host, for the event loop to read."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self.renew()

    def renew(self) -> None:
        """Begin anew, in a process that was forked: with another lane of the same number."""
        self._socket.setblocking(False)
        self._reader = FrameReader()

    def fileno(self) -> int:
        """Return the descriptor, for the event loop."""
        return self._socket.fileno()

    def frames(self) -> Iterator[Frame]:
        """Yield the frames that have arrived; never blocks.

        Raises:
            HostGoneError: When the host has closed the lane.
        """
        while True:
            try:
                data = self._socket.recv(RECEIVE_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                raise HostGoneError from error
            if not data:
                raise HostGoneError
            yield from self._reader.feed(data)
