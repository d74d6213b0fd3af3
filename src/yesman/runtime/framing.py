"""Frames over an asyncio transport: the host's end of every stream, plugins' and command lines' alike.

Hostile bytes stop here: lengths are checked by :mod:`yesman.wire.frames`, bodies by
:func:`decode` (a bracket budget before parsing, then msgspec types), and whatever is wrong
becomes one :class:`ProtocolError` that ends the connection. Whoever sends more than its share of
the host's time is heard in turns with the others, and beyond that later; no frame is dropped.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from yesman.wire.frames import LIMITS, Frame, FrameReader, Kind, ProtocolError, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.runtime.pacing import Share

T = TypeVar("T")

MAX_CONTAINERS = 20_000
"""Brackets a body may hold: 1 MiB of ``{}`` would be 28 MiB and 19 ms of the loop."""
MAX_RESULT_CONTAINERS = 400_000
"""The same for a command's result, which a user asked for."""


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def decode(body: bytes, shape: type[T], *, containers: int = MAX_CONTAINERS, most: int = LIMITS.blob) -> T:
    """Return ``body`` as ``shape``.

    Raises:
        ProtocolError: Not JSON, not of this shape, too many or too deeply nested containers, or more than
            ``most`` bytes.
    """
    if len(body) > most:
        raise ProtocolError(f"a message has {len(body)} bytes, more than {most}")
    if body.count(b"{") + body.count(b"[") > containers:
        raise ProtocolError("a message has too many nested values")
    try:
        return cast("T", _decoder(cast("Any", shape)).decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(f"a message is malformed: {error}") from error


class FrameConnection(asyncio.Protocol):
    """One stream of frames.

    Args:
        on_frame: Called for each frame; may raise ProtocolError.
        on_closed: Called once, with the ProtocolError that ended it or None for an ordinary end.
        share: What ``on_frame`` may cost; None for somebody who is trusted with that.
    """

    def __init__(
        self,
        on_frame: Callable[[Frame], None],
        on_closed: Callable[[ProtocolError | None], None],
        share: Share | None = None,
    ) -> None:
        self._on_frame = on_frame
        self._on_closed = on_closed
        self._share = share
        self._reader = FrameReader()
        self._arrived: Iterator[Frame] = iter(())
        self._next: asyncio.Handle | None = None
        self._paused = self._held = self._aborted = False
        self._transport: asyncio.Transport | None = None
        self._error: ProtocolError | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport (called by asyncio)."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so
        if self._aborted:  # soon: uvloop must have the socket object before it closes the descriptor
            asyncio.get_running_loop().call_soon(self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Cut ``data`` into frames and hand them on (called by asyncio)."""
        self._arrived = self._reader.feed(data)
        if self._next is None:
            self._go_on()

    def _go_on(self) -> None:
        """Take a turn, and read on when all that has arrived is handled."""
        self._next = None
        try:
            wait = self._handle()
        except ProtocolError as error:
            self._error = error
            self.abort()
            return
        if wait is not None:
            self._next = asyncio.get_running_loop().call_later(wait, self._go_on)
        self._hold_or_read()

    def _handle(self) -> float | None:
        """Handle frames; return in how many seconds to go on, None when none is left or reading is paused."""
        if self._share is None:
            return self._handle_until(lambda: False)
        wait = self._share.wait()
        if wait:
            return wait
        turn = self._share.turn()
        try:
            return self._handle_until(turn.over)
        finally:
            turn.end()

    def _handle_until(self, over: Callable[[], bool]) -> float | None:
        while not self._paused:
            frame = next(self._arrived, None)
            if frame is None:
                break
            self._on_frame(frame)
            if over():
                return 0.0
        return None

    def _hold_or_read(self) -> None:
        hold = self._paused or self._next is not None
        if hold != self._held and self._transport is not None and not self._transport.is_closing():
            self._held = hold
            if hold:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell the owner (called by asyncio)."""
        self._rest()
        self._writable.set()
        self._on_closed(self._error)

    def pause_writing(self) -> None:
        """Note that the other side reads slowly (called by asyncio)."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Note that the other side has caught up (called by asyncio)."""
        self._writable.set()

    @property
    def writable(self) -> bool:
        """Whether the other side keeps up."""
        return self._writable.is_set()

    async def drained(self) -> None:
        """Wait until the other side keeps up, or is gone."""
        await self._writable.wait()

    def send(self, kind: Kind, ident: int, value: Any = None, blob: bytes = b"") -> None:
        """Queue one frame; a closed stream swallows it, as its ``on_closed`` has told the owner."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(pack(kind, ident, value, blob))

    def pause_reading(self) -> None:
        """Stop reading and handling: the other side then blocks as it writes on."""
        self._paused = True
        self._hold_or_read()

    def resume_reading(self) -> None:
        """Read again, soon."""
        if self._paused and self._next is None:
            self._next = asyncio.get_running_loop().call_soon(self._go_on)
        self._paused = False

    def close(self) -> None:
        """Close after what is queued has been written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, or as soon as there is something to close."""
        self._aborted = True
        self._rest()
        if self._transport is not None:
            self._transport.abort()

    def _rest(self) -> None:
        """Handle nothing more."""
        self._arrived = iter(())
        if self._next is not None:
            self._next.cancel()
