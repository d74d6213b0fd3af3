"""Names for plugins: the host resolves, and remembers which address it said a name has.

A scoped grant names a host, a connection names an address. Only what the host itself resolved for
this very plugin ties the two together, and only for a while, so a plugin cannot claim that an
address belongs to a granted name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from yesman.model.network import canonical, host_key

if TYPE_CHECKING:
    from yesman.model.network import Address

PIN_SECONDS = 600.0
"""How long an address counts for a name after it was resolved; connection pools reconnect within it."""
MAX_PINS = 4_096
MAX_ADDRESSES = 64
RESOLVER_THREADS = 16
_HOST = re.compile(
    r"[A-Za-z0-9._-]{1,253}(?:%[A-Za-z0-9._-]{1,15})?|[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,15})?"
)


class Resolver(Protocol):
    """Turns a name into addresses (the test kit has its own)."""

    async def resolve(self, host: str, family: int) -> list[str]:
        """Return addresses as text, link-local ones with ``%`` and the number of their interface.

        Raises:
            socket.gaierror: There are none.
        """
        ...


class SystemResolver:
    """The machine's own resolver, as every local program uses it.

    It blocks, for as long as somebody's name server likes: in threads of its own, so that nothing
    else of the host's ever waits for one.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVER_THREADS, "resolver")

    async def resolve(self, host: str, family: int) -> list[str]:
        """See :class:`Resolver`."""
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(
            self._threads, socket.getaddrinfo, host, None, family, socket.SOCK_STREAM
        )
        return list(dict.fromkeys(_text(row[4]) for row in rows))[:MAX_ADDRESSES]


def _text(address: tuple[object, ...]) -> str:
    zone = address[3] if len(address) == 4 else 0  # noqa: PLR2004 - v6: address, port, flow, zone
    return f"{address[0]}%{zone}" if zone else str(address[0])


def ascii_host(host: str) -> str:
    """Return ``host`` as it is asked for on the wire.

    Raises:
        UnicodeError: It cannot be a name.
    """
    encoded = host if host.isascii() else host.encode("idna").decode("ascii")
    if not _HOST.fullmatch(encoded):
        raise UnicodeError("it holds characters that no host name has, or is too long")
    return encoded


class Pins:
    """Which names one plugin's addresses were resolved from."""

    def __init__(self) -> None:
        self._until: OrderedDict[tuple[Address, str], float] = OrderedDict()
        self._names: dict[Address, list[str]] = {}

    def add(self, host: str, addresses: list[str]) -> None:
        """Remember that ``host`` has ``addresses`` now."""
        until, key = time.monotonic() + PIN_SECONDS, host_key(host)
        for text in addresses:
            address = canonical(ipaddress.ip_address(text.partition("%")[0]))
            if (address, key) not in self._until:
                self._names.setdefault(address, []).append(key)
            self._until[address, key] = until
            self._until.move_to_end((address, key))
        while len(self._until) > MAX_PINS:
            (address, oldest), _ = self._until.popitem(last=False)
            self._names[address].remove(oldest)
            if not self._names[address]:
                del self._names[address]

    def names(self, address: Address) -> tuple[str, ...]:
        """Return the names that ``address`` counts for now, the one resolved last first."""
        now = time.monotonic()
        known = {name: self._until[address, name] for name in self._names.get(address, ())}
        return tuple(sorted((n for n, until in known.items() if until > now), key=lambda n: -known[n]))
