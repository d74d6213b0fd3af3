"""Who is at the other end of a socket, as the kernel has it. Standard library only."""

from __future__ import annotations

import socket
import struct
from typing import Final, NamedTuple

_UCRED: Final = struct.Struct("3i")  # struct ucred of unix(7)


class Peer(NamedTuple):
    """The process that connected or listened, when it did."""

    pid: int
    uid: int


def peer(sock: socket.socket) -> Peer:
    """Return who is at the other end of a connected Unix socket (SO_PEERCRED of unix(7))."""
    pid, uid, _ = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(pid, uid)
