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

from yesman.host import durable, incoming, needs
from yesman.host.acceptance import check_acceptable, check_grantable, check_needs, check_replaced
from yesman.host.consent import Asked, agreed, selected, unasked
from yesman.host.contributions import Comparison, declared_only
from yesman.host.derived import Derived
from yesman.host.grants import record_changes
from yesman.host.held_settings import HeldSettings
from yesman.host.kept_data import KeptData
from yesman.host.proposal import Answer, Proposal, propose
from yesman.host.registry import LOCAL_KEY, Record
from yesman.model.errors import VerificationError, YesmanError
from yesman.model.manifest import Manifest, as_data
from yesman.package.locking import lock_in, requirements_in
from yesman.package.staging import discard, sweep
from yesman.runtime.grants_policy import Machine, check_linkable

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.incoming import Taken
    from yesman.host.manager import PluginManager
    from yesman.model.home import Home
    from yesman.model.permissions import Permission
    from yesman.package.environments import Environments


class Installer:
    """Carries out changes; see the module's docstring."""

    def __init__(
        self, home: Home, manager: PluginManager, environments: Environments, machine: Machine
    ) -> None:
        self._home = home
        self._manager = manager
        self._environments = environments
        self._machine = machine
        self._derived = Derived(home, manager, environments)
        self._kept = KeptData(home)
        self._held = HeldSettings(manager.registry, manager.settings)
        self._changing = asyncio.Lock()

    async def recover(self) -> None:
        """Bring what is derived from the registry in line with it, after whatever happened before."""
        home = self._home
        settings = (home.settings, home.secrets, home.secrets_key)
        for file in (home.registry, *settings, home.index, home.kept_data, home.crashes):
            durable.sweep(file)
        for folder in (self._home.store, self._home.data):
            sweep(folder)
        self._derived.publish()
        self._held.keep()
        await self._derived.collect()

    async def recover_secrets(self) -> None:
        """Put secrets away that an earlier version left in plain settings, and forget what nobody refers to.

        Not a part of :meth:`recover`, because a keyring may let one wait.
        """
        async with self._changing:
            if await self._held.seal_plain():
                self._derived.publish()
            await self._collect()

    async def inspect(self, path: Path) -> Proposal:
        """Read a plugin's folder or package without running or keeping anything of it.

        Raises:
            YesmanError: It cannot be installed; the message says why.
        """
        manifest, digest = await asyncio.to_thread(incoming.look, path)
        records = self._manager.registry.all()
        check_acceptable(manifest, records, self._machine)
        known = manifest.name in records
        return propose(
            manifest,
            digest,
            path,
            records,
            self._machine.home,
            package=incoming.is_package(path),
            missing=manifest.config.missing(self._held.inherited(manifest, path)),
            heritage=None if known else self._kept.heritage(manifest.name, LOCAL_KEY, str(path)),
        )

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

        Raises:
            VerificationError: What is at ``path`` changed since it was inspected.
            PermissionDeniedError: The consent does not cover what the manifest asks for, or not that
                a plugin from elsewhere is replaced.
            YesmanError: It cannot be installed; nothing was changed.
        """
        async with self._changing:
            if link:
                path = await asyncio.to_thread(path.resolve)
                check_linkable(str(path), self._machine)
            report("copying the plugin's files")
            taken = await asyncio.to_thread(incoming.take, path, self._home.store, link=link)
            manifest = taken.manifest
            try:
                if taken.digest != digest or name not in {"", manifest.name}:
                    raise VerificationError(f"{path} changed while you were asked", "Run the command again")  # noqa: TRY301 - what was taken is collected
                records = self._manager.registry.all()
                check_acceptable(manifest, records, self._machine)
                check_replaced(manifest.name, records.get(manifest.name), path, agreed=replace)
                self._grants(manifest, path, answer)
                withheld = self._held.withheld(manifest, path)
                settings = await self._held.merged(manifest, path, config)
                before = self._manager.registry.granted(manifest.name)
                record = await self._prepare(taken, path, link=link, report=report)
                record = record.granting(self._grants(manifest, path, answer))
                outgrown = check_needs(manifest.name, record, self._manager.registry.all())
                record, warnings = await self._tried(manifest.name, record, settings, report)
                record = record.granting(self._grants(manifest, path, answer))  # some may be revoked by now
                old = self._manager.registry.all().get(manifest.name)
                aside = () if old else self._set_aside(manifest.name, record)
                self._commit(manifest.name, record, settings)
            except BaseException:
                await self._collect()
                raise
            self._note(manifest, old, record, answer)
            await self._manager.grants_changed(manifest.name, before)
            await self._manager.recorder.kept()
            self._manager.supervisor.forget(manifest.name)
            await self._manager.stop(manifest.name)
            self._manager.bus.resume()
            await self._collect()
            left_out = unasked(manifest, answer.grants or (), self._machine.home)
            warnings += aside + outgrown
            warnings += tuple(f"this plugin does not get the '{key}' of the one before" for key in withheld)
            warnings += tuple(f"'{text}' was not granted, because it is not asked for" for text in left_out)
            return self._installed(manifest.name, record, warnings)

    def _set_aside(self, name: str, record: Record) -> tuple[str, ...]:
        """Keep a newcomer from data that another plugin of its name has left; return what to say of it."""
        found = self._kept.heritage(name, record.key, record.source)
        if found is None or found.inherited:
            return ()
        folder = self._kept.set_aside(name)
        return (f"data that another plugin of this name had left is now in {folder}",)

    def _note(self, manifest: Manifest, old: Record | None, new: Record, answer: Answer) -> None:
        """Record an installation or update, and what the user agreed to for it."""
        recorder, name = self._manager.recorder, manifest.name
        recorder.decision(
            "update" if old else "install",
            name,
            new.version,
            before=old.version if old else None,
            digest=new.digest,
            source=new.source,
            linked=new.linked,
            by=answer.by,
        )
        added = tuple(map(str, Asked.of(manifest, old, Path(new.source), self._machine.home).added))
        if added or answer.grants is not None:
            recorder.decision("consent", name, new.version, asked=added, granted=new.grants, by=answer.by)
        record_changes(recorder, name, old.grants if old else (), new.grants, answer.by)

    def _grants(self, manifest: Manifest, path: Path, answer: Answer) -> tuple[Permission, ...]:
        """Return what the plugin is granted if it is installed at this moment."""
        home = self._machine.home
        if answer.grants is not None:
            grants = selected(manifest, answer.grants, home)
            check_grantable(manifest.name, grants, self._machine)
            return grants
        asked = Asked.of(manifest, self._manager.registry.all().get(manifest.name), path, home)
        return agreed(manifest, asked, answer.consent, home)

    async def _prepare(
        self, taken: Taken, path: Path, *, link: bool, report: Callable[[str], None]
    ) -> Record:
        manifest, code = taken.manifest, taken.code
        wanted = requirements_in(code, manifest)
        environment = await self._environments.ensure(wanted, report=report, lock=lock_in(code, wanted))
        return Record(
            version=manifest.version,
            installed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            manifest=as_data(manifest),
            digest=taken.digest,
            source=str(path),
            linked=link,
            environment=environment.digest if environment else "",
            lock=environment.lock if environment else "",
            commands=declared_only(manifest),
        )

    async def _tried(
        self, name: str, record: Record, settings: dict[str, Any], report: Callable[[str], None]
    ) -> tuple[Record, tuple[str, ...]]:
        """Return ``record`` with what the plugin contributes, and warnings; as it is while settings miss.

        Raises:
            UsageError: Its hooks and those of other plugins contradict each other about the order.
        """
        if record.parsed_manifest().config.missing(settings):
            return record, ()
        report("activating it once in its sandbox")
        compared = await self._manager.try_out(name, record, settings)
        record = _with(record, compared)
        self._manager.listening.check(name, record)
        return record, compared.warnings

    def _commit(self, name: str, record: Record, settings: dict[str, Any]) -> None:
        """Make record and settings the current ones, at one instant: when the registry is replaced."""
        try:
            known, held = name in self._manager.registry.all(), self._held.of(name)
            key = self._manager.settings.add(name, settings)
            self._manager.registry.put(name, msgspec.structs.replace(record, settings=key))
        finally:
            self._held.keep()
        self._derived.publish()
        changed = {key for key in held | settings if held.get(key) != settings.get(key)}
        if known and changed:
            self._manager.recorder.configured(name, changed)

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
            UsageError: An unknown setting or a value that does not fit; nothing was changed.
            YesmanError: The settings are kept, but the plugin does not load with them.
        """
        async with self._changing:
            try:
                settings = await self._held.changed(name, values, unset)
                self._commit(name, self._manager.registry.get(name), settings)
                await self._manager.stop(name)
            finally:
                await self._collect()
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
        async with self._changing:
            record, settings = self._manager.registry.get(name), self._held.of(name)
            if not record.enabled or record.activated or self._manager.suspension.safe_mode:
                return
            try:
                record, _ = await self._tried(name, record, settings, lambda _: None)
            except YesmanError as error:
                self._manager.states.failed(name, error.message)
                raise
            if record.activated:
                grants = self._manager.registry.get(name).grants  # some may be revoked by now
                self._commit(name, msgspec.structs.replace(record, grants=grants), settings)
                await self._manager.stop(name)

    async def set_enabled(self, name: str, *, enabled: bool, by: str = "") -> tuple[str, ...]:
        """Let a plugin run and forget its crashes, or end it and keep it from running.

        Returns:
            The enabled plugins that need it.
        """
        async with self._changing:
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
        async with self._changing:
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
            await self._collect()
            return data if await asyncio.to_thread(data.exists) else None

    # --- parts

    async def _collect(self) -> None:
        """Remove what no record refers to any more."""
        await self._held.tidy()
        await self._derived.collect()


def _with(record: Record, compared: Comparison) -> Record:
    return msgspec.structs.replace(
        record,
        commands=compared.commands,
        hooks=compared.hooks,
        providers=compared.providers,
        activated=True,
    )
