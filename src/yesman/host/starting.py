"""Makes processes of plugins: one to be taken into service, or one that only tries a version out."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from yesman.host import durable
from yesman.host.confinement import make_folders
from yesman.host.contributions import compare, declared_data
from yesman.host.paced import Paced
from yesman.package.staging import staging
from yesman.runtime.plugin import LivePlugin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from yesman.host.confinement import Confinement
    from yesman.host.contributions import Comparison
    from yesman.host.logs import PluginLog
    from yesman.host.processes import Processes
    from yesman.host.recorder import Recorder
    from yesman.host.registry import Record
    from yesman.host.services import PluginServices
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.runtime.network import Networks, PluginNetwork
    from yesman.runtime.zygote import Zygote
    from yesman.sandbox.policy import Policy

    Services = Callable[[str, Callable[[], tuple[Permission, ...]], PluginNetwork], PluginServices]


class Starter:
    """Starts processes.

    Args:
        home: Where state lives.
        zygote: Forks them.
        confinement: Decides policies.
        networks: Where names and connections lead.
        processes: Hears of each.
        recorder: Hears of what they do.
        log_of: A plugin's log.
        services: Makes what a plugin may call, given its name, its grants and its network.
    """

    def __init__(  # noqa: PLR0917 - called in one place, the manager
        self,
        home: Home,
        zygote: Zygote,
        confinement: Confinement,
        networks: Networks,
        processes: Processes,
        recorder: Recorder,
        log_of: Callable[[str], PluginLog],
        services: Services,
    ) -> None:
        self._home = home
        self._root = home.root.resolve()
        self._zygote = zygote
        self._confinement = confinement
        self._networks = networks
        self._processes = processes
        self._recorder = recorder
        self._log_of = log_of
        self._services = services

    async def load(
        self,
        name: str,
        record: Record,
        policy: Policy,
        settings: dict[str, Any],
        *,
        granted: Callable[[], tuple[Permission, ...]],
        on_spawned: Callable[[LivePlugin], None],
    ) -> LivePlugin:
        """Start a process for ``record``, with ``settings`` revealed, without taking it into service."""
        manifest = record.parsed_manifest()
        log = self._log_of(name)
        log.hide(settings[key] for key in manifest.config.secrets & settings.keys())
        make_folders(policy)
        network = self._networks.of(name, record.granted(), policy.limits)

        def begun(live: LivePlugin) -> None:
            on_spawned(live)
            live.ended.add_done_callback(lambda _: log.settle())

        return await LivePlugin.start(
            self._zygote,
            policy,
            config=manifest.config.check(settings),
            declared=declared_data(manifest),
            services=Paced(self._services(name, granted, network), policy.limits),
            network=network,
            witness=self._recorder.witness(name, log.write, begun),
        )

    async def try_out(self, name: str, record: Record, settings: dict[str, Any]) -> Comparison:
        """Activate ``record`` once, away from service, and compare what it does with what it declares.

        Its data folder is an empty one for the occasion: a version that turns out not to load must
        not have touched the data of the one before.
        """
        ticket = self._processes.ticket(name)
        spawned = partial(self._processes.add, name, ticket=ticket, trial=True)
        async with self._scratch() as scratch:
            own = self._root / self._home.data.name / scratch.name
            policy = await self._confinement.policy(name, record, own=own)
            live = await self.load(name, record, policy, settings, granted=record.granted, on_spawned=spawned)
            try:
                return compare(record.parsed_manifest(), live.contributed)
            finally:
                await live.stop()

    @asynccontextmanager
    async def _scratch(self) -> AsyncIterator[Path]:
        """Give an empty folder; what a plugin put into it is removed without keeping others waiting."""
        with durable.explained(self._home.data):
            made = ExitStack()
            try:
                yield made.enter_context(staging(self._home.data))
            finally:
                await asyncio.to_thread(made.close)
