"""One plugin's way to the network: its grants, the names resolved for it, its broker, its refusals."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

from yesman.model.errors import NotFoundError, PermissionDeniedError
from yesman.model.network import may_resolve
from yesman.runtime.broker import Broker, Denial, Dialer
from yesman.runtime.names import Pins, Resolver

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.permissions import Permission

HANDOVER_SECONDS = 5.0


class PluginNetwork:
    """Made anew for each process of a plugin.

    Args:
        plugin: Its name.
        granted: Its grants.
        resolver: Turns names into addresses.
        dialer: Where allowed connections go.
    """

    def __init__(
        self, plugin: str, granted: tuple[Permission, ...], resolver: Resolver, dialer: Dialer
    ) -> None:
        self._plugin = plugin
        self._granted = granted
        self._resolver = resolver
        self._dialer = dialer
        self._pins = Pins()
        self._broker: Broker | None = None
        self.denials = 0
        self.last_denial: Denial | None = None

    async def adopt(
        self, handover: socket.socket, pidfd: int, on_denied: Callable[[Denial], None]
    ) -> None:
        """Take the listener that the confined child hands over, and answer its calls from now on.

        Without one (the child runs under another listener already) it has no network at all.
        """
        with handover:
            listener = await _received(handover)
        if listener is not None:
            self._broker = Broker(
                listener,
                pidfd,
                granted=self._granted,
                pins=self._pins,
                dialer=self._dialer,
                on_denied=lambda denial: self._denied(denial, on_denied),
            )

    def close(self) -> None:
        """Stop answering."""
        if self._broker is not None:
            self._broker.close()

    def sentence(self, denial: Denial) -> str:
        """Return a refusal as the plugin's author should read it."""
        if denial.permission:
            return f"plugin '{self._plugin}' lacks permission '{denial.permission}'"
        return f"plugin '{self._plugin}' may not {denial.what}; no permission can allow it"

    async def resolve(self, host: str, family: int) -> list[str]:
        """Resolve a name for the plugin and remember the answer.

        Raises:
            PermissionDeniedError: No grant could use the name.
            NotFoundError: It has no address.
        """
        if not may_resolve(self._granted, host):
            denial = Denial("getaddrinfo", f"look up {host}", f"network.external:{host.lower()}")
            self.denials, self.last_denial = self.denials + 1, denial
            raise PermissionDeniedError(self.sentence(denial))
        try:
            addresses = await self._resolver.resolve(host, family)
        except (socket.gaierror, UnicodeError) as error:
            raise NotFoundError(f"the name {host[:255]!r} has no address: {error}") from None
        self._pins.add(host, addresses)
        return addresses

    def _denied(self, denial: Denial, tell: Callable[[Denial], None]) -> None:
        self.denials, self.last_denial = self.denials + 1, denial
        tell(denial)


async def _received(handover: socket.socket) -> int | None:
    """Wait for one descriptor; None when the other end is closed without one."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    handover.setblocking(False)
    loop.add_reader(handover, _settle, ready)
    try:
        await asyncio.wait_for(ready, HANDOVER_SECONDS)
    finally:
        loop.remove_reader(handover)
    _, descriptors, _, _ = socket.recv_fds(handover, 16, 1)
    return descriptors[0] if descriptors else None


def _settle(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_result(None)
