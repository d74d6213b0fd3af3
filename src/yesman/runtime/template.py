"""Templates: a process confined like a plugin, with all that one imports imported, that forks its processes.

A template has run the plugin's dependencies, so it is as little trusted as the plugin. It can fork only
when the host has just told it to (the broker counts), and what it forks waits until the host has given it
a mark of its own, has handed it to the zygote and answers for it; by then it is a plugin process like any
other, and its template's death is no concern of its own. Nothing about it is believed that the kernel
does not say: its number is read from the credentials of the socket, and that it dies with the zygote from
the system call by which it asked for that.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, Final

from yesman.model.errors import PlatformError
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.spawned import Ends, Spawned, make_ends
from yesman.sandbox import family

if TYPE_CHECKING:
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.peer import Services
    from yesman.runtime.watch import Watch
    from yesman.runtime.witness import Witness
    from yesman.runtime.zygote import Zygote
    from yesman.sandbox.policy import Policy

BIRTHS: Final = 2
"""Processes made for one: it is the child of a child that ends at once, and so becomes the zygote's."""
BIRTH_SECONDS: Final = 5.0
_CREDENTIALS: Final = struct.Struct("=3i")


class Template:
    """Forks processes of one plugin (:class:`yesman.runtime.plugin.Origin`).

    Attributes:
        live: The template's own process.
        watch: The zygote's.
        proven: Whether a process that it forked has loaded the plugin.
    """

    def __init__(self, zygote: Zygote, live: LivePlugin, spawned: Spawned) -> None:
        self.live = live
        self.watch: Watch = zygote.watch
        self.proven = False
        self._zygote = zygote
        self._spawned = spawned
        self._turn = asyncio.Lock()

    @classmethod
    async def start(
        cls,
        zygote: Zygote,
        policy: Policy,
        modules: tuple[str, ...],
        *,
        services: Services,
        network: PluginNetwork,
        witness: Witness,
    ) -> Template:
        """Spawn and confine a process, and have it import ``modules``.

        Raises:
            PlatformError: It cannot be made here.
            YesmanError: It failed at importing them.
        """
        origin = _Nursery(zygote)
        live = await LivePlugin.start(
            origin, policy, config={}, declared=None, services=services, network=network, witness=witness
        )
        template = cls(zygote, live, origin.spawned)
        try:
            deadline = policy.limits.load_seconds
            await live.calling.make("prepare", {"modules": modules}, deadline=deadline)
        except BaseException:
            await live.kill("it could not import what its plugin needs", wanted=True)
            raise
        return template

    @property
    def threads(self) -> int:
        """How many threads it has; those besides the first do not survive a fork."""
        return family.threads([self.live.pid])

    async def spawn(self, policy: Policy) -> Spawned:
        """Fork a process confined by ``policy``, which must be the template's own.

        Raises:
            PlatformError: It was not forked.
        """
        if policy != self.live.policy:
            raise _no_birth(policy, "its template has other permissions")
        async with self._turn:
            ours, theirs = make_ends()
            ours.handover.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            try:
                async with asyncio.timeout(BIRTH_SECONDS):
                    return await self._born(ours, theirs)
            except BaseException as error:
                ours.close()
                await self.live.kill("it did not fork as told", wanted=True)
                if isinstance(error, OSError | TimeoutError):
                    raise _no_birth(policy, str(error) or "it took too long") from error
                raise
            finally:
                theirs.close()
                self.live.network.expect_births(0)

    async def _born(self, ours: Ends, theirs: Ends) -> Spawned:
        listener = self.live.network.listener
        if self._spawned.channel is None or listener is None:
            raise OSError("it has nobody to ask")
        self.live.network.expect_births(BIRTHS)
        socket.send_fds(self._spawned.channel, [b"F"], theirs.descriptors())
        await self.live.calling.make("fork", {})
        theirs.close()  # so that the end of whoever has them is heard
        pid = await _greeted(ours.handover)
        if pid == self.live.pid or not self.live.network.is_bound(pid):
            raise OSError("it posed as what it was to fork, or that would survive the zygote")
        pidfd, mark = os.pidfd_open(pid), self._zygote.next_mark()
        try:
            family.change(pidfd, pid, self._spawned.mark, mark)
            return Spawned(pid, pidfd, mark, ours, self._zygote.adopt(pid, mark), listener)
        except BaseException:
            for own in (mark, self._spawned.mark):  # whichever it has by now
                family.kill([pid], own)
            os.close(pidfd)
            raise


class _Nursery:
    """Spawns the template's own process, and keeps what only it has."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self.watch: Watch = zygote.watch
        self.spawned: Spawned

    async def spawn(self, policy: Policy) -> Spawned:
        self.spawned = await self._zygote.spawn(policy, "template")
        return self.spawned


async def _greeted(handover: socket.socket) -> int:
    """Return the number of the process that greets by ``handover``, as the kernel has it."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    handover.setblocking(False)
    loop.add_reader(handover, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(handover)
    data, ancillary, _, _ = handover.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    for level, kind, content in ancillary:
        if data and (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid: int = _CREDENTIALS.unpack(content)[0]
            return pid
    raise OSError("what it forked has ended")


def _settle(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_result(None)


def _no_birth(policy: Policy, why: str) -> PlatformError:
    return PlatformError(
        f"no process could be forked for plugin '{policy.plugin}': {why}",
        "It is started without its template",
    )
