"""Plugins with grants, a book of names, and a dialer that leads public addresses to listeners of ours.

The dialer and the resolver go in by constructor, which is the only way there is. What is
judged stays the public name and address; the connection ends on loopback.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from yesman.model.network import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = "93.184.216.34"
NOWHERE = Target(ipaddress.ip_address("127.0.0.1"), 1)


TOP = '''
import ctypes, errno, os, socket, struct, threading

LIBC = ctypes.CDLL(None, use_errno=True)

def attempt(act, *arguments):
    """Return what ``act`` returned, or the error's name."""
    try:
        return act(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)

def inet(address, port, family=2):
    return struct.pack("=H", family) + struct.pack("!H4s", port, socket.inet_aton(address)) + bytes(8)

def inet6(address, port, zone=0):
    packed = socket.inet_pton(socket.AF_INET6, address)
    return struct.pack("=H", 10) + struct.pack("!HI16s", port, 0, packed) + struct.pack("=I", zone)

def raw(sockaddr, length=None, family=2, number=None):
    """Connect without Python's socket module; returns "connected" or the errno's name."""
    own = LIBC.socket(family, 1, 0) if number is None else number
    try:
        size = len(sockaddr) if length is None else length
        if LIBC.connect(own, sockaddr, size) == 0:
            return "connected"
        return errno.errorcode[ctypes.get_errno()]
    finally:
        if number is None:
            LIBC.close(own)

def greeting(host, port, timeout=10):
    with socket.create_connection((host, port), timeout) as connection:
        return connection.recv(5).decode()
'''
"""What every plugin of these tests begins with."""


class Book:
    """A resolver: each name has answers that are given one after the other, the last for ever."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def add(self, name: str, *answers: str) -> None:
        """Each answer is addresses with a space between."""
        self.names[name] = [answer.split() for answer in answers]

    async def resolve(self, host: str, family: int) -> list[str]:
        self.asked.append(host)
        answers = self.names.get(host.lower())
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "not in the book")
        now = answers.pop(0) if len(answers) > 1 else answers[0]
        found = [text for text in now if family in (0, socket.AF_INET6 if ":" in text else socket.AF_INET)]
        if not found:
            raise socket.gaierror(socket.EAI_NODATA, "no address of this family")
        return found


class Leads:
    """A dialer: loopback is reached as it is, anything else only where it was told, else nowhere."""

    def __init__(self) -> None:
        self.table: dict[tuple[str, int], int] = {}
        self.routed: list[str] = []

    def lead(self, address: str, port: int, listener: Listener) -> None:
        self.table[address, port] = listener.port

    def route(self, target: Target) -> Target:
        self.routed.append(str(target))
        if target.address.is_loopback:
            return target
        port = self.table.get((str(target.address), target.port))
        return NOWHERE if port is None else Target(NOWHERE.address, port)


class Listener:
    """A loopback listener that greets, and counts whom it greeted."""

    def __init__(self, host: str = "127.0.0.1", greeting: bytes = b"hello") -> None:
        self._server = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
        self.port: int = self._server.getsockname()[1]
        self.greeted = 0
        self._greeting = greeting
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self.greeted += 1
                with client, contextlib.suppress(OSError):
                    client.sendall(self._greeting)

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()


class Net:
    """The rig's ``run`` with a network around it."""

    top = TOP

    def __init__(self, rig: Any) -> None:
        self.rig = rig
        self.book, self.leads = Book(), Leads()
        self._listeners: list[Listener] = []
        rig.resolver, rig.dialer = self.book, self.leads

    def listener(self, host: str = "127.0.0.1", greeting: bytes = b"hello") -> Listener:
        made = Listener(host, greeting)
        self._listeners.append(made)
        return made

    def public(self, name: str, port: int, address: str = PUBLIC) -> Listener:
        """Return a listener that ``name`` leads to, by way of a public address."""
        made = self.listener()
        self.book.add(name, address)
        self.leads.lead(address, port, made)
        return made

    async def run(self, body: str, *grants: str, top: str = "", **more: Any) -> Any:
        return await self.rig.run(body, *grants, top=TOP + top, **more)

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()


@pytest.fixture
def net(rig: Any) -> Iterator[Net]:
    made = Net(rig)
    yield made
    made.close()
