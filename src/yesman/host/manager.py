"""All installed plugins and their processes: activated on first use, one process each.

Before every use the policy is decided anew. A process that runs under another policy (a
session appeared and with it a root, a granted folder was made anew, a setting changed, a
grant was withdrawn) is drained and started again, so what runs is always what was consented to.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import ExitStack, asynccontextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yesman
from yesman.host import durable
from yesman.host.contributions import compare, declared_data
from yesman.host.logs import PluginLog
from yesman.host.services import PluginServices
from yesman.host.settings import read_roots
from yesman.model.errors import (
    NeedsConfigError,
    NotFoundError,
    PlatformError,
    UsageError,
    VerificationError,
    YesmanError,
)
from yesman.model.lifecycle import State, check_change
from yesman.model.manifest import check_host_version
from yesman.model.nearmiss import unknown
from yesman.model.permissions import covers_session
from yesman.package.folder import digest_folder
from yesman.package.staging import staging
from yesman.runtime.grants_policy import Machine, Places, check_linkable, decide, expand, why_refused
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from yesman.host.bus import Bus
    from yesman.host.caller import CommandCaller
    from yesman.host.contributions import Comparison
    from yesman.host.registry import Record, Registry
    from yesman.host.settings import PluginSettings
    from yesman.model.home import Home
    from yesman.runtime.zygote import Zygote
    from yesman.sandbox.policy import Policy
    from yesman.sessions.service import Sessions


class PluginManager:
    """Activates plugins, runs their commands, delivers their events, ends them.

    Args:
        home: Where state lives.
        registry: What is installed.
        settings: What users set.
        sessions: The session service.
        bus: The event bus; :meth:`yesman.host.bus.Bus.attach` gives it this manager.
        zygote: Forks plugin processes.
        machine: Facts the policy rests on.
        networks: Where names and connections lead: to the world, unless a test hands over another.
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
        networks: Networks | None = None,
    ) -> None:
        self.registry = registry
        self.settings = settings
        self._home = home
        self._root = home.root.resolve()
        self._sessions = sessions
        self._bus = bus
        self._zygote = zygote
        self._machine = machine
        self._networks = networks or Networks()
        self._live: dict[str, LivePlugin] = {}
        self._sources: dict[str, str] = {}
        self._retiring: set[asyncio.Task[None]] = set()
        self._states: dict[str, State] = {}
        self._reasons: dict[str, str] = {}
        self._verified: set[str] = set()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._logs: dict[str, PluginLog] = {}
        bus.attach(self)

    # --- what is known

    def state(self, name: str) -> tuple[State, str]:
        """Return the state of an installed plugin, and why it is not ready (or "")."""
        record = self.registry.get(name)
        active = self._states.get(name)
        if active in (State.STARTING, State.RUNNING, State.DRAINING):
            return active, ""
        if not record.enabled:
            return State.INSTALLED, "disabled"
        missing = self.missing_config(record)
        if missing:
            return State.NEEDS_CONFIG, f"needs the setting{'s' * (len(missing) > 1)} {', '.join(missing)}"
        if name in self._reasons or not record.activated:
            return State.FAILED, self._reasons.get(name, "it has never been activated")
        return State.ENABLED, ""

    def pid(self, name: str) -> int | None:
        """Return the pid of the plugin's process, None when it has none."""
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
        if record.linked:
            return Path(record.source)
        return self._real(self._home.store) / record.digest.removeprefix("sha256:")

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
            record = self.registry.get(name)
            self._check_ready(name, record)
            policy = await self.policy(name, record)
            source = f"{await self._verify(name, record)} {_ground(policy)}"
            live = self._live.get(name)
            if live is not None:
                if live.policy == policy and self._sources.get(name) == source and not live.ended.done():
                    return live
                await self._replace(name, live, policy)
            return await self._start(name, record, policy, source)

    def _check_ready(self, name: str, record: Record) -> None:
        if not record.enabled:
            raise UsageError(f"plugin '{name}' is disabled", f"Enable it: yesman plugin enable {name}")
        missing = self.missing_config(record)
        if missing:
            raise NeedsConfigError(
                f"plugin '{name}' needs the setting '{missing[0]}'",
                f"Set it: yesman plugin config {name} {missing[0]} VALUE",
            )
        check_host_version(record.parsed_manifest(), yesman.__version__)

    async def _verify(self, name: str, record: Record) -> str:
        """Return what identifies the plugin's files now: linked ones may change, installed ones may not."""
        if not record.linked and record.digest in self._verified:
            return record.digest
        if record.linked:
            check_linkable(record.source, self._machine)
        digest = await asyncio.to_thread(digest_folder, self.code_dir(record))
        if record.linked:
            return digest
        if digest != record.digest:
            raise VerificationError(
                f"the installed files of plugin '{name}' were changed",
                f"Install it again: yesman plugin install {record.source}",
            )
        self._verified.add(digest)
        return digest

    async def _start(self, name: str, record: Record, policy: Policy, source: str) -> LivePlugin:
        self._move(name, State.STARTING)
        try:
            live = await self.load(name, record, policy, self.settings.of(record.settings))
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
        return live

    async def load(self, name: str, record: Record, policy: Policy, settings: dict[str, Any]) -> LivePlugin:
        """Start a process for ``record`` without taking it into service."""
        manifest = record.parsed_manifest()
        log = self.log_of(name)
        try:
            for folder in (Path(policy.data), Path(policy.tmp)):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise PlatformError(
                f"{folder} cannot be made: {error.strerror}", "Mend it, then try again"
            ) from error
        network = self._networks.of(name, record.granted(), policy.limits)
        return await LivePlugin.start(
            self._zygote,
            policy,
            config=manifest.config.check(settings),
            declared=declared_data(manifest),
            services=PluginServices(name, record.granted(), self._sessions, self._bus, self.roots, network),
            network=network,
            log=log.write,
        )

    async def try_out(self, name: str, record: Record, settings: dict[str, Any]) -> Comparison:
        """Activate ``record`` once, away from service, and compare what it does with what it declares.

        Its data folder is an empty one for the occasion: a version that turns out not to load must
        not have touched the data of the one before.
        """
        async with self._scratch() as scratch:
            policy = await self.policy(name, record, own=self._real(self._home.data) / scratch.name)
            live = await self.load(name, record, policy, settings)
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

    async def policy(self, name: str, record: Record, *, own: Path | None = None) -> Policy:
        """Return what ``record`` may touch now; with ``own``, a real path, its folders are in there."""
        granted = record.granted()
        bare = any(p.name.startswith("filesystem.") and not p.scope for p in granted)
        environments = self._real(self._home.environments)
        places = Places(
            code=str(self.code_dir(record)),
            packages=str(environments / record.environment / "site") if record.environment else "",
            data=str(own / "data" if own else self._real(self._home.data) / name),
            tmp=str(own / "tmp" if own else self._real(self._home.tmp) / name),
        )
        roots = await self.roots() if bare else ()
        return decide(name, places, granted, roots, self._machine)

    def _real(self, folder: Path) -> Path:
        return self._root / folder.name

    async def roots(self) -> tuple[str, ...]:
        """Return what bare ``filesystem.*`` means: the user's ``roots``, else the folders of sessions.

        Sessions that plugins made do not count, nor do folders that cannot be granted at all.
        """
        configured = read_roots(self._home.config)
        chosen = await self._sessions.folders() if configured is None else configured
        return await asyncio.to_thread(grantable, chosen, self._machine)

    # --- events: what the bus asks of its listeners

    def hooked(self, event: str) -> Iterable[str]:
        """Return the enabled plugins whose recorded hooks match ``event``."""
        return [
            name
            for name, record in self.registry.all().items()
            if record.enabled and any(fnmatchcase(event, hook) for hook in record.hooks)
        ]

    def sees_session(self, plugin: str, session: str) -> bool:
        """Tell whether ``plugin`` may read ``session``."""
        record = self.registry.all().get(plugin)
        return record is not None and covers_session(record.granted(), "session.read", session)

    async def deliver(self, plugin: str, event: dict[str, Any]) -> None:
        """Hand one event to ``plugin``, starting it if need be."""
        live = await self.activate(plugin)
        await live.event(event)

    def log(self, plugin: str, level: int, message: str) -> None:
        """Write to the plugin's log."""
        self.log_of(plugin).write(level, message)

    # --- ends

    async def stop(self, name: str) -> None:
        """End the plugin's process, if it has one."""
        async with self._locks[name]:
            await self._drain(name)
            self._reasons.pop(name, None)

    async def close(self) -> None:
        """End every process, all at the same time."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*(self.stop(name) for name in list(self._live)))

    def in_use(self) -> set[Path]:
        """Return real paths of the code and packages that running processes were given."""
        policies = [live.policy for live in self._live.values()]
        return {Path(path) for policy in policies for path in (policy.code, policy.packages) if path}

    async def _replace(self, name: str, live: LivePlugin, policy: Policy) -> None:
        """Take ``live`` out of service: at once if it may touch more than it should, else when it is done."""
        if not policy.allows_all_of(live.policy):
            await self._drain(name)
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
        if self._live.get(name) is live:
            del self._live[name]
            self._bus.forget(name)
            self._move(name, State.ENABLED)

    def _move(self, name: str, state: State) -> None:
        self._states[name] = check_change(self._states.get(name, State.ENABLED), state)


def grantable(folders: Iterable[str], machine: Machine) -> tuple[str, ...]:
    """Return the absolute paths of those of ``folders`` that a plugin may be let into."""
    paths = (expand(folder, machine) for folder in folders)
    return tuple(path for path in paths if not why_refused(path, machine, writes=False))


def _ground(policy: Policy) -> str:
    """Return what identifies the granted folders: the kernel grants the one that was there, not its name."""
    return " ".join(_identity(path) for path in (*policy.read, *policy.write))


def _identity(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return "-"
    return f"{found.st_dev}:{found.st_ino}"
