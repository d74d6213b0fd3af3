"""Names for plugins: the host resolves, and remembers which address it said a name has.

A scoped grant names a host, a connection names an address. Only what the host itself resolved for
this very plugin ties the two together, and only for a while, so a plugin cannot claim that an
address belongs to a granted name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from yesman.model.network import canonical

if TYPE_CHECKING:
    from yesman.model.network import Address

PIN_SECONDS = 600.0
"""How long an address counts for a name after it was resolved; connection pools reconnect within it."""
MAX_PINS = 4_096


class Resolver(Protocol):
    """Turns a name into addresses (the test kit has its own)."""

    async def resolve(self, host: str, family: int) -> list[str]:
        """Return addresses as text.

        Raises:
            socket.gaierror: There are none.
        """
        ...


class SystemResolver:
    """The machine's own resolver, as every local program uses it."""

    async def resolve(self, host: str, family: int) -> list[str]:
        """See :class:`Resolver`."""
        loop = asyncio.get_running_loop()
        rows = await loop.getaddrinfo(host, None, family=family, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(row[4][0] for row in rows))


class Pins:
    """Which names one plugin's addresses were resolved from."""

    def __init__(self) -> None:
        self._until: defaultdict[Address, dict[str, float]] = defaultdict(dict)

    def add(self, host: str, addresses: list[str]) -> None:
        """Remember that ``host`` has ``addresses`` now."""
        if len(self._until) >= MAX_PINS:
            self._until.clear()  # a plugin that resolves this many names resolves the next one again
        for text in addresses:
            address = canonical(ipaddress.ip_address(text.partition("%")[0]))
            self._until[address][host.lower().rstrip(".")] = time.monotonic() + PIN_SECONDS

    def names(self, address: Address) -> frozenset[str]:
        """Return the names that ``address`` counts for now."""
        now = time.monotonic()
        return frozenset(name for name, until in self._until.get(address, {}).items() if until > now)
