"""A server's end of the socket, played by a thread of the test."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from yesman import __version__
from yesman.cli.client import Connection, body_of
from yesman.model.home import Home
from yesman.wire.frames import PROTOCOL_VERSION, Frame, FrameReader, Kind, pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GREETING = {"protocol": PROTOCOL_VERSION, "version": __version__, "pid": 1}


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._reader = FrameReader()
        self._frames: list[Frame] = []

    def send(self, kind: Kind, ident: int, value: object = None, blob: bytes = b"") -> None:
        self.socket.sendall(pack(kind, ident, value, blob))

    def next(self) -> tuple[Kind, int, dict[str, object], bytes]:
        while not self._frames:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError
            self._frames += self._reader.feed(data)
        frame = self._frames.pop(0)
        return frame.kind, frame.id, body_of(frame), frame.blob


@pytest.fixture
def played() -> Iterator[Callable[[Callable[[Peer], object]], Connection]]:
    """Return a function that connects to a server which does what the given function says."""
    threads = []

    def start(script: Callable[[Peer], object], *, greeted: bool = True) -> Connection:
        ours, theirs = socket.socketpair()

        def play() -> None:
            with theirs:
                peer = Peer(theirs)
                if greeted:
                    peer.send(Kind.HELLO, 0, GREETING)
                    peer.next()
                script(peer)

        threads.append(threading.Thread(target=play))
        threads[-1].start()
        connection = Connection(ours, Home.of(os.environ).logs / "server.log")
        if greeted:
            connection.greet()
        return connection

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
