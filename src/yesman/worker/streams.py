"""``print`` and ``input`` inside a handler: each call has its own output and input.

The call is found by a context variable, so concurrent handlers never share a stream. Output
goes line by line (or on flush) to the caller's terminal through the host; input is asked for
only when the handler reads, so a handler that never reads leaves the caller's stdin alone.
What is printed outside any call goes to the plugin's log.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, Any

from yesman.wire.frames import Kind
from yesman.worker import warned
from yesman.worker.lanes import CURRENT_CALL, UpLane

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK = 32 * 1024


class _Input(io.RawIOBase):
    """Pulls the caller's stdin through the host, for one call."""

    def __init__(self, up: UpLane, call: int) -> None:
        self._up = up
        self._call = call

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        frame = self._up.request("input.read", {"call": self._call, "size": min(len(view), CHUNK)})
        view[: len(frame.blob)] = frame.blob
        return len(frame.blob)


class CallStreams:
    """The streams of one running call."""

    def __init__(self, up: UpLane, call: int, *, terminal: dict[str, bool]) -> None:
        self.terminal = terminal
        self.input = io.TextIOWrapper(io.BufferedReader(_Input(up, call)), encoding="utf-8", errors="replace")
        self._up = up
        self._call = call
        self._pending = {"out": "", "err": ""}

    def write(self, stream: str, text: str) -> None:
        """Send whole lines now, keep the rest for the next newline or flush."""
        whole, newline, rest = (self._pending[stream] + text).rpartition("\n")
        if len(rest) > CHUNK:
            whole, newline, rest = whole + newline + rest, "", ""
        self._pending[stream] = rest
        self._send(stream, whole + newline)

    def flush(self, stream: str) -> None:
        """Send what is kept back."""
        text, self._pending[stream] = self._pending[stream], ""
        self._send(stream, text)

    def _send(self, stream: str, text: str) -> None:
        data = text.encode(errors="backslashreplace")
        for start in range(0, len(data), CHUNK):
            self._up.send(Kind.OUTPUT, self._call, {"stream": stream}, data[start : start + CHUNK])


class Streams:
    """All calls' streams, and the standard streams of the process that lead to them."""

    def __init__(self, up: UpLane) -> None:
        self._up = up
        self._calls: dict[int, CallStreams] = {}

    def install(self) -> None:
        """Replace ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` for the life of the process."""
        warned.install()
        sys.stdout = sys.__stdout__ = _Writer(self, "out")  # type: ignore[assignment,misc]  # a TextIO by duck
        sys.stderr = sys.__stderr__ = _Writer(self, "err")  # type: ignore[assignment,misc]  # same
        sys.stdin = sys.__stdin__ = _Reader(self)  # type: ignore[assignment,misc]  # same

    def open(self, call: int, terminal: dict[str, bool]) -> CallStreams:
        """Give call ``call`` its streams."""
        streams = self._calls[call] = CallStreams(self._up, call, terminal=terminal)
        return streams

    def close(self, call: int) -> None:
        """Flush and forget the streams of ``call``."""
        streams = self._calls.pop(call)
        streams.flush("out")
        streams.flush("err")

    def current(self) -> CallStreams | None:
        """Return the streams of the call that is running here, if any."""
        return self._calls.get(CURRENT_CALL.get())


class _Writer(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr``: routes by call, else to the process's log pipe."""

    def __init__(self, streams: Streams, name: str) -> None:
        self._streams = streams
        self._name = name

    encoding = "utf-8"
    errors = "backslashreplace"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        streams = self._streams.current()
        return bool(streams and streams.terminal.get(self._name))

    def write(self, text: str) -> int:
        streams = self._streams.current()
        if streams is None:
            os.write(2, text.encode(errors="backslashreplace")[:CHUNK])
        else:
            streams.write(self._name, text)
        return len(text)

    @property
    def buffer(self) -> io.BufferedWriter:
        """The binary side, as programs that print bytes expect; it keeps nothing back."""
        return io.BufferedWriter(_Bytes(self), buffer_size=1)

    def flush(self) -> None:
        streams = self._streams.current()
        if streams is not None:
            streams.flush(self._name)


class _Bytes(io.RawIOBase):
    """Bytes written to a standard stream: text in UTF-8, as everything printed is."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        view = memoryview(data).cast("B")
        self._writer.write(bytes(view).decode(errors="replace"))
        return len(view)


class _Reader(io.TextIOBase):
    """``sys.stdin``: the running call's input; empty outside a call."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, streams: Streams) -> None:
        self._streams = streams

    def readable(self) -> bool:
        return True

    def isatty(self) -> bool:
        streams = self._streams.current()
        return bool(streams and streams.terminal.get("in"))

    @property
    def buffer(self) -> Any:
        """The binary side, as programs that read bytes expect."""
        return self._source().buffer

    def read(self, size: int | None = -1) -> str:
        return self._source().read(size)

    def readline(self, size: int = -1) -> str:  # type: ignore[override]  # TextIOBase's stub names it oddly
        return self._source().readline(size)

    def _source(self) -> io.TextIOWrapper:
        streams = self._streams.current()
        return streams.input if streams else io.TextIOWrapper(io.BytesIO(b""))
