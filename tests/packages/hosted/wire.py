"""One connection to a server, and what comes of a call."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
from typing import TYPE_CHECKING, Any

from yesman.wire.frames import Frame, FrameReader, Kind, pack

if TYPE_CHECKING:
    from pathlib import Path

HELLO = pack(Kind.HELLO, 0, {"protocol": 1, "version": "test", "pid": os.getpid()})


@dataclasses.dataclass
class Answer:
    """What one call came to: a value or a failure, and what was printed on the way."""

    value: Any = None
    failure: dict[str, Any] | None = None
    out: str = ""
    err: str = ""
    progress: str = ""


class Wire:
    """One connection to a server."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._socket.sendall(HELLO)
        self._frames: list[Frame] = []
        self._reader = FrameReader()

    def send(self, method: str, **params: Any) -> None:
        self._socket.sendall(pack(Kind.CALL, 1, {"method": method, "params": params}))

    def next(self) -> Frame | None:
        """Return the next frame; None when the server is gone."""
        while not self._frames:
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                return None
            if not data:
                return None
            self._frames += [f for f in self._reader.feed(data) if f.kind is not Kind.HELLO]
        return self._frames.pop(0)

    def answer(self) -> Answer:
        """Read until the call is answered, or the server is gone (then neither value nor failure)."""
        answer = Answer()
        while (frame := self.next()) is not None:
            if frame.kind is Kind.OUTPUT:
                stream = {"out": "out", "err": "err"}.get(json.loads(frame.body)["stream"], "progress")
                setattr(answer, stream, getattr(answer, stream) + frame.blob.decode())
            elif frame.kind is Kind.CALL:
                self._socket.sendall(pack(Kind.RESULT, frame.id, None, b""))
            elif frame.kind is Kind.RESULT:
                answer.value = json.loads(frame.blob or frame.body)
                break
            elif frame.kind is Kind.FAILURE:
                answer.failure = json.loads(frame.body)
                break
        return answer

    def close(self) -> None:
        self._socket.close()
