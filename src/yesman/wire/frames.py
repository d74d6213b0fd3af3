"""Length-prefixed frames: one format for plugin lanes and for the command line's socket.

A frame is a 16-byte header, a JSON body and an optional binary part, so that bytes are
never base64::

    kind: u8 | 3 zero bytes | id: u32 | body length: u32 | blob length: u32 | body | blob

Invariants: a length is checked against :data:`LIMITS` before anything is allocated for
it; a header with an unknown kind or non-zero padding is a :class:`ProtocolError`; whoever
raised one must not go on reading that stream.
"""

from __future__ import annotations

import enum
import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PROTOCOL_VERSION = 1
"""Raised by one whenever a frame or message changes incompatibly; see :mod:`yesman.wire.handshake`."""

HEADER = struct.Struct("!B3sIII")


class Kind(enum.IntEnum):
    """What a frame is. Direction and meaning stand in ``docs/reference/protocol.md``."""

    HELLO = 1
    CALL = 2
    STARTED = 3
    RESULT = 4
    FAILURE = 5
    CANCEL = 6
    EVENT = 7  # reserved: events are calls, because the host waits for their handlers
    OUTPUT = 8
    LOG = 9
    REFUSED = 10


class Frame(NamedTuple):
    """One frame as it stood on the wire; ``body`` is still undecoded JSON."""

    kind: Kind
    id: int
    body: bytes
    blob: bytes = b""


class FrameLimits(NamedTuple):
    """Sizes in bytes that a peer may claim in a header."""

    body: int = 256 * 1024
    blob: int = 4 * 1024 * 1024


LIMITS = FrameLimits()


class ProtocolError(Exception):
    """The other side broke the protocol; the stream cannot be trusted any further."""


class UnserialisableError(ValueError):
    """A value cannot be sent as JSON data; the sender's own fault, found before sending."""


def encode(value: Any) -> bytes:
    """Return ``value`` as compact UTF-8 JSON.

    Raises:
        UnserialisableError: For NaN, infinities, lone surrogates, circular or too deep
            values and every type that JSON does not have. The standard encoder would emit
            the first three and the reader would have to call them an attack.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UnserialisableError(f"not plain JSON data: {error}") from error


def pack(kind: Kind, ident: int, value: Any = None, blob: bytes = b"") -> bytes:
    """Return the bytes of one frame.

    Raises:
        UnserialisableError: When ``value`` is not JSON data or a part is too large.
    """
    body = encode(value)
    if len(body) > LIMITS.body or len(blob) > LIMITS.blob:
        raise UnserialisableError(
            f"too large: {len(body)} bytes of JSON (at most {LIMITS.body}) "
            f"and {len(blob)} bytes of data (at most {LIMITS.blob})"
        )
    return HEADER.pack(kind, b"\0\0\0", ident, len(body), len(blob)) + body + blob


def parse_header(header: bytes) -> tuple[Kind, int, int, int]:
    """Return kind, id, body length and blob length of a 16-byte header.

    Raises:
        ProtocolError: For an unknown kind, non-zero padding or a length over the limits.
    """
    number, padding, ident, body, blob = HEADER.unpack(header)
    if padding != b"\0\0\0":
        raise ProtocolError("frame header padding is not zero")
    try:
        kind = Kind(number)
    except ValueError:
        raise ProtocolError(f"unknown frame kind {number}") from None
    if body > LIMITS.body or blob > LIMITS.blob:
        raise ProtocolError(f"frame claims {body} + {blob} bytes, more than allowed")
    return kind, ident, body, blob


class FrameReader:
    """Turns a byte stream into frames, whatever pieces it arrives in."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Add ``data`` at once, and yield every frame that is whole when it is asked for.

        Raises:
            ProtocolError: See :func:`parse_header`. At most one incomplete frame is kept,
                and its header was checked before its parts were waited for.
        """
        self._buffer += data
        return self._whole()

    def _whole(self) -> Iterator[Frame]:
        while len(self._buffer) >= HEADER.size:
            kind, ident, body, blob = parse_header(bytes(self._buffer[: HEADER.size]))
            middle, end = HEADER.size + body, HEADER.size + body + blob
            if len(self._buffer) < end:
                return
            frame = Frame(
                kind, ident, bytes(self._buffer[HEADER.size : middle]), bytes(self._buffer[middle:end])
            )
            del self._buffer[:end]
            yield frame
