"""The host as the server wires it, in this process: registry, manager, bus, zygote, real policies.

What the runtime alone leaves out: finding the audience, checking that each listener may run,
deciding its policy anew, one queue and one task a listener.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.homes import home_with, plugin_name
from benchmarks.hosting import run
from benchmarks.stats import Samples
from benchmarks.timing import settled
from yesman.host.bus import Bus
from yesman.host.manager import PluginManager
from yesman.host.outbox import Outbox
from yesman.host.registry import Registry
from yesman.host.settings import PluginSettings
from yesman.runtime.grants_policy import Machine
from yesman.runtime.zygote import Zygote
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import TmuxServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from benchmarks.lab import Lab
    from yesman.host.audience import Listener
    from yesman.host.recorder import Recorder
    from yesman.model.home import Home
    from yesman.runtime.network import Networks

WARM_UP = 50


class Counting:
    """The bus's listeners, with a count of the deliveries that are still under way."""

    def __init__(self, manager: PluginManager, audience: tuple[str, ...]) -> None:
        self._plugins = manager.listening
        self._audience = audience
        self._open = 0
        self.delivered = asyncio.Event()

    def expect(self, events: int = 1) -> None:
        """Begin anew: so many deliveries to each of the audience."""
        self._open = len(self._audience) * events
        self.delivered.clear()

    def audience(self, event: str) -> Iterable[Listener]:
        """Return those of the real audience that are measured."""
        return [listener for listener in self._plugins.audience(event) if listener.plugin in self._audience]

    def sees_session(self, plugin: str, session: str) -> bool:
        """Ask the plugins' manager."""
        return self._plugins.sees_session(plugin, session)

    def can_hear(self, plugin: str) -> bool:
        """Ask the plugins' manager."""
        return self._plugins.can_hear(plugin)

    async def ready(self, plugin: str) -> None:
        """Have the manager start it if need be."""
        await self._plugins.ready(plugin)

    async def deliver(self, plugin: str, event: dict[str, Any], hooks: tuple[str, ...]) -> None:
        """Have the plugin hear it, and count."""
        await self._plugins.deliver(plugin, event, hooks)
        self._open -= 1
        if self._open == 0:
            self.delivered.set()

    def log(self, plugin: str, level: int, message: str) -> None:
        """Fail loudly: a listener that fails is not measured.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError(f"{plugin} ({level}): {message}")


@asynccontextmanager
async def manager_of(
    home: Home, recorder: Recorder | None = None, networks: Networks | None = None
) -> AsyncIterator[PluginManager]:
    """Wire a manager for ``home`` and end everything with the block."""
    sessions, zygote = Sessions(TmuxServer(home.tmux_socket, env={})), Zygote()
    path = tuple(os.environ.get("PATH", "").split(":"))
    machine = Machine(home=str(home.root.parent / "home"), state=str(home.root), search_path=path)
    registry, settings = Registry(home.registry), PluginSettings(home.settings)
    outbox = Outbox(home.events)
    bus = Bus(outbox)
    manager = PluginManager(
        home, registry, settings, sessions, bus, zygote, machine, recorder=recorder, networks=networks
    )
    try:
        yield manager
    finally:
        await bus.close()
        await manager.close()
        zygote.close()
        outbox.close()


def bus_round_trips(lab: Lab, count: int) -> Samples:
    """Return the seconds from publishing until the last of ``count`` listeners has handled the event."""
    home = home_with(lab, 20)

    async def measure() -> Samples:
        async with manager_of(home) as manager:
            bus = manager.bus
            listeners = Counting(manager, tuple(plugin_name(number) for number in range(count)))
            bus.attach(listeners)
            taken = []
            with settled():
                for _ in range(lab.times(1500 if count == 1 else 300) + WARM_UP):
                    listeners.expect()
                    start = time.perf_counter()
                    bus.publish("config.changed", {}, source="host")
                    async with asyncio.timeout(30):
                        await listeners.delivered.wait()
                    taken.append(time.perf_counter() - start)
            return Samples.of(taken[WARM_UP:])

    found: Samples = run(measure())
    return found
