"""Install, configure, enable, disable, remove: every change to what is installed.

One change at a time. Everything is prepared aside (content by digest, environment by lock,
one activation in the sandbox), then the registry is replaced in one rename; whoever is
killed before it leaves the old state, after it the new. What is left over is swept later.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

import yesman
from yesman.host import durable
from yesman.host.contributions import Comparison, declared_only, typed_names
from yesman.host.index import CommandIndex, compile_index
from yesman.host.registry import LOCAL_KEY, Record
from yesman.model.errors import (
    AuthorError,
    NotFoundError,
    PermissionDeniedError,
    UsageError,
    VerificationError,
    YesmanError,
)
from yesman.model.manifest import Manifest, as_data, parse_manifest
from yesman.model.reserved import BUILT_IN
from yesman.model.strict_yaml import MAX_BYTES
from yesman.package.folder import digest_folder, stage_folder
from yesman.package.requirements import requirements_of
from yesman.package.staging import discard, sweep
from yesman.package.trees import remove_tree
from yesman.runtime.grants_policy import Machine, refused_scopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yesman.host.manager import PluginManager
    from yesman.model.home import Home
    from yesman.package.environments import Environments

MANIFEST = "plugin.yaml"
REQUIREMENTS = "requirements.txt"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder would install; what the user is asked to consent to."""

    name: str
    version: str
    author: str
    description: str
    digest: str
    publisher: str
    permissions: tuple[dict[str, str], ...]
    hooks: tuple[str, ...]
    installed: dict[str, str] | None
    added_permissions: tuple[str, ...]
    missing_config: tuple[str, ...]


