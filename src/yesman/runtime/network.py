"""One plugin's way to the network: its grants, the names resolved for it, its broker, its refusals."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections import deque
from typing import TYPE_CHECKING, Any

from yesman.model.errors import NotFoundError, PermissionDeniedError, PluginFailedError
from yesman.model.limits import Limits
from yesman.model.network import may_resolve, missing_for_name
from yesman.model.plain_text import shown
from yesman.runtime.broker import Broker, Denial, Ground
from yesman.runtime.dialling import DirectDialer
from yesman.runtime.dns import NameServer
from yesman.runtime.listener import Listener
from yesman.runtime.metadata import places
from yesman.runtime.names import Pins, SystemResolver, ascii_host
from yesman.runtime.starting import Member
from yesman.sandbox import notify

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.model.permissions import Permission
    from yesman.runtime.dialling import Dialer
    from yesman.runtime.names import Resolver
    from yesman.runtime.spawned import Spawned
    from yesman.sandbox.policy import Policy

HANDOVER_SECONDS = 5.0
RESOLVE_SECONDS = 20.0
RESOLVING_AT_ONCE = 4
"""Look-ups of one plugin; the others of it wait, nobody else's."""
DENIALS_KEPT = 256
LOOK_UP = "getaddrinfo"
"""The ``call`` of a :class:`Denial` that the host itself made: of a name, before any connection."""


class Networks:
    """Makes every plugin process its way to the network.

    Args:
        resolver: Turns names into addresses; the machine's own unless a test hands over another.
        dialer: Where allowed connections go: to their target, unless likewise.
    """

    def __init__(self, *, resolver: Resolver | None = None, dialer: Dialer | None = None) -> None:
        self._resolver = resolver or SystemResolver()
        self._dialer = dialer or DirectDialer()

    def of(
        self, plugin: str, granted: tuple[Permission, ...] = (), limits: Limits | None = None
    ) -> PluginNetwork:
        """Return the network of one process of ``plugin``."""
        return PluginNetwork(plugin, granted, self._resolver, self._dialer, limits or Limits())


