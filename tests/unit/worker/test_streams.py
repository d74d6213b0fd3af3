"""What is printed goes to its own call, line by line, and nothing is lost or torn."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from yesman.wire.frames import Frame, FrameReader, Kind
from yesman.worker.lanes import CURRENT_CALL, UpLane
from yesman.worker.shield import Shield
from yesman.worker.streams import CHUNK, Streams, _Writer

if TYPE_CHECKING:
    from collections.abc import Iterator


class Host:
    """The other end of an up lane: collects what arrives."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._reader = FrameReader()

    def frames(self) -> list[Frame]:
        found: list[Frame] = []
        while True:
            try:
                found += self._reader.feed(self._end.recv(1 << 20, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return found

    def texts(self) -> list[bytes]:
        return [frame.blob for frame in self.frames()]


@pytest.fixture
def host_and_streams() -> Iterator[tuple[Host, Streams]]:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    up = UpLane(theirs.detach(), Shield())
    token = CURRENT_CALL.set(0)
    try:
        yield Host(ours), Streams(up)
    finally:
        CURRENT_CALL.reset(token)
        ours.close()
        up._socket.close()


def test_whole_lines_are_sent_and_the_rest_waits(host_and_streams):
    host, streams = host_and_streams
    call = streams.open(7, {})
    call.write("out", "one\ntwo\nthr")
    assert host.texts() == [b"one\ntwo\n"]
    call.write("out", "ee\n")
    assert host.texts() == [b"three\n"]


def test_flush_and_close_send_what_waits(host_and_streams):
    host, streams = host_and_streams
    streams.open(7, {}).write("out", "a")
    streams._calls[7].flush("out")
    streams._calls[7].write("err", "b")
    streams.close(7)
    assert host.texts() == [b"a", b"b"]


def test_the_two_streams_wait_apart(host_and_streams):
    host, streams = host_and_streams
    call = streams.open(7, {})
    call.write("out", "x")
    call.write("err", "y\n")
    (frame,) = host.frames()
    assert (frame.kind, frame.id, frame.body, frame.blob) == (Kind.OUTPUT, 7, b'{"stream":"err"}', b"y\n")


def test_a_line_without_end_is_sent_in_pieces(host_and_streams):
    host, streams = host_and_streams
    streams.open(7, {}).write("out", "x" * (CHUNK * 2 + 5))
    texts = host.texts()
    assert [len(text) for text in texts] == [CHUNK, CHUNK, 5]


def test_print_goes_to_the_call_that_is_running(host_and_streams):
    host, streams = host_and_streams
    streams.open(1, {})
    streams.open(2, {})
    for call in (2, 1):
        CURRENT_CALL.set(call)
        print("hello", call, file=_Writer(streams, "out"))
    assert [(frame.id, frame.blob) for frame in host.frames()] == [(2, b"hello 2\n"), (1, b"hello 1\n")]


def test_bytes_may_be_printed_as_well(host_and_streams):
    host, streams = host_and_streams
    streams.open(1, {})
    CURRENT_CALL.set(1)
    writer = _Writer(streams, "out")
    writer.buffer.write(b"caf\xc3\xa9\n")
    writer.buffer.flush()
    assert host.texts() == ["café\n".encode()]


def test_what_utf_8_cannot_say_is_escaped(host_and_streams):
    host, streams = host_and_streams
    streams.open(1, {}).write("out", "\ud800\n")
    assert host.texts() == [b"\\ud800\n"]


def test_a_stream_is_a_terminal_only_if_the_callers_is(host_and_streams):
    _, streams = host_and_streams
    streams.open(1, {"out": True})
    writer = _Writer(streams, "out")
    assert not writer.isatty()
    CURRENT_CALL.set(1)
    assert writer.isatty()
