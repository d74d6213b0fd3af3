"""A dashboard's connection to the server: many calls at a time, some of which go on and on."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from typing import TYPE_CHECKING, Any, Self

from yesman import __version__
from yesman.model.errors import PlatformError, VerificationError, YesmanError
from yesman.runtime.framing import FrameConnection
from yesman.transports import give
from yesman.wire.credentials import peer
from yesman.wire.frames import Frame, Kind
from yesman.wire.handshake import SPOKEN, agreed, greeting, spoken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from yesman.wire.frames import ProtocolError


class Client:
    """The connection; :meth:`open` makes one.

    Attributes:
        lost: Resolves when the server has gone.
    """

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._greeted = asyncio.Event()
        self._protocol = FrameConnection(self._on_frame, self._on_closed)
        self._calls: dict[int, asyncio.Queue[Frame | None]] = {}
        self._last = 0

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Connect to the server whose socket is ``path``.

        Raises:
            PlatformError: None answers there.
            VerificationError: Another user's does.
        """
        client = cls()
        try:
            await give(_dialled(path), client._protocol)
            client._protocol.send(Kind.HELLO, 0, greeting(SPOKEN))
            async with asyncio.timeout(10):
                await client._greeted.wait()
        except (OSError, TimeoutError) as error:
            client.close()
            raise PlatformError("The server does not answer", "Start it: yesman server start") from error
        return client

    def close(self) -> None:
        """End the connection, and with it whatever it has asked for."""
        self._protocol.close()

    async def call(self, method: str, **params: Any) -> Any:
        """Make a call and return its value.

        Raises:
            YesmanError: As the server tells.
        """
        async for frame in self._frames(method, params):
            if frame.kind is Kind.RESULT:
                return json.loads(frame.blob or frame.body)
        raise _gone()

    async def data(self, method: str, **params: Any) -> bytes:
        """Make a call and return the bytes that it prints or returns; raises as :meth:`call`."""
        return b"".join([frame.blob async for frame in self._frames(method, params)])

    async def text(self, method: str, **params: Any) -> str:
        """As :meth:`data`, of text."""
        return (await self.data(method, **params)).decode(errors="replace")

    async def output(self, method: str, **params: Any) -> AsyncIterator[bytes]:
        """Make a call and yield what it prints, piece by piece, until it ends; raises as :meth:`call`."""
        async for frame in self._frames(method, params):
            if frame.kind is Kind.OUTPUT:
                yield frame.blob

    async def lines(self, method: str, **params: Any) -> AsyncIterator[Any]:
        """Make a call and yield each line of JSON that it prints, until it ends; raises as :meth:`call`."""
        async for piece in self.output(method, **params):
            for line in piece.splitlines():
                yield json.loads(line)

    async def _frames(self, method: str, params: dict[str, Any]) -> AsyncIterator[Frame]:
        """Make a call and yield what comes of it; whoever stops early cancels it."""
        if self.lost.done():
            raise _gone()
        self._last += 1
        ident, arrived = self._last, asyncio.Queue[Frame | None]()
        self._calls[ident] = arrived
        self._protocol.send(Kind.CALL, ident, {"method": method, "params": params})
        ended = False
        try:
            while not ended:
                frame = await arrived.get()
                ended = frame is None or frame.kind in {Kind.RESULT, Kind.FAILURE}
                if frame is None:
                    raise _gone()
                if frame.kind is Kind.FAILURE:
                    body = json.loads(frame.body)
                    raise YesmanError(str(body.get("message")), str(body.get("next_step") or ""))
                yield frame
        finally:
            del self._calls[ident]
            if not ended:
                self._protocol.send(Kind.CANCEL, ident)

    def _on_frame(self, frame: Frame) -> None:
        if frame.kind is Kind.HELLO:
            hello = json.loads(frame.body)
            theirs = spoken(hello["protocol"], hello.get("oldest", hello["protocol"]))
            agreed(SPOKEN, theirs, "the server", str(hello.get("version", __version__)))
            self._greeted.set()
        elif frame.kind is Kind.CALL:  # it asks for input, which a dashboard gives by other means
            self._protocol.send(Kind.FAILURE, frame.id, {"kind": "usage", "message": "nobody answers here"})
        elif frame.id in self._calls:
            self._calls[frame.id].put_nowait(frame)

    def _on_closed(self, _strike: ProtocolError | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
        for arrived in self._calls.values():
            arrived.put_nowait(None)


def _dialled(path: Path) -> socket.socket:
    """Return a connection to the server at ``path``, which must be the user's own.

    Raises:
        OSError: None listens there.
        VerificationError: It is somebody else's.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(str(path))
        uid = peer(sock).uid
    except OSError:
        sock.close()
        raise
    if uid != os.getuid():
        sock.close()
        message = f"{path} is served by the user with number {uid}, not by you"
        raise VerificationError(message, "Set YESMAN_HOME to a folder of your own")
    return sock


def _gone() -> PlatformError:
    return PlatformError("The server has ended", "Start it: yesman server start")
