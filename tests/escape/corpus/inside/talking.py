"""Words for attempts at the host: frames, calls of services, results."""

from __future__ import annotations

import os
import signal
import struct
from typing import Any

from src.calls import T


def framed(kind: int, ident: int, body: bytes, blob: bytes = b"") -> bytes:
    """A frame of the protocol, honest or not."""
    return struct.pack("!B3xIII", kind, ident, len(body), len(blob)) + body + blob


def said(*frames: bytes) -> None:
    """Write to the lane on which the host listens, and wait for what comes of it."""
    for frame in frames:
        rest = memoryview(frame)
        while rest:
            rest = rest[os.write(4, rest) :]
    signal.pause()


def called(method: str, **params: Any) -> Any:
    """Call a service of the host by its name on the wire."""
    return T["context"].session_manager._transport.call(method, **params)


RETURNED: list[Any] = []
"""What is to be returned to the host instead of an answer."""


class Runs:
    """Unpickled, it makes a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return open, (self._path, "w")


def returned(value: Any) -> None:
    """Return ``value`` to the host instead of an answer."""
    RETURNED.append(value)
