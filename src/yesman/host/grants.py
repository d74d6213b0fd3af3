"""Grants as the user changes them: shown, given, taken back.

What always holds on return: the registry says so durably, every call that the host checks is
judged by it, and no process lives that the kernel still lets do what was taken back. None of
it waits for an installation that is under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.consent import Asked, lost, narrowed, rows, widened
from yesman.model.errors import PermissionDeniedError
from yesman.runtime.grants_policy import Machine, refused_scopes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from yesman.host.manager import PluginManager
    from yesman.host.proposal import Answer
    from yesman.host.recorder import Recorder
    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest
    from yesman.model.permissions import Permission


class Grants:
    """Shows and changes what plugins are granted."""

    def __init__(self, manager: PluginManager, machine: Machine) -> None:
        self._manager = manager
        self._machine = machine

    def shown(self, name: str) -> dict[str, Any]:
        """Return every permission that plugin ``name`` asks for, and what of it is granted.

        Raises:
            NotFoundError: It is not installed.
        """
        record = self._manager.registry.get(name)
        declared = record.parsed_manifest().permissions
        return {"name": name, "permissions": list(rows(declared, record.granted(), self._machine.home))}

    async def grant(self, name: str, texts: Sequence[str], by: str) -> dict[str, Any]:
        """Grant permissions that the plugin asks for, or narrower ones; return what changed.

        Raises:
            NotFoundError: It is not installed.
            UsageError: It does not ask for one of them; nothing was changed.
            PermissionDeniedError: One can be granted to nobody; nothing was changed.
        """
        record = self._manager.registry.get(name)
        grants = widened(record, texts, self._machine.home)
        for permission, reason in refused_scopes(grants, self._machine).items():
            raise PermissionDeniedError(
                f"'{permission}' cannot be granted: {reason}", "Name a narrower folder"
            )
        return await self._change(name, record, grants, by)

    async def revoke(self, name: str, texts: Sequence[str] | None, by: str) -> dict[str, Any]:
        """Take back permissions and all that is within them; None means all. Return what changed.

        Raises:
            NotFoundError: It is not installed.
            UsageError: One is only a part of what was granted; nothing was changed.
        """
        record = self._manager.registry.get(name)
        return await self._change(name, record, narrowed(record, texts, self._machine.home), by)

    async def _change(
        self, name: str, record: Record, grants: tuple[Permission, ...], by: str
    ) -> dict[str, Any]:
        before, texts = record.granted(), tuple(map(str, grants))
        held = tuple(map(str, before))
        if texts != held:
            gone = lost(before, grants, self._machine.home)
            previous = record.previous and record.previous.without(gone)
            changed = msgspec.structs.replace(record.granting(grants), previous=previous)
            self._manager.registry.put(name, changed)
            record_changes(self._manager.recorder, name, held, texts, by)
            await self._manager.grants_changed(name, before)
            await self._manager.recorder.kept()
        return {
            **self.shown(name),
            "added": [text for text in texts if text not in held],
            "removed": [text for text in held if text not in texts],
        }


def record_changes(
    recorder: Recorder, name: str, before: Sequence[str], after: Sequence[str], by: str
) -> None:
    """Record each permission that was granted or taken back, and how the user said so."""
    for text in after:
        if text not in before:
            recorder.decision("grant", name, text, by=by)
    for text in before:
        if text not in after:
            recorder.decision("revoke", name, text, by=by)


def record_installation(  # noqa: PLR0917 - one record's whole story
    recorder: Recorder, manifest: Manifest, old: Record | None, new: Record, answer: Answer, home: str
) -> None:
    """Record an installation or update, and what the user agreed to for it."""
    recorder.decision(
        "update" if old else "install",
        manifest.name,
        new.version,
        before=old.version if old else None,
        digest=new.digest,
        source=new.source,
        linked=new.linked,
        by=answer.by,
    )
    added = tuple(map(str, Asked.of(manifest, old, new.origin, home).added))
    if added or answer.grants is not None:
        recorder.decision(
            "consent", manifest.name, new.version, asked=added, granted=new.grants, by=answer.by
        )
    record_changes(recorder, manifest.name, old.grants if old else (), new.grants, answer.by)
