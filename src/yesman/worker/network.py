"""Inside the plugin: names are resolved by the host, and a refused connection says what is missing.

Only an explanation and a convenience: code that goes around it meets the connect broker all
the same. Replaces functions of ``_socket`` and ``socket``, so that every Python library is served.
"""

from __future__ import annotations

import _socket
import socket
from typing import TYPE_CHECKING, Any

from yesman.worker.denials import Denied

if TYPE_CHECKING:
    from yesman.worker.lanes import UpLane

_STREAM_TYPES = (0, socket.SOCK_STREAM)


def install(up: UpLane) -> None:
    """Route name look-ups and refusals of this process through ``up``."""
    names = _Names(up)
    for module in (_socket, socket):
        module.gethostbyname = names.gethostbyname  # type: ignore[attr-defined]  # both have it
        module.gethostbyname_ex = names.gethostbyname_ex  # type: ignore[attr-defined]  # same
    _socket.getaddrinfo = names.getaddrinfo  # type: ignore[assignment]  # what socket.getaddrinfo calls
    socket.socket.connect = _explained(up)  # type: ignore[method-assign]  # subclasses (ssl) go through it


class _Names:
    def __init__(self, up: UpLane) -> None:
        self._up = up

    def getaddrinfo(
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
            addresses = self._resolve(_text(host), family, flags)
        return [
            row
            for text in addresses
            if (row := _row(text, number, _text(host) if flags & socket.AI_CANONNAME else "")) and family in (0, row[0])
        ]

    def gethostbyname(self, name: str) -> str:
        """As ``socket.gethostbyname``."""
        return self._resolve(_text(name), socket.AF_INET, 0)[0]

    def gethostbyname_ex(self, name: str) -> tuple[str, list[str], list[str]]:
        """As ``socket.gethostbyname_ex``."""
        return _text(name), [], self._resolve(_text(name), socket.AF_INET, 0)

    def _resolve(self, host: str, family: int, flags: int) -> list[str]:
        if _is_address(host):
            return [host]
        if flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not an address")
        try:
            addresses: list[str] = self._up.call("net.resolve", host=host, family=family)
        except LookupError as error:
            raise socket.gaierror(socket.EAI_NONAME, str(error)) from None
        return addresses


def _explained(up: UpLane) -> Any:
    original = _socket.socket.connect

    def connect(self: socket.socket, address: Any, /) -> None:
        try:
            original(self, address)
        except PermissionError as error:
            denial = up.call("net.denial")
            if denial is None:
                raise
            raise Denied(denial["message"], denial["permission"]) from error

    return connect


def _row(text: str, port: int, canonical: str) -> tuple[Any, ...]:
    six = ":" in text
    family = socket.AF_INET6 if six else socket.AF_INET
    address = (text.partition("%")[0], port, 0, 0) if six else (text, port)
    return (int(family), int(socket.SOCK_STREAM), socket.IPPROTO_TCP, canonical, address)


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])
        except OSError:
            continue
        return True
    return False


def _is_name(port: object) -> bool:
    return isinstance(port, str | bytes) and not _text(port).isdigit()


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")