class PluginNetwork:
    """Made anew for each process of a plugin.

    Args:
        plugin: Its name.
        granted: Its grants.
        resolver: See :class:`Networks`.
        dialer: Likewise.
        limits: How often it is heard.

    Attributes:
        listener: Where the process asks; None before :meth:`adopt`, or if it has none.
        denials: How often it was refused something.
    """

    def __init__(
        self,
        plugin: str,
        granted: tuple[Permission, ...],
        resolver: Resolver,
        dialer: Dialer,
        limits: Limits,
    ) -> None:
        self._plugin = plugin
        self._granted = granted
        self._resolver = resolver
        self._pins = Pins()
        self._names = NameServer(self.resolve)
        self._ground = Ground(granted, self._pins, dialer, self._names, limits)
        self.listener: Listener | None = None
        self._broker: Broker | None = None
        self._resolving = asyncio.Semaphore(RESOLVING_AT_ONCE)
        self._tell: Callable[[Denial], None] = lambda _denial: None
        self._kept: deque[tuple[int, Denial]] = deque(maxlen=DENIALS_KEPT)
        self._closed = False
        self.denials = 0

    async def adopt(
        self,
        spawned: Spawned,
        policy: Policy,
        on_denied: Callable[[Denial], None],
        on_program: Callable[[str], None],
    ) -> None:
        """Answer the calls of the confined child from now on, and let it go on.

        Either it hands its listener over, or it shares its template's. Without one (the child runs under
        another listener already) it has no network at all, starts nothing, and nobody counts its threads.
        """
        self._tell = on_denied
        own = os.dup(spawned.pidfd)
        try:
            writable = await asyncio.to_thread(places, policy)  # a file system may take its time
            listener = spawned.listener or await _received(spawned, own)
            if listener is None or listener.descriptor < 0 or self._closed:
                os.close(own)
                return
            self.listener = listener
            ground = self._ground._replace(writable=writable, never=policy.never)
            member = Member(spawned.pid, spawned.mark, executes=bool(policy.execute))
            self._broker = Broker(listener, own, member, ground, self._denied, on_program)
        except BaseException:
            os.close(own)
            raise
        finally:
            notify.let_go(spawned.handover)

    def expect_births(self, count: int) -> None:
        """Let the process fork so many times from now on, and no more."""
        if self._broker is not None:
            self._broker.expect_births(count)

    def is_bound(self, pid: int) -> bool:
        """Tell whether process ``pid``, forked since :meth:`expect_births`, will not survive its parent."""
        return self._broker is not None and self._broker.is_bound(pid)

    def interrupt(self) -> None:
        """Let calls of the plugin that wait for a connection notice a signal."""
        if self._broker is not None:
            self._broker.interrupt()

    def close(self) -> None:
        """Stop answering."""
        self._closed = True
        if self._broker is not None:
            self._broker.close()
        self._names.close()

    def sentence(self, denial: Denial) -> str:
        """Return a refusal as the plugin's author should read it."""
        if denial.permission:
            return f"plugin '{self._plugin}' lacks permission '{denial.permission}'"
        return f"plugin '{self._plugin}' may not {denial.what}; no permission can allow it"

    def denied_since(self, count: int) -> Denial | None:
        """Return the latest refusal that a grant could lift, of those after the first ``count``."""
        return next((d for at, d in reversed(self._kept) if at > count and d.permission), None)

    def refusal_behind(self, error: PluginFailedError, before: int) -> PluginFailedError:
        """Return ``error``, as a refusal if the broker refused something after the first ``before``.

        Libraries wrap a refused connection in errors of their own, native ones and ``connect_ex`` in mere
        numbers, of which somebody may make the system's own error again: one that names no file.
        """
        denial = self.denied_since(before)
        bare = error.failure == "permission" and error.message.endswith(os.strerror(errno.EACCES))
        if denial is None or not (bare or error.failure == "error"):
            return error
        return PluginFailedError(
            self.sentence(denial),
            failure="permission",
            traceback=error.traceback,
            code=3,
            permission=denial.permission,
        )

    def denial_of(self, thread: int) -> Denial | None:
        """Return the latest refusal, of this thread where there is one."""
        mine = next((d for _, d in reversed(self._kept) if d.thread == thread), None)
        return mine or (self._kept[-1][1] if self._kept else None)

    async def resolve(self, host: str, family: int, port: int = 0) -> list[str]:
        """Resolve a name for the plugin and remember the answer.

        Args:
            host: The name, or an address in any spelling.
            family: AF_INET or AF_INET6, 0 for both.
            port: What it is looked up for, for the refusal; 0 for unknown.

        Raises:
            PermissionDeniedError: No grant could use the name.
            NotFoundError: It has no address.
        """
        try:
            name = ascii_host(host)
        except UnicodeError as error:
            raise NotFoundError(f"the name {shown(host[:255])} has no address: {error}") from None
        if not may_resolve(self._granted, name):
            denial = Denial(LOOK_UP, f"look up {name}", missing_for_name(name, port))
            self._denied(denial)
            raise PermissionDeniedError(self.sentence(denial), permission=denial.permission)
        try:
            async with self._resolving, asyncio.timeout(RESOLVE_SECONDS):
                addresses = await self._resolver.resolve(name, family)
        except (socket.gaierror, UnicodeError, TimeoutError) as error:
            raise NotFoundError(f"the name {name!r} has no address: {error}") from None
        self._pins.add(name, addresses)
        return addresses

    def _denied(self, denial: Denial) -> None:
        self.denials += 1
        self._kept.append((self.denials, denial))
        self._tell(denial)


async def _received(spawned: Spawned, pidfd: int) -> Listener | None:
    """Wait for the listener that the child hands over; None when it has none."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    spawned.handover.setblocking(False)
    loop.add_reader(spawned.handover, _settle, ready)
    try:
        async with asyncio.timeout(HANDOVER_SECONDS):  # wait_for may swallow a cancellation
            await ready
    finally:
        loop.remove_reader(spawned.handover)
    descriptor = notify.take_listener(spawned.handover, pidfd)
    return None if descriptor is None else Listener(descriptor, shared=spawned.channel is not None)


def _settle(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_result(None)
