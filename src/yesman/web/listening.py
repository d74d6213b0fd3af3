"""Listening for HTTP: a port of one's own, the server on it, and the end of its process."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from pathlib import Path

_BUFFER: Final = 64 * 1024
"""Bytes of a request's headers."""


def reserved(host: str, port: int) -> socket.socket:
    """Return a socket that has ``port``, or one that is free where it is 0: only granian may share it.

    Raises:
        PlatformError: Somebody listens there; granian would share the port with them as well.
    """
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind((host, port))
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        place.close()
        raise PlatformError(
            f"{host}:{port} cannot be listened at: {error.strerror}", "Choose another: --listen HOST:PORT"
        ) from error
    return place


def server(
    application: Any, host: str, port: int, header_seconds: float, tls: tuple[Path, Path] | None = None
) -> Any:
    """Return the HTTP server, in this process and this loop; HTTP/1.1, its slow clients bounded.

    Args:
        application: For ASGI.
        host: To listen at.
        port: Likewise, one that is :func:`reserved`.
        header_seconds: For a request's headers, from its first byte.
        tls: Certificate and key, PEM files.
    """
    headers = HTTP1Settings(header_read_timeout=int(header_seconds * 1000), max_buffer_size=_BUFFER)
    return Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=headers,
        websockets=False,
        log_enabled=False,
        backlog=1024,
        ssl_cert=tls[0] if tls else None,
        ssl_key=tls[1] if tls else None,
    )


async def answers(host: str, port: int) -> None:
    """Wait until the socket takes connections."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


def end(code: int = 0) -> NoReturn:
    """End the process, now that everything is written.

    Going on to the interpreter's end makes granian's threads, which outlive an embedded server, panic
    (granian #693).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
