"""Inside the plugin: names are resolved by the host, and a refused connection says what is missing.

Only an explanation and a convenience: code that goes around it meets the connect broker all
the same. Replaces functions of ``_socket`` and ``socket``, so that every Python library is served.
``connect_ex`` stays as it is, because it answers with a number by contract; when a handler fails
for it, the host knows why (``LivePlugin``) and names the permission to whoever called.
"""

from __future__ import annotations

import _socket
import re
import socket
import threading
from typing import TYPE_CHECKING, Any

from yesman.worker.denials import Denied

if TYPE_CHECKING:
    from yesman.worker.lanes import UpLane

_STREAM_TYPES = (0, socket.SOCK_STREAM)
_NUMBERS = re.compile(r"[0-9A-Fa-fxX.]+")


def install(up: UpLane) -> None:
    """Route name look-ups and refusals of this process through ``up``."""
    names = _Names(up)
    for module in (_socket, socket):
        module.gethostbyname = names.gethostbyname  # type: ignore[attr-defined]  # both have it
        module.gethostbyname_ex = names.gethostbyname_ex  # type: ignore[attr-defined]  # same
    _socket.getaddrinfo = names.getaddrinfo  # what socket.getaddrinfo calls
    socket.socket.connect = _explained(up)  # type: ignore[method-assign]  # subclasses (ssl) go through it


class _Names:
    def __init__(self, up: UpLane) -> None:
        self._up = up

    def getaddrinfo(  # noqa: PLR0917 - the standard library's
        self,
        host: str | bytes | None,
        port: str | bytes | int | None,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the standard library's name
        proto: int = 0,
        flags: int = 0,
    ) -> list[tuple[Any, ...]]:
        """As ``socket.getaddrinfo``, for TCP: there is nothing else to connect with."""
        if type not in _STREAM_TYPES or proto not in (0, socket.IPPROTO_TCP):
            raise socket.gaierror(socket.EAI_SOCKTYPE, "only TCP is available to plugins")
        number = self._up.call("net.port", name=_text(port)) if _is_name(port) else int(port or 0)
        if host is None:
            addresses = ["::", "0.0.0.0"] if flags & socket.AI_PASSIVE else ["::1", "127.0.0.1"]  # noqa: S104 - as the C library
        else:
            addresses = self._resolve(_text(host), family, flags, number)
        canonical = _text(host) if flags & socket.AI_CANONNAME else ""
        rows = [_row(text, number, canonical) for text in addresses]
        fitting = [row for row in rows if family in (0, row[0])]
        if not fitting:
            raise socket.gaierror(socket.EAI_NODATA, f"{_text(host)!r} has no address of this family")
        return fitting

    def gethostbyname(self, name: str) -> str:
        """As ``socket.gethostbyname``."""
        return self._resolve(_text(name), socket.AF_INET, 0)[0]

    def gethostbyname_ex(self, name: str) -> tuple[str, list[str], list[str]]:
        """As ``socket.gethostbyname_ex``."""
        return _text(name), [], self._resolve(_text(name), socket.AF_INET, 0)

    def _resolve(self, host: str, family: int, flags: int, port: int = 0) -> list[str]:
        literal = _literal(host)
        if literal:
            return [literal]
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not an address")
        try:
            addresses: list[str] = self._up.call("net.resolve", host=host, family=family, port=port)
        except LookupError as error:
            raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
        return addresses


def _explained(up: UpLane) -> Any:
    original = _socket.socket.connect

    def connect(self: socket.socket, address: Any, /) -> None:
        try:
            original(self, address)
        except PermissionError as error:
            denial = up.call("net.denial", thread=threading.get_native_id())
            if denial is None:
                raise
            raise Denied(denial["message"], denial["permission"]) from error

    return connect


def _row(text: str, port: int, canonical: str) -> tuple[Any, ...]:
    host, _, zone = text.partition("%")
    six = ":" in host
    family = socket.AF_INET6 if six else socket.AF_INET
    address = (host, port, 0, int(zone or 0)) if six else (host, port)
    return (int(family), int(socket.SOCK_STREAM), socket.IPPROTO_TCP, canonical, address)


def _literal(host: str) -> str:
    """Return ``host`` in plain spelling if it is an address, "" if the host must be asked.

    A zone that is named and not numbered is the host's to translate.
    """
    address, percent, zone = host.partition("%")
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except (OSError, ValueError):
            continue
        return host if not percent or zone.isdigit() else ""
    if _NUMBERS.fullmatch(host):
        try:
            return socket.inet_ntoa(socket.inet_aton(host))  # such as 127.1 and 0x7f000001
        except OSError:
            return ""
    return ""


def _is_name(port: object) -> bool:
    return isinstance(port, str | bytes) and not _text(port).isdigit()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
