"""In a template: imports what the plugin imports, and forks the plugin's processes.

What is forked is the child of a child that ends at once, so that it becomes the zygote's, which reports
its end and whose death it does not survive. It does nothing until the host lets it.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from yesman.sandbox import kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yesman.sandbox.policy import Policy
    from yesman.worker.denials import Denials

DESCRIPTORS: Final = 4
"""Down lane, up lane, log pipe, handover: as the zygote gives them."""
DOWN_LANE, UP_LANE = 3, 4
PAUSE_SECONDS: Final = 0.0002


class Nursery:
    """Makes the plugin's processes.

    Args:
        channel: The descriptor by which theirs come.
        policy: What this process is confined by, and they as well.
        denials: Refuses to fork otherwise.
    """

    def __init__(self, channel: int, policy: Policy, denials: Denials) -> None:
        self._channel = socket.socket(fileno=channel)
        self._policy = policy
        self._denials = denials

    def prepare(self, modules: Iterable[str]) -> None:
        """Import ``modules``; one that cannot be imported like this is left to the plugin."""
        for name in modules:
            with suppress(Exception):  # code of strangers; whatever is wrong, the plugin meets it itself
                importlib.import_module(name)
        gc.collect()
        gc.freeze()

    def fork(self) -> bool:
        """Make a process with the descriptors that the host has sent; tell whether this is it."""
        _, descriptors, _, _ = socket.recv_fds(self._channel, 1, DESCRIPTORS)
        self._denials.births = 2
        try:
            middle = os.fork()  # noqa: TID251 - what a template is for
            if middle:
                self._denials.births = 0
                os.waitpid(middle, 0)
                return False
            self._leave_home(descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        self._channel.close()
        reseed()
        return True

    def _leave_home(self, descriptors: list[int]) -> None:
        """Fork again and end, but for the child; return in that when the host lets it."""
        parent = os.getpid()
        if os.fork():  # noqa: TID251 - as above
            os._exit(0)
        down, up, log, handover = descriptors
        for descriptor, number in ((log, 1), (log, 2), (down, DOWN_LANE), (up, UP_LANE)):
            os.dup2(descriptor, number, inheritable=False)
        kernel.set_process_name(f"yp:{self._policy.plugin}")
        while os.getppid() == parent:
            time.sleep(PAUSE_SECONDS)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        with socket.socket(fileno=os.dup(handover)) as channel:
            channel.sendall(b"P")
            if not channel.recv(1):
                os._exit(1)


def reseed() -> None:
    """Forget randomness that all forks of one process would share."""
    random = sys.modules.get("random")
    numpy = sys.modules.get("numpy.random")
    for module in (random, numpy):
        if module is not None:
            module.seed()
