"""All installed plugins: what is known of each, who uses them, and what becomes of their processes.

A grant that is taken back ends a process without waiting for the next use.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yesman.host.confinement import Confinement
from yesman.host.consent import lost
from yesman.host.contents import Contents
from yesman.host.guards import Guards
from yesman.host.hooks import Hooks
from yesman.host.listening import Listening
from yesman.host.logs import PluginLogs
from yesman.host.panels import Panels
from yesman.host.prerequisites import Prerequisites
from yesman.host.processes import Processes
from yesman.host.providers import Providers
from yesman.host.readiness import check_ready
from yesman.host.recorder import Recorder
from yesman.host.refusals import explain, grant_for, meanwhile
from yesman.host.reviving import Reviver
from yesman.host.revocations import Revocations
from yesman.host.services import PluginServices
from yesman.host.serving import Serving
from yesman.host.starting import Starter
from yesman.host.states import States
from yesman.host.supervisor import Supervisor
from yesman.host.suspension import Suspension
from yesman.model.errors import NotFoundError, UsageError, YesmanError
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
    from yesman.host.registry import Record, Registry
    from yesman.host.served import Reloaded
    from yesman.host.settings import PluginSettings
    from yesman.host.subscriptions import Subscriber
    from yesman.model.home import Home
    from yesman.model.lifecycle import State
    from yesman.model.permissions import Permission
    from yesman.runtime.grants_policy import Machine
    from yesman.runtime.network import PluginNetwork
    from yesman.runtime.plugin import LivePlugin
    from yesman.runtime.zygote import Exit, Zygote
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
        revocations: What registries have revoked.
        serving: Keeps a process of each in service.
        providers: Calls what they provide.
        panels: Shows what they add to the dashboards.
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
        self.revocations = Revocations(home.revocations)
        self.states = States(
            registry,
            self.missing_config,
            self._prerequisites.unmet,
            self._contents,
            self.supervisor,
            self.suspension,
            self.revocations,
        )
        self._starter = Starter(
            home,
            zygote,
            self._confinement,
            networks or Networks(),
            self._processes,
            self.recorder,
            self.log_of,
            bus,
            self._services,
        )
        self.serving = Serving(
            self, self._confinement, self._contents, self._starter, self._processes, self._prerequisites
        )
        self._closing = False
        self.management: Management | None = None
        self.listening = Listening(self)
        self.hooks = Hooks(bus, self.listening)
        self.guards = Guards(self.hooks, self.recorder, lambda: map(registry.granted, registry.all()))
        self.providers = Providers(self)
        self.panels = Panels(self)
        self.notifications: Notifications | None = None
        bus.attach(self.listening)

    # --- what is known

    def state(self, name: str) -> tuple[State, str]:
        """Return the state of an installed plugin, and why it is not ready (or "")."""
        return self.states.of(name)

    def running(self, name: str) -> LivePlugin | None:
        """Return the plugin's process, None when it has none."""
        return self.serving.running(name)

    def pid(self, name: str) -> int | None:
        """Return its pid."""
        live = self.running(name)
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
            UsageError: It is disabled, quarantined, revoked or not made for this yesman, or nobody runs.
            NeedsConfigError: Required settings are missing.
        """
        if self._closing:
            raise UsageError(f"plugin '{name}' is not run: the server is stopping", "Run the command again")
        self.suspension.check(name)
        self.revocations.check(name, record)
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
            if behind := self.serving.behind(name):
                # As a note: why is the plugin's word, and must stay within one line of ours.
                caller.output("note", f"yesman: the version before answers, because {behind}".encode())
            with self.recorder.activity.follow(name, "denial") as refused:
                result = await live.command(command, options, terminal, caller)
            record = self.registry.all().get(name)
            if record and (line := meanwhile(refused.seen(), name, record, self._machine.home)):
                caller.output("note", f"yesman: {line}".encode())
            return result

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
        return await self.serving.activate(name, asked=asked)

    async def reload(self, name: str) -> Reloaded:
        """Replace the plugin's process by a new one on its files as they are; nothing is lost or doubled.

        Raises:
            NotFoundError: It is not installed.
            YesmanError: The new process does not start or is not fit; the one before goes on.
        """
        with self.explained(name):
            return await self.serving.reload(name)

    async def try_out(self, name: str, record: Record, settings: dict[str, Any]) -> Comparison:
        """Activate ``record``, which need not be installed, once and away from service.

        Raises:
            YesmanError: It is revoked, it does not load, or what it needs does not run.
        """
        self.suspension.check(name)
        self.revocations.check(name, record)
        await self._prerequisites.start(name, record, asked=True)
        return await self._starter.try_out(name, record, await self.settings.revealed(settings))

    def _services(
        self,
        name: str,
        granted: Callable[[], tuple[Permission, ...]],
        network: PluginNetwork,
        subscriber: Subscriber,
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
            subscriber,
            self.panels,
        )

    def grant_for(self, name: str, refused: str) -> str:
        """Return what would have to be granted to plugin ``name``, which was refused that, or ""."""
        record = self.registry.all().get(name)
        return grant_for(refused, record, self._machine.home) if record else ""

    @contextmanager
    def explained(self, name: str) -> Iterator[None]:
        """Let refusals for want of a permission end with what can be done about it."""
        try:
            yield
        except YesmanError as error:
            if record := self.registry.all().get(name):
                explain(error, name, record, self._machine.home)
            raise

    # --- ends

    async def stop(self, name: str) -> None:
        """End the plugin's process, if it has one, when what it does is done or its time for that is over.

        Whoever wants to use it meanwhile waits if it may run again, and else is refused at once.
        """
        await self.serving.stop(name)

    async def block(self, name: str, reason: str) -> bool:
        """End all processes of a plugin that was revoked, now; return whether there were any."""
        ended = await self._processes.block(name, reason)
        await self.serving.stop(name)
        return ended

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
        self.serving.close()
        await self.stop_all()

    async def stop_all(self) -> None:
        """Stop all plugins, each after those that need it."""
        await self.serving.stop_all()

    def in_use(self) -> set[Path]:
        """Return real paths of the code and packages that running processes were given."""
        policies = [live.policy for live in self._processes.all()]
        return {Path(path) for policy in policies for path in (policy.code, policy.packages) if path}

    def _on_any_end(self, name: str, live: LivePlugin, end: Exit) -> None:
        record = self.registry.all().get(name)
        if record is not None:
            self.supervisor.ended(name, record.version, live, end)
