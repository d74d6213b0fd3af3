"""A confined process that has just been made, and the ends of what leads to it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from yesman.runtime.listener import Listener
    from yesman.runtime.zygote import Exit


@dataclass
class Ends:
    """One side's ends of the lanes, the log and the handover; and of the channel, which templates have.

    Attributes:
        down: From the host.
        up: To the host.
        log: What the process prints: read by the host, written by the process.
        handover: The host lets the process go on by it, and is given its listener.
        channel: By it a template is given the ends of the processes that it forks.
    """

    down: socket.socket
    up: socket.socket
    log: int
    handover: socket.socket
    channel: socket.socket | None = None
    _closed: bool = False

    def descriptors(self) -> list[int]:
        """Return their numbers, in the order in which they are sent."""
        ends = [self.down.fileno(), self.up.fileno(), self.log, self.handover.fileno()]
        return [*ends, self.channel.fileno()] if self.channel else ends

    def close(self) -> None:
        """Close them all, once; not for whoever has given away the log."""
        if self._closed:
            return
        self._closed = True
        for end in (self.down, self.up, self.handover):
            end.close()
        self.close_channel()
        os.close(self.log)

    def close_channel(self) -> None:
        """Close the channel."""
        if self.channel is not None:
            self.channel.close()


def make_ends(*, channel: bool = False) -> tuple[Ends, Ends]:
    """Return the host's ends and the process's."""
    down, up, handover = (socket.socketpair() for _ in range(3))
    more = socket.socketpair() if channel else (None, None)
    reading, writing = os.pipe2(os.O_CLOEXEC)
    ours = Ends(down[0], up[0], reading, handover[0], more[0])
    return ours, Ends(down[1], up[1], writing, handover[1], more[1])


@dataclass(frozen=True)
class Spawned:
    """A confined process that has just been forked; whoever is given it closes the descriptors.

    Attributes:
        pid: Its number.
        pidfd: The process.
        mark: On it and on all that descend from it.
        ends: What leads to it.
        exited: Resolves to how it ended, when its descendants are gone too.
        listener: Its template's, which it shares; None if it hands over one of its own.
    """

    pid: int
    pidfd: int
    mark: int
    ends: Ends
    exited: asyncio.Future[Exit]
    listener: Listener | None = None

    @property
    def handover(self) -> socket.socket:
        """The end by which it is let go on."""
        return self.ends.handover

    @property
    def channel(self) -> socket.socket | None:
        """The end by which it is told to fork, if it is a template."""
        return self.ends.channel