class Installer:
    """Carries out changes; see the module's docstring."""

    def __init__(
        self, home: Home, manager: PluginManager, environments: Environments, machine: Machine
    ) -> None:
        self._home = home
        self._manager = manager
        self._environments = environments
        self._machine = machine
        self._changing = asyncio.Lock()

    async def recover(self) -> None:
        """Bring what is derived from the registry in line with it, after whatever happened before."""
        sweep(self._home.store)
        self._publish_derived()
        await self._collect()

    async def inspect(self, path: Path) -> Proposal:
        """Read a plugin folder without running or copying anything of it.

        Raises:
            YesmanError: It cannot be installed; the message says why.
        """
        manifest = await asyncio.to_thread(_read_manifest, path)
        digest = await asyncio.to_thread(digest_folder, path)
        self._check_acceptable(manifest)
        record = self._manager.registry.all().get(manifest.name)
        before = set(record.grants) if record else set()
        wanted = [str(permission) for permission in manifest.permissions]
        return Proposal(
            name=manifest.name,
            version=manifest.version,
            author=manifest.author,
            description=manifest.description,
            digest=digest,
            publisher=LOCAL_KEY,
            permissions=tuple(
                {"permission": str(p), "risk": p.risk.value, "reaches": p.reaches, "reason": p.reason}
                for p in manifest.permissions
            ),
            hooks=tuple(hook.name for hook in manifest.hooks),
            installed={"version": record.version, "digest": record.digest} if record else None,
            added_permissions=tuple(text for text in wanted if record and text not in before),
            missing_config=manifest.config.missing(self._manager.settings.of(manifest.name)),
        )

    async def install(
        self,
        path: Path,
        *,
        link: bool,
        digest: str,
        consent: tuple[str, ...],
        config: dict[str, str],
        report: Callable[[str], None],
    ) -> dict[str, Any]:
        """Install the plugin in folder ``path``, or replace the version installed before.

        Args:
            path: The plugin's folder.
            link: Run the folder itself instead of a copy.
            digest: What the user was shown; anything else now is refused.
            consent: The permissions the user agreed to.
            config: Settings as text, by key.
            report: Called with lines of progress.

        Raises:
            VerificationError: The folder changed since it was inspected.
            PermissionDeniedError: The consent does not cover what the manifest asks for.
            YesmanError: It cannot be installed; nothing was changed.
        """
        async with self._changing:
            report("copying the plugin's files")
            code, found = await self._stage(path, link=link)
            if found != digest:
                raise VerificationError(f"{path} changed while you were asked", "Run the command again")
            manifest = _read_manifest(code)
            self._check_acceptable(manifest)
            _check_consent(manifest, consent)
            settings = self._merged_settings(manifest, config)
            record = await self._prepare(manifest, path, code, found, link=link, report=report)
            return await self._commit(manifest, record, settings, report)

    async def _prepare(
        self,
        manifest: Manifest,
        path: Path,
        code: Path,
        digest: str,
        *,
        link: bool,
        report: Callable[[str], None],
    ) -> Record:
        requirements = requirements_of(manifest.dependencies, _read_optional(code / REQUIREMENTS))
        environment = await self._environments.ensure(requirements, report=report)
        return Record(
            version=manifest.version,
            installed_at=datetime.now(UTC).isoformat(timespec="seconds"),
            manifest=as_data(manifest),
            digest=digest,
            source=str(path),
            linked=link,
            grants=tuple(str(permission) for permission in manifest.permissions),
            environment=environment.digest if environment else "",
            lock=environment.lock if environment else "",
            commands=declared_only(manifest),
        )

    async def _commit(
        self,
        manifest: Manifest,
        record: Record,
        settings: dict[str, Any],
        report: Callable[[str], None],
    ) -> dict[str, Any]:
        name, manager = manifest.name, self._manager
        old_settings, had_data = manager.settings.of(name), manager.data_dir(name).exists()
        await manager.stop(name)
        manager.settings.put(name, settings)
        warnings: tuple[str, ...] = ()
        try:
            if not manager.missing_config(name, record):
                report("activating it once in its sandbox")
                record, warnings = await self._activated(name, record)
            manager.registry.put(name, record)
        except BaseException:
            with suppress(YesmanError):  # the first error is the one to tell
                manager.settings.put(name, old_settings)
                if not had_data and manager.data_dir(name).exists():
                    remove_tree(manager.data_dir(name))
            raise
        self._publish_derived()
        await self._collect()
        state, reason = manager.state(name)
        commands = [command["name"] for command in record.commands]
        return {
            "name": name,
            "version": manifest.version,
            "state": state.value,
            "reason": reason,
            "warnings": list(warnings),
            "commands": [typed for typed, plugin, _ in self._typed() if plugin == name] or commands,
        }

    async def _activated(self, name: str, record: Record) -> tuple[Record, tuple[str, ...]]:
        compared = await self._manager.try_out(name, record)
        return _with(record, compared), compared.warnings

    async def configure(self, name: str, values: dict[str, str], unset: tuple[str, ...]) -> None:
        """Change settings; a plugin that now has all it needs is activated once and recorded.

        Raises:
            UsageError: An unknown setting or a value that does not fit; nothing was changed.
            YesmanError: The settings are kept, but the plugin does not load with them.
        """
        async with self._changing:
            record = self._manager.registry.get(name)
            schema = record.parsed_manifest().config
            held = {k: v for k, v in self._manager.settings.of(name).items() if k not in unset}
            held |= {key: schema.parse_text(key, text) for key, text in values.items()}
            schema.check(held)
            self._manager.settings.put(name, held)
            await self._manager.stop(name)
            if not record.activated and not schema.missing(held):
                record, _ = await self._activated(name, record)
                self._manager.registry.put(name, record)
                self._publish_derived()

    async def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Let a plugin run, or end it and keep it from running."""
        async with self._changing:
            record = self._manager.registry.get(name)
            self._manager.registry.put(name, msgspec.structs.replace(record, enabled=enabled))
            self._publish_derived()
            await self._manager.stop(name)

    async def remove(self, name: str, *, purge: bool) -> Path | None:
        """Remove a plugin; return its data folder if that was kept and exists."""
        async with self._changing:
            self._manager.registry.get(name)
            self._manager.registry.drop(name)
            self._publish_derived()
            await self._manager.stop(name)
            self._manager.settings.put(name, {})
            data = self._manager.data_dir(name)
            for folder in (self._home.tmp / name, *((data,) if purge else ())):
                if folder.exists():
                    remove_tree(folder)
            await self._collect()
            return data if data.exists() else None

    # --- parts

    async def _stage(self, path: Path, *, link: bool) -> tuple[Path, str]:
        if link:
            return path, await asyncio.to_thread(digest_folder, path)
        staged = await asyncio.to_thread(stage_folder, path, self._home.store)
        return staged.folder, staged.digest

    def _check_acceptable(self, manifest: Manifest) -> None:
        for command in manifest.commands:
            if command.name in BUILT_IN:
                raise AuthorError(
                    f"plugin '{manifest.name}' declares the command '{command.name}', which is yesman's own",
                    "Its author must choose another name",
                )
        for permission, reason in refused_scopes(manifest.permissions, self._machine).items():
            raise PermissionDeniedError(
                f"plugin '{manifest.name}' asks for '{permission}', which cannot be granted: {reason}",
                "Its author must ask for a narrower folder",
            )

    def _merged_settings(self, manifest: Manifest, config: dict[str, str]) -> dict[str, Any]:
        known = {p.name for p in manifest.config.properties}
        held = {k: v for k, v in self._manager.settings.of(manifest.name).items() if k in known}
        held |= {key: manifest.config.parse_text(key, text) for key, text in config.items()}
        manifest.config.check(held)
        return held

    def _typed(self) -> list[tuple[str, str, dict[str, Any]]]:
        return typed_names(self._manager.registry.all())

    def _publish_derived(self) -> None:
        """Write what follows from the registry: the command index and the links in ``plugins/``."""
        try:
            stamp = str(self._home.registry.stat().st_mtime_ns)
        except FileNotFoundError:
            stamp = "0"
        if CommandIndex.read(self._home.index).stamp != stamp:
            durable.write(self._home.index, compile_index(self._typed(), stamp))
        with durable.explained(self._home.plugins):
            self._home.plugins.mkdir(parents=True, exist_ok=True, mode=0o700)
            records = self._manager.registry.all()
            for entry in self._home.plugins.iterdir():
                if entry.is_symlink() and entry.name not in records:
                    entry.unlink()
            for name, record in records.items():
                _point(self._home.plugins / name, self._manager.code_dir(record))

    async def _collect(self) -> None:
        """Remove contents and environments that nothing refers to any more."""
        records = self._manager.registry.all().values()
        in_use = {part for path in self._manager.in_use() for part in path.parts[-2:]}
        kept = {record.digest.removeprefix("sha256:") for record in records} | in_use
        if self._home.store.is_dir():
            for entry in self._home.store.iterdir():
                if entry.name not in kept and not entry.name.startswith("."):
                    await asyncio.to_thread(discard, entry)
        used = {record.environment for record in records if record.environment} | in_use
        await asyncio.to_thread(self._environments.collect, used)


def _with(record: Record, compared: Comparison) -> Record:
    return msgspec.structs.replace(
        record,
        commands=compared.commands,
        hooks=compared.hooks,
        providers=compared.providers,
        activated=True,
    )


def _check_consent(manifest: Manifest, consent: tuple[str, ...]) -> None:
    missing = [str(p) for p in manifest.permissions if str(p) not in consent]
    if missing:
        raise PermissionDeniedError(
            f"nobody has agreed to {', '.join(missing)} for plugin '{manifest.name}'",
            "Run the install again and agree, or pass --yes",
        )


def _read_manifest(folder: Path) -> Manifest:
    data = _read_optional(folder / MANIFEST)
    if data is None:
        if not folder.is_dir():
            raise NotFoundError(f"There is no folder {folder}", "Check the path")
        raise AuthorError(f"{folder} holds no {MANIFEST}", "Name the folder that holds it")
    return parse_manifest(data, file=MANIFEST, host=yesman.__version__)


def _read_optional(path: Path) -> bytes | None:
    """Return at most one byte more than a manifest may have, None when the file is absent."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "Check its kind and permissions"
        ) from error
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
        try:
            return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}", "Check its kind") from error


def _point(link: Path, target: Path) -> None:
    """Make ``link`` a symbolic link to ``target``, atomically; a real folder there is left alone."""
    if link.is_symlink() and link.readlink() == target:
        return
    if link.exists() and not link.is_symlink():
        return
    stage = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    stage.symlink_to(target)
    stage.replace(link)
