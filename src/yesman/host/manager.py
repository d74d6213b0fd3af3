"""All installed plugins and their processes: activated on first use, one process each.

Before every use the policy is decided anew. A process that runs under another policy (a
session appeared and with it a root, a granted folder was made anew, a setting changed) makes way
for a new one: when it is done if it may touch no more than it should, else at once. A grant that
is taken back ends it without waiting for the next use.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.host import needs
from yesman.host.confinement import Confinement, ground
from yesman.host.consent import lost
from yesman.host.contents import Contents
from yesman.host.guards import Guards
from yesman.host.hooks import Hooks
from yesman.host.listening import Listening
from yesman.host.logs import PluginLogs
from yesman.host.prerequisites import Prerequisites
from yesman.host.processes import Processes
from yesman.host.providers import Providers
from yesman.host.quota import Quota
from yesman.host.readiness import check_ready
from yesman.host.recorder import Recorder
from yesman.host.refusals import explain
from yesman.host.reviving import Reviver
from yesman.host.services import PluginServices
from yesman.host.starting import Starter
from yesman.host.states import States
from yesman.host.supervisor import Supervisor
from yesman.host.suspension import Suspension
from yesman.model.errors import NotFoundError, UsageError, YesmanError
from yesman.model.lifecycle import State
from yesman.model.narrowing import enforced_by_kernel
from yesman.model.nearmiss import unknown
from yesman.runtime.network import Networks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from yesman.host.bus import Bus
    from yesman.host.caller import CommandCaller
    from yesman.host.contributions import Comparison
    from yesman.host.management import Management
    from yesman.host.notifications import Notifications
    from yesman.host.processes import Ticket
    from yesman.host.registry import Record, Registry
    from yesman.host.settings import PluginSettings
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.runtime.grants_policy import Machine
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Exit, Zygote
    from yesman.sandbox.policy import Policy
    from yesman.sessions.service import Sessions


class PluginManager:
    """Activates plugins, runs their commands, ends them.

    Args:
        home: Where state lives.
        registry: What is installed.
        settings: What users set.
        sessions: The session service.
        bus: The event bus, which is given these plugins as listeners.
        zygote: Forks plugin processes.
        machine: Facts the policy rests on.
        recorder: Hears of what plugins do.
        networks: Where names and connections lead: to the world, unless a test hands over another.
        safe_mode: Whether no plugin is ever run.

    Attributes:
        listening: The plugins as listeners.
        hooks: Asks plugins before an act.
        guards: Asks them about sessions.
        log_of: Returns a plugin's log.
        states: In which state each is.
        reviver: Starts those that nobody asks for.
        supervisor: Decides when one that failed is started again.
        suspension: Says who may run at all.
        providers: Calls what they provide.
        notifications: Shows their messages; None until somebody sets it.
        management: Through it plugins with ``plugin.manage`` change others; None until somebody sets it.
    """

    def __init__(  # noqa: PLR0917 - wired in one place, the server's main
        self,
        home: Home,
        registry: Registry,
        settings: PluginSettings,
        sessions: Sessions,
        bus: Bus,
        zygote: Zygote,
        machine: Machine,
        *,
        recorder: Recorder | None = None,
        networks: Networks | None = None,
        safe_mode: bool = False,
    ) -> None:
        self.registry = registry
        self.settings = settings
        self._home = home
        self._sessions = sessions
        self.bus = bus
        self._machine = machine
        self._confinement = Confinement(home, sessions, machine)
        self.config = self._confinement.config
        self.recorder = recorder or Recorder(bus=bus)
        self.log_of = PluginLogs(home.plugin_logs).of
        self.suspension = Suspension(safe_mode=safe_mode)
        self.reviver = Reviver(self)
        self._prerequisites = Prerequisites(self)
        self.supervisor = Supervisor(
            home.crashes, self.recorder, self.log_of, self.reviver.again, lambda: not self.suspension.held
        )
        self._processes = Processes(self.recorder, self._on_any_end)
        self._contents = Contents(machine)
        self.states = States(
            registry,
            self.missing_config,
            self._prerequisites.unmet,
            self._contents,
            self.supervisor,
            self.suspension,
        )
        self._quota = Quota()
        self._starter = Starter(
            home,
            zygote,
            self._confinement,
            networks or Networks(),
            self._processes,
            self.recorder,
            self.log_of,
            self._services,
        )
        self._live: dict[str, LivePlugin] = {}
        self._sources: dict[str, tuple[str, str]] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._closing = False
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.management: Management | None = None
        self.listening = Listening(self)
        self.hooks = Hooks(bus, self.listening)
        self.guards = Guards(self.hooks, self.recorder, lambda: map(registry.granted, registry.all()))
        self.providers = Providers(self)
        self.notifications: Notifications | None = None
        bus.attach(self.listening)

    # --- what is known

    def state(self, name: str) -> tuple[State, str]:
        """Return the state of an installed plugin, and why it is not ready (or "")."""
        return self.states.of(name)

    def running(self, name: str) -> LivePlugin | None:
        """Return the plugin's process, None when it has none."""
        return self._live.get(name)

    def pid(self, name: str) -> int | None:
        """Return its pid."""
        live = self._live.get(name)
        return live.pid if live else None

    def missing_config(self, record: Record) -> tuple[str, ...]:
        """Return the required settings without a value."""
        return record.parsed_manifest().config.missing(self.settings.of(record.settings))

    def data_dir(self, name: str) -> Path:
        """Return the plugin's data folder."""
        return self._home.data / name

    def code_dir(self, record: Record) -> Path:
        """Return where the plugin's own files are."""
        return self._confinement.code_dir(record)

    def check(self, name: str, record: Record) -> None:
        """Refuse a plugin that may not run, whatever the others do.

        Raises:
            UsageError: It is disabled or quarantined, not made for this version of yesman, or nobody runs.
            NeedsConfigError: Required settings are missing.
        """
        if self._closing:
            raise UsageError(f"plugin '{name}' is not run: the server is stopping", "Run the command again")
        self.suspension.check(name)
        check_ready(name, record, self.missing_config(record))
        self.supervisor.check(name)

    # --- use

    async def run_command(
        self,
        name: str,
        command: str,
        options: dict[str, Any],
        terminal: dict[str, Any],
        caller: CommandCaller,
    ) -> bytes:
        """Run a command of plugin ``name`` and return its result as JSON text.

        Raises:
            NotFoundError: The plugin has no such command, or did not declare it.
            YesmanError: It cannot be started, failed, or was refused something.
        """
        known = [row["name"] for row in self.registry.get(name).commands]
        if command not in known:
            message, _ = unknown(f"command of plugin '{name}'", command, known)
            raise NotFoundError(message, f"See 'yesman plugin show {name}'")
        with self.explained(name), self.recorder.call(name, "command", command):
            live = await self.activate(name, asked=True)
            return await live.command(command, options, terminal, caller)

    async def activate(self, name: str, *, asked: bool = False) -> LivePlugin:
        """Return the plugin's process, started or restarted if need be, after those that it needs.

        Args:
            name: Which.
            asked: Whether a user asks for it and sees what comes of it: a start that failed is tried again.

        Raises:
            NotFoundError: It is not installed, or something that it needs is not.
            UsageError: It may not run (:meth:`check`), or something that it needs may not.
            NeedsConfigError: Required settings are missing.
            VerificationError: Its installed files were changed.
            YesmanError: Whatever kept it from loading.
        """
        record = self.registry.get(name)
        if self._locks[name].locked() or needs.needs_of(record):  # refused before it waits or starts others
            self.check(name, record)
        await self._prerequisites.start(name, record, asked=asked)
        async with self._locks[name]:
            if name not in self._live:
                await self.supervisor.turn(name, asked=asked)
            ticket = self._processes.ticket(name)
            record = self.registry.get(name)
            self.check(name, record)
            try:
                return await self._activate(name, record, ticket)
            except YesmanError:
                self.supervisor.did_not_start(name)
                raise

    async def _activate(self, name: str, record: Record, ticket: Ticket) -> LivePlugin:
        policy = await self._confinement.policy(name, record)
        source = (await self._contents.verify(name, record, policy.code), ground(policy))
        live = self._live.get(name)
        if live is not None:
            if live.policy == policy and self._is_current(name, source) and not live.ended.done():
                return live
            await self._replace(name, live, policy)
        return await self._start(name, record, policy, source, ticket)

    def _is_current(self, name: str, source: tuple[str, str]) -> bool:
        """Tell whether the process runs these files; a version that asks for more waits for the answer."""
        files, folders = self._sources[name]
        return folders == source[1] and (files == source[0] or bool(self._contents.asks(name)))

    async def _start(
        self, name: str, record: Record, policy: Policy, source: tuple[str, str], ticket: Ticket
    ) -> LivePlugin:
        self.states.move(name, State.STARTING)
        try:
            await self._quota.check(name, policy)
            granted = partial(self.registry.granted, name)
            spawned = partial(self._processes.add, name, ticket=ticket, trial=False)
            settings = await self.settings.revealed(self.settings.of(record.settings))
            live = await self._starter.load(
                name, record, policy, settings, granted=granted, on_spawned=spawned
            )
        except YesmanError as error:
            self.states.move(name, State.FAILED)
            self.states.failed(name, error.message)
            raise
        except BaseException:
            self.states.move(name, State.FAILED)
            self.states.failed(name, "starting it was interrupted")
            raise
        self.states.settled(name)
        self.supervisor.started(name)
        self.states.move(name, State.RUNNING)
        self._live[name] = live
        self._sources[name] = source
        live.ended.add_done_callback(lambda _: self._on_end(name, live))
        self.recorder.loaded(name, record.version, live)
        return live

    async def try_out(self, name: str, record: Record, settings: dict[str, Any]) -> Comparison:
        """Activate ``record``, which need not be installed, once and away from service.

        Raises:
            YesmanError: It does not load, or what it needs does not run.
        """
        self.suspension.check(name)
        await self._prerequisites.start(name, record, asked=True)
        return await self._starter.try_out(name, record, await self.settings.revealed(settings))

    def _services(
        self, name: str, granted: Callable[[], tuple[Permission, ...]], network: PluginNetwork
    ) -> PluginServices:
        return PluginServices(
            name,
            granted,
            self._sessions,
            self.bus,
            self._confinement.roots,
            network,
            self.recorder,
            self.management,
            self.guards,
            self.providers,
            self.notifications,
        )

    @contextmanager
    def explained(self, name: str) -> Iterator[None]:
        """Let refusals for want of a permission end with what can be done about it."""
        try:
            yield
        except YesmanError as error:
            record = self.registry.all().get(name)
            if record is not None:
                explain(error, name, record, self._machine.home)
            raise

    # --- ends

    async def stop(self, name: str) -> None:
        """End the plugin's process, if it has one, when what it does is done or its time for that is over.

        Whoever wants to use it meanwhile waits if it may run again, and else is refused at once.
        """
        async with self._locks[name]:
            live = self._live.get(name)
            if live is not None:
                self.states.drains(name)
                await live.retire(live.policy.limits.drain_seconds)
            self.states.settled(name)
            self.supervisor.started(name)

    async def grants_changed(self, name: str, before: tuple[Permission, ...]) -> None:
        """Bring the plugin's processes in line with its grants, which were ``before``.

        What the host checks at every call is in force already. What the kernel was told when a
        process started cannot be taken back from it: the process ends, now, and is gone on return.
        """
        gone = lost(before, self.registry.granted(name), self._machine.home)
        kernels = tuple(str(p) for p in gone if enforced_by_kernel(p))
        if gone:
            await self._processes.revoke(name, kernels or tuple(map(str, gone)), trials_only=not kernels)

    async def close(self) -> None:
        """Stop all plugins and start none any more."""
        self._closing = True
        self.supervisor.close()
        self.reviver.close()
        for task in self._retiring:
            task.cancel()
        await self.stop_all()

    async def stop_all(self) -> None:
        """Stop all plugins, each after those that need it."""
        for together in needs.layers(self._live, self.registry.all()):
            await asyncio.gather(*(self.stop(name) for name in together))

    def in_use(self) -> set[Path]:
        """Return real paths of the code and packages that running processes were given."""
        policies = [live.policy for live in self._processes.all()]
        return {Path(path) for policy in policies for path in (policy.code, policy.packages) if path}

    async def _replace(self, name: str, live: LivePlugin, policy: Policy) -> None:
        """Take ``live`` out of service: at once if it may touch more than it should, else when it is done."""
        if not policy.allows_all_of(live.policy):
            await live.kill("it may not touch any more what it could when it was started", wanted=True)
            return
        self._on_end(name, live)
        task = asyncio.ensure_future(live.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _on_any_end(self, name: str, live: LivePlugin, end: Exit) -> None:
        record = self.registry.all().get(name)
        if record is not None:
            self.supervisor.ended(name, record.version, live, end)

    def _on_end(self, name: str, live: LivePlugin) -> None:
        self._quota.note(name, live)
        if self._live.get(name) is live:
            del self._live[name]
            self.bus.forget(name)
            self.states.move(name, State.ENABLED)
