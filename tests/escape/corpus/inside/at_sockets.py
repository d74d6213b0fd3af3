"""Words for attempts at sockets."""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
from typing import Any

from src.calls import T, c


def pair() -> int:
    """One end of a pair of stream sockets, which plugins may have."""
    ends = (ctypes.c_int * 2)()
    c("socketpair", 1, 1, 0, ends)
    return ends[0]


def socket_pair(kind: int) -> int:
    return c("socketpair", 1, kind, 0, (ctypes.c_int * 2)())


def address(host: str = "127.0.0.1", port: int = 0) -> bytes:
    """A sockaddr_in, of the port that listens unless another is named."""
    return struct.pack("=H", 2) + struct.pack("!H", port or T["port"]) + socket.inet_aton(host) + bytes(8)


def address_in_v6(host: str = "::ffff:127.0.0.1", port: int = 0) -> bytes:
    """The same in a sockaddr_in6."""
    there = socket.inet_pton(socket.AF_INET6, host)
    return struct.pack("=H", 10) + struct.pack("!HI", port or T["port"], 0) + there + bytes(4)


def message(name: bytes) -> Any:
    """A struct msghdr with a destination and no content."""
    held = ctypes.create_string_buffer(name)
    header = (ctypes.c_uint64 * 8)(ctypes.addressof(held), len(name), 0, 0, 0, 0, 0, 0)
    header.held = held  # type: ignore[attr-defined]  # keeps the buffer alive
    return header


def gone() -> None:
    """What follows a name that has no address here."""
    raise OSError(errno.EACCES, "no address")


def tcp(family: int = 2) -> int:
    """A TCP socket, which plugins may have."""
    return c("socket", family, 1, 0)


def spoken_to(path: str) -> int:
    """Connect to a socket that is a file."""
    return c("connect", c("socket", 1, 1, 0), b"\1\0" + path.encode() + b"\0", len(path) + 3)
