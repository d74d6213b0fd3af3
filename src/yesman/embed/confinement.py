"""How the process of one function is confined: no grants, and limits of its own.

Readable are, besides what the interpreter needs: the function's file, or the folder of its top-level
package; the folders of installed packages; and yesman's own sources, which such files import.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from yesman.host.confinement import this_machine
from yesman.host.recorder import Recorder
from yesman.host.services import PluginServices
from yesman.model.errors import PermissionDeniedError, PluginFailedError, UsageError
from yesman.model.home import Home
from yesman.model.limits import MIB, Limits
from yesman.model.plain_text import shown
from yesman.runtime.grants_policy import Places, decide, why_refused
from yesman.sandbox.interpreter import PACKAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from yesman.embed.crossing import Target
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.plugin import LivePlugin
    from yesman.sandbox.policy import Policy

INHERITED_BYTES = 24 * MIB
"""Private writable memory that a function's process has when its function is called; see the ADR."""
NICENESS = 10
GRACE_SECONDS = 0.5
"""Between asking an overdue function to stop and killing it."""
CPU_POLL_SECONDS = 0.05


def policy_for(target: Target, scratch: Path, memory_mb: int, descriptors: int) -> Policy:
    """Return what the process for ``target`` may touch.

    Raises:
        PermissionDeniedError: The function lies where nothing can be opened.
    """
    machine = this_machine(Home.of(os.environ), os.environ)
    reason = why_refused(target.readable, machine, writes=False)
    if reason:
        raise PermissionDeniedError(f"{target.readable} cannot be opened for a function: {reason}")
    limits = Limits(
        data_bytes=memory_mb * MIB + INHERITED_BYTES, open_files=descriptors, cancel_seconds=GRACE_SECONDS
    )
    places = Places(
        code=str(scratch / "code"), packages="", data=str(scratch / "data"), tmp=str(scratch / "tmp")
    )
    policy = decide(target.name, places, (), (), machine, limits=limits)
    installed = tuple(f for f in _installed() if not why_refused(f, machine, writes=False))
    return dataclasses.replace(policy, read=(target.readable, str(PACKAGE), *installed))


def _installed() -> tuple[str, ...]:
    """Return the folders of installed packages that this interpreter imports from; never a project's own."""
    found = (os.path.realpath(path) for path in sys.path if path.endswith(("/site-packages", "/dist-packages")))
    return tuple(dict.fromkeys(path for path in found if os.path.isdir(path)))  # noqa: PTH112 - text


def prioritise(live: LivePlugin) -> None:
    """Let everything else on this machine go first; threads the function starts are no better off."""
    with suppress(OSError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, live.pid, NICENESS)


@asynccontextmanager
async def within_cpu(live: LivePlugin, seconds: float) -> AsyncIterator[None]:
    """End ``live`` when it has used more CPU time than ``seconds``.

    Raises:
        PluginFailedError: It had to be ended; ``failure`` is ``timeout``.
    """
    watch = asyncio.ensure_future(_spent(live, seconds))
    try:
        yield
    except PluginFailedError as error:
        if watch.done() and not watch.cancelled() and watch.result():
            raise PluginFailedError(
                f"'{live.policy.plugin}' used more than {seconds:g} seconds of CPU time and was stopped",
                failure="timeout",
            ) from error
        raise
    finally:
        watch.cancel()


async def _spent(live: LivePlugin, seconds: float) -> bool:
    """Kill ``live`` once it has used ``seconds`` of CPU time; return whether that was so."""
    clock = (~live.pid << 3) | 2  # clock_getcpuclockid(3): CPUCLOCK_SCHED of a process
    while not live.ended.done():
        try:
            if time.clock_gettime(clock) > seconds:
                await live.kill(f"it used more than {seconds:g} seconds of CPU time")
                return True
        except OSError:
            break
        await asyncio.sleep(CPU_POLL_SECONDS)
    return False


class NetworkOnly:
    """The host's answers about names and connections; functions have no other service."""

    def __init__(self, name: str, network: PluginNetwork) -> None:
        nothing: Any = None  # no service that is let through looks at sessions or events
        self._host = PluginServices(name, tuple, nothing, nothing, nothing, network, Recorder())

    async def serve(self, method: str, params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
        """Answer one call (:class:`yesman.runtime.peer.Services`)."""
        if not method.startswith("net."):
            raise UsageError(f"functions have no service {shown(method)}")
        return await self._host.serve(method, params, cause)
