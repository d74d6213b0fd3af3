"""All installed plugins and their processes: activated on first use, one process each.

Before every use the policy is decided anew. A process that runs under another policy (a
session appeared and with it a root, a granted folder was made anew, a setting changed) makes way
for a new one: when it is done if it may touch no more than it should, else at once. A grant that
is taken back ends it without waiting for the next use.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.host import durable
from yesman.host.confinement import Confinement, ground, make_folders
from yesman.host.consent import lost
from yesman.host.contents import Contents
from yesman.host.contributions import compare, declared_data
from yesman.host.guards import Guards
from yesman.host.hooks import Hooks
from yesman.host.listening import Listening
from yesman.host.logs import PluginLog
from yesman.host.paced import Paced
from yesman.host.processes import Processes
from yesman.host.quota import Quota
from yesman.host.readiness import check_ready
from yesman.host.recorder import Recorder
from yesman.host.refusals import explain
from yesman.host.services import PluginServices
from yesman.host.settings import secret_names
from yesman.model.errors import NotFoundError, YesmanError
from yesman.model.lifecycle import State, check_change
from yesman.model.narrowing import enforced_by_kernel
from yesman.model.nearmiss import unknown
from yesman.model.plain_text import argument
from yesman.package.staging import staging
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.witness import Witness

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from yesman.host.bus import Bus
    from yesman.host.caller import CommandCaller
    from yesman.host.contributions import Comparison
    from yesman.host.management import Management
    from yesman.host.processes import Ticket
    from yesman.host.registry import Record, Registry
    from yesman.host.settings import PluginSettings
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.runtime.grants_policy import Machine
    from yesman.runtime.zygote import Zygote
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

    Attributes:
        listening: The plugins as listeners.
        hooks: Asks plugins before an act.
        guards: Asks them about sessions.
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
    ) -> None:
        self.registry = registry
        self.settings = settings
        self._home = home
        self._root = home.root.resolve()
        self._sessions = sessions
        self.bus = bus
        self._zygote = zygote
        self._machine = machine
        self._confinement = Confinement(home, sessions, machine)
        self.config = self._confinement.config
        self.recorder = recorder or Recorder(bus=bus)
        self._processes = Processes(self.recorder)
        self._contents = Contents(machine)
        self._quota = Quota()
        self._networks = networks or Networks()
        self._live: dict[str, LivePlugin] = {}
        self._sources: dict[str, tuple[str, str]] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._states: dict[str, State] = {}
        self._reasons: dict[str, str] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._logs: dict[str, PluginLog] = {}
        self.management: Management | None = None
        self.listening = Listening(self)
        self.hooks = Hooks(bus, self.listening)
        self.guards = Guards(self.hooks, self.recorder)
        bus.attach(self.listening)

    # --- what is known

    def state(self, name: str) -> tuple[State, str]:
        """Return the state of an installed plugin, and why it is not ready (or "")."""
        record = self.registry.get(name)
        active = self._states.get(name)
        if active in (State.STARTING, State.RUNNING, State.DRAINING):
            return active, self._awaited(name, record)
        if not record.enabled:
            return State.INSTALLED, "disabled"
        missing = self.missing_config(record)
        if missing:
            return State.NEEDS_CONFIG, f"needs the setting{'s' * (len(missing) > 1)} {', '.join(missing)}"
        if name in self._reasons or not record.activated:
            return State.FAILED, self._reasons.get(name, "it has never been activated")
        return State.ENABLED, self._awaited(name, record)

    def _awaited(self, name: str, record: Record) -> str:
        """Return what the user has yet to answer, or ""."""
        asks = self._contents.asks(name) if record.linked else ()
        command = f"yesman plugin install --link {argument(record.source)}"
        return f"now asks for {', '.join(asks)}: {command}" if asks else ""

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

    def log_of(self, name: str) -> PluginLog:
        """Return the plugin's log."""
        if name not in self._logs:
            self._logs[name] = PluginLog(self._home.plugin_logs / f"{name}.log")
        return self._logs[name]

    def data_dir(self, name: str) -> Path:
        """Return the plugin's data folder."""
        return self._home.data / name

    def code_dir(self, record: Record) -> Path:
        """Return where the plugin's own files are."""
        return self._confinement.code_dir(record)

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
            live = await self.activate(name)
            return await live.command(command, options, terminal, caller)

    async def activate(self, name: str) -> LivePlugin:
        """Return the plugin's process, started or restarted if need be.

        Raises:
            NotFoundError: Not installed.
            UsageError: Disabled, or not made for this version of yesman.
            NeedsConfigError: Required settings are missing.
            VerificationError: Its installed files were changed.
            YesmanError: Whatever kept it from loading.
        """
        async with self._locks[name]:
            ticket = self._processes.ticket(name)
            record = self.registry.get(name)
            check_ready(name, record, self.missing_config(record))
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
        self._move(name, State.STARTING)
        try:
            await self._quota.check(name, policy)
            granted = partial(self.registry.granted, name)
            spawned = partial(self._processes.add, name, ticket=ticket, trial=False)
            settings = self.settings.of(record.settings)
            live = await self.load(name, record, policy, settings, granted=granted, on_spawned=spawned)
        except YesmanError as error:
            self._move(name, State.FAILED)
            self._reasons[name] = error.message
            raise
        except BaseException:
            self._move(name, State.FAILED)
            self._reasons[name] = "starting it was interrupted"
            raise
        self._reasons.pop(name, None)
        self._move(name, State.RUNNING)
        self._live[name] = live
        self._sources[name] = source
        live.ended.add_done_callback(lambda _: self._on_end(name, live))
        self.recorder.loaded(name, record.version, live)
        return live

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
        """Start a process for ``record`` without taking it into service."""
        manifest = record.parsed_manifest()
        config = manifest.config.check(await self.settings.revealed(settings))
        log = self.log_of(name)
        log.hide(config[key] for key in secret_names(settings))
        make_folders(policy)
        network = self._networks.of(name, record.granted(), policy.limits)
        services = PluginServices(
            name,
            granted,
            self._sessions,
            self.bus,
            self._confinement.roots,
            network,
            self.recorder,
            self.management,
            self.guards,
        )

        def begun(live: LivePlugin) -> None:
            on_spawned(live)
            live.ended.add_done_callback(lambda _: log.settle())

        return await LivePlugin.start(
            self._zygote,
            policy,
            config=config,
            declared=declared_data(manifest),
            services=Paced(services, policy.limits),
            network=network,
            witness=Witness(
                log.write,
                spawned=begun,
                refused=partial(self.recorder.denial, name),
                exceeded=partial(self.recorder.exceeded, name),
                program=partial(self.recorder.program, name),
            ),
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

    def failed(self, name: str, reason: str) -> None:
        """Note why an installed plugin could not be activated."""
        self._reasons[name] = reason

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
        """End the plugin's process, if it has one."""
        async with self._locks[name]:
            await self._drain(name)
            self._reasons.pop(name, None)

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
        """End every process, all at the same time."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*(self.stop(name) for name in list(self._live)))

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

    async def _drain(self, name: str) -> None:
        live = self._live.get(name)
        if live is None:
            return
        if self._states.get(name) is State.RUNNING:
            self._move(name, State.DRAINING)
        await live.stop()

    def _on_end(self, name: str, live: LivePlugin) -> None:
        self._quota.note(name, live)
        if self._live.get(name) is live:
            del self._live[name]
            self.bus.forget(name)
            self._move(name, State.ENABLED)

    def _move(self, name: str, state: State) -> None:
        self._states[name] = check_change(self._states.get(name, State.ENABLED), state)
