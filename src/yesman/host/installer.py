"""Install, configure, enable, disable, remove: every change to what is installed.

One change at a time. Everything is prepared aside (content by digest, environment by lock,
one activation in the sandbox), then the registry is replaced in one rename; whoever is
killed before it leaves the old state, after it the new. What is left over is swept later.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from yesman import durable
from yesman.host import incoming, needs
from yesman.host.acceptance import check_acceptable, check_grantable, check_needs, check_replaced
from yesman.host.changes import Changes
from yesman.host.consent import Asked, agreed, selected, unasked
from yesman.host.contributions import compare, declared_only
from yesman.host.difference import Differences
from yesman.host.grants import record_installation
from yesman.host.kept_data import KeptData
from yesman.host.origin import Origin
from yesman.host.proposal import Answer, Proposal, propose
from yesman.host.proving import prove, tried, with_contributions
from yesman.host.registry import Record
from yesman.host.scanning import check
from yesman.model.errors import VerificationError, YesmanError
from yesman.model.manifest import Manifest, as_data
from yesman.package.locking import lock_in, requirements_in
from yesman.package.staging import discard, sweep
from yesman.runtime.grants_policy import Machine, check_linkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.incoming import Taken
    from yesman.host.manager import PluginManager
    from yesman.host.scanning import Scanning
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.package.environments import Environments


class Installer:
    """Carries out changes; see the module's docstring.

    Args:
        home: Where state lives.
        manager: The plugins.
        environments: The environments of dependencies.
        machine: Decides what can be granted at all.
        scanning: Looks at everything first; None where that is not wanted, as in tests of one's own plugin.

    Attributes:
        changes: What other changes than these need.
        machine: Decides what can be granted at all.
    """

    def __init__(
        self,
        home: Home,
        manager: PluginManager,
        environments: Environments,
        machine: Machine,
        scanning: Scanning | None,
    ) -> None:
        self._home = home
        self._manager = manager
        self._environments = environments
        self.machine = machine
        self._scanning = scanning
        self._kept = KeptData(home)
        self._differences = Differences(home, manager)
        self.changes = changes = Changes(home, manager, environments, machine.home)
        self._held, self._derived = changes.held, changes.derived
        manager.serving.on_relieved = lambda name: changes.soon(name, self.refresh(name))

    async def recover(self) -> None:
        """Bring what is derived from the registry in line with it, after whatever happened before."""
        home = self._home
        settings = (home.settings, home.secrets, home.secrets_key)
        for file in (home.registry, *settings, home.index, home.kept_data, home.crashes, home.revocations):
            durable.sweep(file)
        for folder in (self._home.store, self._home.data):
            sweep(folder)
        if self._scanning:
            self._scanning.sweep()
        self._derived.publish()
        self._held.keep()
        await self._derived.collect()

    async def recover_secrets(self) -> None:
        """Put secrets away that an earlier version left in plain settings, and forget what nobody refers to.

        Not a part of :meth:`recover`, because a keyring may let one wait.
        """
        async with self.changes.one_at_a_time:
            if await self._held.seal_plain():
                self._derived.publish()
            await self.changes.collect()

    async def inspect(self, path: Path, origin: Origin | None = None) -> Proposal:
        """Read a plugin's folder or package without running or keeping anything of it.

        Args:
            path: The folder or package.
            origin: Where it comes from, if not from there.

        Raises:
            YesmanError: It cannot be installed; the message says why.
        """
        manifest, digest, *_ = await asyncio.to_thread(incoming.look, path)
        records = self._manager.registry.all()
        check_acceptable(manifest, records, self.machine)
        known = manifest.name in records
        origin = origin or Origin.of(path)
        scan = await self._scanning.of(path, digest) if self._scanning else None
        return propose(
            manifest,
            digest,
            origin,
            records,
            self.machine.home,
            package=incoming.is_package(path),
            missing=manifest.config.missing(self._held.inherited(manifest, origin)),
            heritage=None if known else self._kept.heritage(manifest.name, origin),
            scan=scan,
            difference=await self._differences.of(path, manifest, origin),
        )

    async def difference(self, path: Path, origin: Origin | None = None) -> tuple[str, ...]:
        """Return lines that show how the files at ``path`` differ from what is installed, as :meth:`inspect`.

        There are none where it is no update from a registry.
        """
        manifest, *_ = await asyncio.to_thread(incoming.look, path)
        return await self._differences.text(path, manifest, origin or Origin.of(path))

    async def install(
        self,
        path: Path,
        *,
        link: bool,
        digest: str,
        answer: Answer,
        config: dict[str, str],
        report: Callable[[str], None],
        name: str = "",
        replace: bool = False,
        origin: Origin | None = None,
    ) -> dict[str, Any]:
        """Install the plugin in the folder or package ``path``, or replace the version installed before.

        Args:
            path: The plugin's folder, or a package.
            link: Run the folder itself instead of a copy.
            digest: What the user was shown; anything else now is refused.
            answer: What the user said to the permissions it asks for.
            config: Settings as text, by key.
            report: Called with lines of progress.
            name: The plugin the user was shown; "" when there is nobody to show it to.
            replace: Whether the user agreed that it takes the place of a plugin from elsewhere.
            origin: Where it comes from, if not from ``path``.

        Raises:
            VerificationError: What is at ``path`` changed since it was inspected.
            PermissionDeniedError: The consent does not cover what the manifest asks for, or not that
                a plugin from elsewhere is replaced, or not what else is new in an update.
            YesmanError: It cannot be installed; nothing was changed.
        """
        async with self.changes.one_at_a_time:
            if link:
                path = await asyncio.to_thread(path.resolve)
                check_linkable(str(path), self.machine)
            origin = origin or Origin.of(path)
            report("copying the plugin's files")
            taken = await asyncio.to_thread(incoming.take, path, self._home.store, link=link)
            manifest = taken.manifest
            try:
                if taken.digest != digest or name not in {"", manifest.name}:
                    raise VerificationError(f"{path} changed while you were asked", "Run the command again")  # noqa: TRY301 - what was taken is collected
                if self._scanning:
                    report("looking for malicious code")
                    check(await self._scanning.of(taken.code, taken.digest), manifest.name, answer.despite)
                records = self._manager.registry.all()
                check_acceptable(manifest, records, self.machine)
                check_replaced(manifest.name, records.get(manifest.name), origin, agreed=replace)
                self._grants(manifest, origin, answer)
                self._differences.check(taken.code, manifest, origin, answer.news)
                withheld = self._held.withheld(manifest, origin)
                settings = await self._held.merged(manifest, origin, config)
                before = self._manager.registry.granted(manifest.name)
                record = await self._prepare(taken, origin, link=link, report=report)
                record = record.granting(self._grants(manifest, origin, answer))
                outgrown = check_needs(manifest.name, record, self._manager.registry.all())
                record, warnings = await tried(self._manager, manifest.name, record, settings, report)
                old = self._manager.registry.all().get(manifest.name)
                record = record.granting(self._grants(manifest, origin, answer))  # some may be revoked by now
                record = record.instead_of(old, self.machine.home)
                self._manager.revocations.check(manifest.name, record)  # the user may have thought for long
                aside = () if old else self._set_aside(manifest.name, origin)
                held = self._held.of(manifest.name) if old else {}
                self.changes.commit(manifest.name, record, settings)
            except BaseException:
                await self.changes.collect()
                raise
            await self._manager.grants_changed(manifest.name, before)
            self._manager.supervisor.forget(manifest.name)
            same = old is not None and origin.continues(old)
            await self.changes.take_over(manifest.name, record, old if same else None, held)
            record_installation(self._manager.recorder, manifest, old, record, answer, self.machine.home)
            await self._manager.recorder.kept()
            self._manager.bus.resume()
            await self.changes.collect()
            left_out = unasked(manifest, answer.grants or (), self.machine.home)
            warnings += aside + outgrown
            warnings += tuple(f"this plugin does not get the '{key}' of the one before" for key in withheld)
            warnings += tuple(f"'{text}' was not granted, because it is not asked for" for text in left_out)
            return self._installed(manifest.name, record, warnings)

    def _set_aside(self, name: str, origin: Origin) -> tuple[str, ...]:
        """Keep a newcomer from data that another plugin of its name has left; return what to say of it."""
        found = self._kept.heritage(name, origin)
        if found is None or found.inherited:
            return ()
        folder = self._kept.set_aside(name)
        return (f"data that another plugin of this name had left is now in {folder}",)

    def _grants(self, manifest: Manifest, origin: Origin, answer: Answer) -> tuple[Permission, ...]:
        """Return what the plugin is granted if it is installed at this moment."""
        home = self.machine.home
        if answer.grants is not None:
            grants = selected(manifest, answer.grants, home)
            check_grantable(manifest.name, grants, self.machine)
            return grants
        asked = Asked.of(manifest, self._manager.registry.all().get(manifest.name), origin, home)
        return agreed(manifest, asked, answer.consent, home)

    async def _prepare(
        self, taken: Taken, origin: Origin, *, link: bool, report: Callable[[str], None]
    ) -> Record:
        manifest, code = taken.manifest, taken.code
        wanted = requirements_in(code, manifest)
        wheels = Path(origin.wheels) if origin.wheels else None
        environment = await self._environments.ensure(
            wanted, report=report, lock=lock_in(code, wanted), wheels=wheels
        )
        return Record(
            version=manifest.version,
            installed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            manifest=as_data(manifest),
            digest=taken.digest,
            source=origin.source,
            key=origin.key,
            publisher=origin.publisher,
            package=origin.package,
            linked=link,
            environment=environment.digest if environment else "",
            lock=environment.lock if environment else "",
            commands=declared_only(manifest),
        )

    def _installed(self, name: str, record: Record, warnings: tuple[str, ...]) -> dict[str, Any]:
        state, reason = self._manager.state(name)
        commands = [command["name"] for command in record.commands]
        return {
            "name": name,
            "version": record.version,
            "state": state.value,
            "reason": reason,
            "warnings": list(warnings),
            "commands": [typed for typed, plugin, _ in self._derived.typed() if plugin == name] or commands,
        }

    async def configure(self, name: str, values: dict[str, str], unset: tuple[str, ...]) -> None:
        """Change settings; a plugin that now has all it needs is activated once and recorded.

        Raises:
            UsageError: An unknown setting, a value that does not fit, or one with which the plugin does not
                load, though it did so far; nothing was changed.
            YesmanError: The settings are kept, but the plugin, which did not before, does not load with them.
        """
        async with self.changes.one_at_a_time:
            try:
                settings = await self._held.changed(name, values, unset)
                await prove(self._manager, name, settings)
                self.changes.commit(name, self._manager.registry.get(name), settings)
                await self._manager.stop(name)
            finally:
                await self.changes.collect()
        await self.complete(name)
        self._manager.bus.resume()

    async def complete(self, name: str) -> None:
        """Activate and record a plugin that has its settings but never was: that failed, or was cut short.

        Raises:
            NotFoundError: It is not installed.
            YesmanError: It does not load; its state says why.
        """
        if self._manager.registry.get(name).activated:
            return
        async with self.changes.one_at_a_time:
            record, settings = self._manager.registry.get(name), self._held.of(name)
            if not record.enabled or record.activated or self._manager.suspension.safe_mode:
                return
            try:
                record, _ = await tried(self._manager, name, record, settings)
            except YesmanError as error:
                self._manager.states.failed(name, error.message)
                raise
            if record.activated:
                grants = self._manager.registry.get(name).grants  # some may be revoked by now
                self.changes.commit(name, msgspec.structs.replace(record, grants=grants), settings)
                await self._manager.stop(name)

    async def refresh(self, name: str) -> None:
        """Record what a linked plugin contributes, as its process has it, if that is not what is recorded."""
        async with self.changes.one_at_a_time:
            live, record = self._manager.running(name), self._manager.registry.get(name)
            if live is None or not record.linked:
                return
            refreshed = with_contributions(record, compare(record.parsed_manifest(), live.contributed))
            if refreshed != record:
                self._manager.listening.check(name, refreshed)
                self.changes.commit(name, refreshed, self._held.of(name))

    async def set_enabled(self, name: str, *, enabled: bool, by: str = "") -> tuple[str, ...]:
        """Let a plugin run and forget its crashes, or end it and keep it from running.

        Returns:
            The enabled plugins that need it.
        """
        async with self.changes.one_at_a_time:
            record = self._manager.registry.get(name)
            lifted = enabled and self._manager.supervisor.pardon(name)
            self._manager.registry.put(name, msgspec.structs.replace(record, enabled=enabled))
            self._manager.recorder.decision(
                "enable" if enabled else "disable", name, record.version, quarantined=lifted, by=by
            )
            self._derived.publish()
            await self._manager.stop(name)
            self._manager.bus.resume()
            await self._manager.recorder.kept()
            return needs.needed_by(name, self._manager.registry.all())

    async def remove(self, name: str, *, purge: bool) -> Path | None:
        """Remove a plugin; return its data folder if that was kept and exists."""
        async with self.changes.one_at_a_time:
            record = self._manager.registry.get(name)
            before = self._manager.registry.granted(name)
            if not purge:
                self._kept.leave(name, record)
            self._manager.registry.drop(name)
            self._manager.recorder.decision("remove", name, record.version, purge=purge)
            await self._manager.grants_changed(name, before)
            await self._manager.recorder.kept()
            self._derived.publish()
            await self._manager.stop(name)
            self._manager.supervisor.forget(name)
            self._manager.bus.removed(name)
            data = self._manager.data_dir(name)
            for folder in (self._home.tmp / name, *((data,) if purge else ())):
                with durable.explained(folder):
                    await asyncio.to_thread(discard, folder)
            if purge:
                self._kept.forget(name)
            await self.changes.collect()
            return data if await asyncio.to_thread(data.exists) else None
