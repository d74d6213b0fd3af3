"""The local registry: what is installed, what was consented to. The lockfile of the house.

``plugin_registry.json`` is readable by people, keyed by plugin name, and the one commit
point: a plugin is installed, updated, disabled or removed at the instant this file is
renamed into place. Plan section 6, ``PluginRegistry``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from yesman import durable
from yesman.host.origin import LOCAL_KEY, Origin
from yesman.model.errors import NotFoundError, VerificationError
from yesman.model.manifest import Manifest, from_data
from yesman.model.narrowing import covered, grantable
from yesman.model.nearmiss import unknown
from yesman.model.permissions import Permission, parse_permission

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What the user was shown when the grants were given; for anything else they do not count.

    Attributes:
        key: Whose signature vouched for it.
        digest: Of the content.
        permissions: All that its manifest asked for, granted or not, as text.
    """

    key: str
    digest: str
    permissions: tuple[str, ...]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One installed plugin.

    Attributes:
        version: From the manifest.
        installed_at: UTC, ISO 8601.
        manifest: The manifest as data (:func:`yesman.model.manifest.as_data`).
        digest: Of the installed content, ``sha256:…``.
        source: Where it was installed from; like ``key``, ``publisher`` and ``package`` as in
            :class:`~yesman.host.origin.Origin`.
        linked: Whether ``source`` itself is run (``--link``), not a copy.
        enabled: Whether it may run.
        grants: What the user consented to, as text: permissions of the manifest or narrower ones.
        consent: What the grants were given for.
        settings: The key of what the user set (:class:`yesman.host.settings.PluginSettings`), or "".
        environment: Digest of its third-party environment, or "".
        lock: That environment's lock, or "".
        commands: What it contributes, as recorded when it was activated at install.
        hooks: Event names or patterns it has handlers for.
        providers: Names of its providers.
        activated: Whether it has been activated (not yet, while settings are missing).
        newest_key: The last of its publisher's keys that was seen, if not ``key``; no earlier one counts now.
        pinned: Whether updates leave it alone.
        previous: The version that this one took the place of, to go back to; that one has none.
    """

    version: str
    installed_at: str
    manifest: dict[str, Any]
    digest: str
    source: str
    linked: bool = False
    enabled: bool = True
    key: str = LOCAL_KEY
    publisher: str = LOCAL_KEY
    package: str = ""
    grants: tuple[str, ...] = ()
    consent: Consent | None = None
    settings: str = ""
    environment: str = ""
    lock: str = ""
    commands: tuple[dict[str, Any], ...] = ()
    hooks: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    activated: bool = False
    newest_key: str = ""
    pinned: bool = False
    previous: Record | None = None

    @property
    def origin(self) -> Origin:
        """Where it came from."""
        return Origin(source=self.source, key=self.key, publisher=self.publisher, package=self.package)

    def parsed_manifest(self) -> Manifest:
        """Return the manifest as a value."""
        return from_data(self.manifest)

    def declared(self) -> tuple[str, ...]:
        """Return the permissions that the manifest asks for, as text and without reading all of it."""
        return tuple(map(_permission_text, self.manifest.get("permissions", ())))

    def shown_now(self) -> Consent:
        """Return what consent would be given for if it were given now."""
        return Consent(key=self.key, digest=self.digest, permissions=self.declared())

    def granting(self, grants: tuple[Permission, ...]) -> Record:
        """Return this record with consent to ``grants`` and nothing else."""
        return msgspec.structs.replace(self, grants=tuple(map(str, grants)), consent=self.shown_now())

    def instead_of(self, old: Record | None, home: str) -> Record:
        """Return this record as the one that takes the place of ``old``, which is kept to go back to.

        What the user refuses of it, though it asks for it as ``old`` did, ``old`` does not keep either.
        """
        if old is None:
            return self
        declared = [parse_permission(text) for text in self.declared()]
        gone = [
            p for p in old.granted() if grantable(p, declared, home) and not covered(p, self.granted(), home)
        ]
        kept = msgspec.structs.replace(old.without(gone) if gone else old, previous=None, settings="")
        code, code_before = (
            (record.source if record.linked else record.digest, record.environment) for record in (self, old)
        )
        return msgspec.structs.replace(
            self, previous=old.previous if code == code_before else kept, pinned=old.pinned
        )

    def without(self, gone: Iterable[Permission]) -> Record:
        """Return this record without any grant of a kind of which something was taken back."""
        kinds = {permission.name for permission in gone}
        return self.granting(tuple(grant for grant in self.granted() if grant.name not in kinds))

    def granted(self) -> tuple[Permission, ...]:
        """Return the grants as values; none where they were given for something else."""
        if self.consent != self.shown_now():
            return ()
        return tuple(parse_permission(text) for text in self.grants)


class Registry:
    """All records, in memory and on disk.

    Args:
        path: ``plugin_registry.json``; need not exist.

    Attributes:
        generation: Another number after each change, for whoever keeps what is derived from it.

    Raises:
        VerificationError: The file is not one that we wrote.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records = _read(path)
        self._granted: dict[str, tuple[Permission, ...]] = {}
        self.generation = 0

    def all(self) -> dict[str, Record]:
        """Return every record by plugin name, in the order of installation."""
        return dict(self._records)

    def get(self, name: str) -> Record:
        """Return one record.

        Raises:
            NotFoundError: It is not installed.
        """
        try:
            return self._records[name]
        except KeyError:
            message, _ = unknown("installed plugin", name, list(self._records))
            raise NotFoundError(message, "See 'yesman plugin list'") from None

    def enabled(self, name: str) -> bool:
        """Tell whether plugin ``name`` is installed and may run."""
        record = self._records.get(name)
        return record is not None and record.enabled

    def granted(self, name: str) -> tuple[Permission, ...]:
        """Return what plugin ``name`` is granted at this moment, nothing when it is not installed."""
        if name not in self._granted:
            record = self._records.get(name)
            self._granted[name] = record.granted() if record else ()
        return self._granted[name]

    def put(self, name: str, record: Record) -> None:
        """Add or replace a record, durably."""
        self._replace({**self._records, name: record})

    def drop(self, name: str) -> None:
        """Remove a record, durably."""
        self._replace({other: record for other, record in self._records.items() if other != name})

    def _replace(self, records: dict[str, Record]) -> None:
        text = json.dumps(msgspec.to_builtins(records), indent=2, ensure_ascii=False) + "\n"
        durable.write(self._path, text.encode())
        self._records = records
        self.generation += 1
        self._granted.clear()


def _permission_text(data: dict[str, Any]) -> str:
    return f"{data['name']}:{data['scope']}" if data.get("scope") else str(data["name"])


def _read(path: Path) -> dict[str, Record]:
    try:
        records = msgspec.json.decode(path.read_bytes(), type=dict[str, Record])
        return {name: _migrated(record) for name, record in records.items()}
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError, KeyError, TypeError) as error:
        raise VerificationError(
            f"{path} cannot be read: {error}", "Restore it from a backup, or move it away to start anew"
        ) from error


def _migrated(record: Record) -> Record:
    """Return ``record`` in today's form: consent was once always to what stands beside it."""
    if record.consent is not None:
        return record
    return msgspec.structs.replace(record, consent=record.shown_now())
