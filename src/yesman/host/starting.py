"""Makes processes of plugins: one to be taken into service, or one that only tries a version out."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from yesman import durable
from yesman.host.confinement import make_folders
from yesman.host.contributions import compare, declared_data
from yesman.host.paced import Paced
from yesman.host.templates import Templates
from yesman.model.errors import AuthorError, YesmanError
from yesman.package.staging import staging
from yesman.runtime.plugin import LivePlugin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from yesman.host.bus import Bus
    from yesman.host.confinement import Confinement
    from yesman.host.contributions import Comparison
    from yesman.host.logs import PluginLog
    from yesman.host.processes import Processes, Ticket
    from yesman.host.recorder import Recorder
    from yesman.host.registry import Record
    from yesman.host.services import PluginServices
    from yesman.host.subscriptions import Subscriber
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.runtime.network import Networks, PluginNetwork
    from yesman.runtime.plugin import Origin
    from yesman.runtime.zygote import Zygote
    from yesman.sandbox.policy import Policy

    Granted = Callable[[], tuple[Permission, ...]]
    Services = Callable[[str, Granted, PluginNetwork, Subscriber], PluginServices]


@dataclass(frozen=True)
class Wanted:
    """A process that somebody wants started.

    Attributes:
        name: Of the plugin.
        record: What it is.
        policy: What it may touch.
        settings: What it is set to, secrets revealed.
        granted: Returns what it may do, at any later moment.
        ticket: From before anybody looked at its grants.
        trial: Whether it is not in service, or not yet.
    """

    name: str
    record: Record
    policy: Policy
    settings: dict[str, Any]
    granted: Granted
    ticket: Ticket
    trial: bool


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
        bus: The event bus.
        services: Makes what a process may call, given its plugin's name and grants, its network and what it
            hears of.

    Attributes:
        templates: What plugins with heavy imports are forked from.
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
        bus: Bus,
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
        self._bus = bus
        self._services = services
        self.templates = Templates(zygote, networks, recorder, log_of)

    async def load(self, wanted: Wanted) -> LivePlugin:
        """Start a process, without taking it into service.

        It is forked from the plugin's template if there is one. One that never worked is not blamed on
        the plugin: it is started whole instead.
        """
        name, policy = wanted.name, wanted.policy
        template = self.templates.of(name, policy)
        if template is not None:
            try:
                live = await self._start(wanted, template)
            except AuthorError:
                raise
            except YesmanError as error:
                if template.proven and not template.live.ended.done():
                    raise
                self.templates.failed(name, policy, error.message)
            else:
                template.proven = True
                return live
        began = time.monotonic()
        live = await self._start(wanted, self._zygote, learn=self.templates.learns(name, policy))
        load_ms = (time.monotonic() - began) * 1000
        known = partial(self._processes.add, name, ticket=wanted.ticket, trial=True)
        self.templates.learn(live, load_ms, wanted.record.granted(), known)
        return live

    async def _start(self, wanted: Wanted, origin: Origin, *, learn: bool = False) -> LivePlugin:
        name, record, settings, limits = wanted.name, wanted.record, wanted.settings, wanted.policy.limits
        manifest = record.parsed_manifest()
        log, subscriber = self._log_of(name), self._bus.subscriber(name)
        log.hide(settings[key] for key in manifest.config.secrets & settings.keys())
        make_folders(wanted.policy)
        network = self._networks.of(name, record.granted(), limits)

        def begun(live: LivePlugin) -> None:
            self._processes.add(name, live, wanted.ticket, trial=wanted.trial)
            live.ended.add_done_callback(lambda _: log.settle())
            live.ended.add_done_callback(lambda _: subscriber.close())

        return await LivePlugin.start(
            origin,
            wanted.policy,
            config=manifest.config.check(settings),
            declared=declared_data(manifest),
            services=Paced(self._services(name, wanted.granted, network, subscriber), limits),
            network=network,
            witness=self._recorder.witness(name, log, begun),
            learn=learn,
        )

    async def try_out(self, name: str, record: Record, settings: dict[str, Any]) -> Comparison:
        """Activate ``record`` once, away from service, and compare what it does with what it declares.

        Its data folder is an empty one for the occasion: a version that turns out not to load must
        not have touched the data of the one before.
        """
        ticket, granted = self._processes.ticket(name), record.granted
        async with self._scratch() as scratch:
            own = self._root / self._home.data.name / scratch.name
            policy = await self._confinement.policy(name, record, own=own)
            wanted = Wanted(name, record, policy, settings, granted, ticket, trial=True)
            live = await self._start(wanted, self._zygote)
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
