"""``yesman dashboard``: one process, from its port to its end."""

from __future__ import annotations

import asyncio
import errno
import logging
import secrets
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import uvloop

from yesman.dashboard.web.access import Access, Password
from yesman.dashboard.web.app import application, parts_of
from yesman.dashboard.web.gate import WAY_IN
from yesman.model.errors import PlatformError
from yesman.model.readied import make_ready
from yesman.web.listening import answers, end, reserved, server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER_SECONDS: Final = 10.0
STOP_SECONDS: Final = 2.0
"""For streams to end when the dashboard does."""


class Place(NamedTuple):
    """Where a dashboard listens and how it is reached.

    Attributes:
        host: To listen at.
        port: To listen at; 0 for any.
        url: Its own, as browsers say it; "" for a name of its own on this machine.
        tls: Certificate and key, PEM files.
        password: Lets in besides links, if it is not "".
    """

    host: str
    port: int
    url: str = ""
    tls: tuple[Path, Path] | None = None
    password: str = ""


def run(server_socket: Path, place: Place, tell: Callable[[str], None]) -> NoReturn:
    """Serve the dashboard until a signal says otherwise, and end the process.

    Args:
        server_socket: Of the home's server.
        place: Where.
        tell: Called with a link that lets in, when it can be followed, and with another whenever somebody
            presses Enter in this terminal.

    Raises:
        YesmanError: It could not be started.
    """
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", level=logging.WARNING)
    held = reserved(place.host, place.port)  # nobody else gets it before granian has it
    place = place._replace(port=int(held.getsockname()[1]))
    other = None if place.url else _kept_free(place.port)  # noqa: F841 - held until the process ends
    uvloop.run(_serve(server_socket, place, tell))
    end()


async def _serve(server_socket: Path, place: Place, tell: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    origin = place.url or own_origin(place.port)
    access = Access(Password(place.password) if place.password else None)
    parts = parts_of(server_socket, origin, access)
    web = server(application(parts), place.host, place.port, HEADER_SECONDS, place.tls)
    make_ready()
    running = asyncio.ensure_future(web.serve())

    def invite() -> None:
        tell(f"{origin}{WAY_IN}?key={access.invite()}")

    await answers(place.host, place.port)
    invite()
    if sys.stdin is not None and sys.stdin.isatty():
        loop.add_reader(sys.stdin.fileno(), _on_enter, invite, stopped)
    await asyncio.wait({running, asyncio.ensure_future(stopped.wait())}, return_when=asyncio.FIRST_COMPLETED)
    web.stop()
    parts.link.close()
    await asyncio.wait({running}, timeout=STOP_SECONDS)


def _on_enter(invite: Callable[[], None], stopped: asyncio.Event) -> None:
    """Make another link; at the end of the input there is nobody to make one for."""
    if sys.stdin.readline():
        invite()
    else:
        stopped.set()


def _kept_free(port: int) -> socket.socket | None:
    """Return what keeps everybody from ``[::1]`` at our port, to which ``localhost`` leads as well.

    Raises:
        PlatformError: Somebody has it: a browser might ask them instead of us.
    """
    if not socket.has_ipv6:
        return None
    kept = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        kept.bind(("::1", port))
    except OSError as error:
        kept.close()
        if error.errno == errno.EADDRNOTAVAIL:  # this machine has no such address
            return None
        message = f"Somebody else has port {port} of this machine: {error.strerror}"
        raise PlatformError(message, "Choose another: --listen 127.0.0.1:PORT") from error
    return kept


def own_origin(port: int) -> str:
    """Return an origin that only who was told can name.

    Browsers send a cookie to every port of a host, so on ``127.0.0.1`` another user's server would get ours.
    A name below ``localhost`` leads to this machine without being asked for anywhere (RFC 6761, 6.3).
    """
    return f"http://yesman-{secrets.token_hex(8)}.localhost:{port}"
