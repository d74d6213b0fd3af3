"""Gives connected sockets to the event loop, once and for all.

uvloop opens a socket's descriptor at once and takes over the socket object a turn of the loop later. Whoever
closes the object in between, or is cancelled, closes a number under the loop: libuv then aborts the process
(``uv__io_poll``: what is watched is open no more), or the number is somebody else's by then.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import BaseProtocol, BaseTransport


async def give(sock: socket.socket, protocol: BaseProtocol) -> socket.socket:
    """Have ``protocol`` served with what comes by ``sock``, also when whoever calls this is cancelled.

    Args:
        sock: Connected. Has no descriptor any more on return, so that closing it does no harm.
        protocol: Told of its transport, which owns the descriptor.

    Returns:
        The transport's own socket, to be closed when the loop may end before the transport gets round to it.
    """
    loop = asyncio.get_running_loop()
    own = socket.socket(fileno=sock.detach())
    own.setblocking(False)
    making = asyncio.ensure_future(loop.create_connection(lambda: protocol, sock=own))
    making.add_done_callback(partial(_settle, own))
    await asyncio.shield(making)
    return own


def _settle(own: socket.socket, making: asyncio.Future[tuple[BaseTransport, Any]]) -> None:
    """Let go of a descriptor that the loop closes itself, because it did not come to a transport."""
    if making.cancelled() or making.exception() is not None:
        own.detach()
