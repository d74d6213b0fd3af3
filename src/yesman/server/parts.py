"""The parts of a running server, wired in one place, and closed so that nothing outlives them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from functools import partial
from typing import TYPE_CHECKING

from yesman.agents.service import Agents
from yesman.host.answers import Answers
from yesman.host.bus import Bus
from yesman.host.confinement import this_machine
from yesman.host.grants import Grants
from yesman.host.installer import Installer
from yesman.host.ledger import Ledger
from yesman.host.management import Management
from yesman.host.manager import PluginManager
from yesman.host.notification_ways import InTerminals, OnDesktop, ThroughPlugins
from yesman.host.notifications import Notifications
from yesman.host.os_keyring import OsKeyring
from yesman.host.outbox import Outbox
from yesman.host.recorder import Recorder
from yesman.host.registry import Registry
from yesman.host.scanning import Scanning
from yesman.host.secret_store import SecretStore
from yesman.host.session_events import SessionEvents
from yesman.host.settings import PluginSettings
from yesman.host.user_config import ConfigFile
from yesman.market.client import MarketClient, sweep
from yesman.market.registries import Registries
from yesman.model.errors import YesmanError
from yesman.package.environments import Environments
from yesman.runtime.compiling import compile_packages
from yesman.runtime.zygote import Zygote, home_number
from yesman.sandbox.interpreter import base_python
from yesman.server.answering import Answering
from yesman.server.api import Api
from yesman.server.degradation import Degradation
from yesman.server.marketing import Marketing
from yesman.server.mirroring import Mirroring
from yesman.server.oversight import Oversight
from yesman.server.paneling import Paneling
from yesman.server.providing import Providing
from yesman.server.revoking import Revoking
from yesman.sessions.service import Sessions
from yesman.sessions.tmux import TmuxServer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from typing import Any

    from yesman.model.home import Home

STOP_SECONDS = 8.0
"""For all plugins to clean up; then they are killed."""
FOLD_SECONDS = 10.0
"""Between two times that waiting events are brought from the log beside their file into it."""


class Parts:
    """Everything but the socket. Made on the server's loop, with the lock of its home held.

    Args:
        home: Where state lives.
        tmux_socket: Of the tmux server whose sessions count.
        stop: Ends the server.
        allow_degraded: Whether plugins run where the kernel confines them less than fully.
        safe_mode: Whether no plugin runs at all.

    Attributes:
        api: Answers the command line.
    """

    def __init__(
        self,
        home: Home,
        tmux_socket: Path,
        stop: Callable[[], None],
        *,
        allow_degraded: bool,
        safe_mode: bool,
    ) -> None:
        self._home = home
        machine = this_machine(home, os.environ)
        tmux = TmuxServer(tmux_socket, env=_tmux_environment(), owner=str(home.root))
        self._outbox = Outbox(home.events)
        self._bus = Bus(self._outbox)
        self._events = SessionEvents(self._bus, tmux)
        sessions = Sessions(tmux, self._events)
        self._zygote = Zygote(home_number(home.root), allow_degraded=allow_degraded)
        self._ledger = Ledger(home.ledger)
        recorder = Recorder(self._ledger, self._bus)
        if safe_mode:
            recorder.decision("bypass", "", "every plugin", by="--safe-mode")
        keyring = OsKeyring(f"yesman {home.root}", os.environ, ConfigFile(home.config))
        self._manager = manager = PluginManager(
            home,
            Registry(home.registry),
            PluginSettings(home.settings, SecretStore(home, keyring)),
            sessions,
            self._bus,
            self._zygote,
            machine,
            recorder=recorder,
            safe_mode=safe_mode,
        )
        compiling = partial(compile_packages, self._zygote)
        environments = Environments(home.environments, home.cache, base_python(), compile=compiling)
        self._installer = Installer(home, manager, environments, machine, Scanning(home))
        grants = Grants(manager, machine)
        manager.management = Management(manager, self._installer, grants, machine.home)
        client = MarketClient(Registries(home.market), home.packages, os.environ)
        self._revoking = Revoking(manager, client)
        ways = (InTerminals(tmux), OnDesktop(os.environ), ThroughPlugins(manager.providers))
        self._notifications = manager.notifications = Notifications(manager.hooks, ways)
        self._confinement = Degradation(self._zygote, recorder)
        self._agents = Agents(tmux, sessions, self._bus.publish)
        self._answers = Answers(manager.hooks, manager.listening, recorder, self._agents, tmux)
        self.api = Api(
            home,
            manager,
            self._installer,
            sessions,
            tmux,
            self._bus,
            self._zygote,
            Oversight(grants, manager, self._ledger),
            self._confinement,
            Answering(self._agents, tmux),
            Providing(manager.providers),
            Paneling(manager.panels),
            Marketing(manager, client, self._revoking),
            Mirroring(client, environments),
            stop,
        )

    async def recover(self) -> None:
        """Finish, or undo, what a killed server had begun."""
        await asyncio.to_thread(sweep, self._home.packages)
        await self._installer.recover()

    def going_on(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """Return what goes on for as long as the server runs, to be cancelled before :meth:`close`."""
        return (
            self._warm_up(),
            self._fold(),
            self._events.watch.run(),
            self._agents.run(),
            self._revoking.run(),
        )

    async def close(self) -> None:
        """End every plugin and close every file."""
        self._answers.close()
        with contextlib.suppress(TimeoutError):  # whatever a plugin is up to, it ends with the zygote
            async with asyncio.timeout(STOP_SECONDS):
                await self._bus.close()
                await self._notifications.close()
                await self._manager.close()
        self._zygote.close()
        await asyncio.to_thread(self._ledger.close)
        self._outbox.close()

    async def _warm_up(self) -> None:
        """Start the zygote before it is needed, and the plugins that want to run from the start."""
        await self._confinement.note()
        await self._installer.recover_secrets()
        for name in self._manager.registry.all():
            try:
                await self._installer.complete(name)
            except YesmanError as error:
                self._manager.log_of(name).write(logging.ERROR, str(error))
        await self._manager.reviver.start_up()

    async def _fold(self) -> None:
        while True:
            await asyncio.sleep(FOLD_SECONDS)
            await asyncio.to_thread(self._outbox.fold)
            self._outbox.shorten()


def _tmux_environment() -> dict[str, str]:
    """Return the user's environment for sessions, without what concerns this server alone."""
    ours = ("YESMAN_READY", "YESMAN_MARKET_TOKEN")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}
