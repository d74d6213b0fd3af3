"""Going back to the version before, and staying with one.

What always holds: what is gone back to is granted nothing that was taken back since, and gets no secret
that it would not get if it were installed now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.host.acceptance import check_acceptable, check_needs
from yesman.host.grants import record_changes
from yesman.model.errors import NotFoundError

if TYPE_CHECKING:
    from yesman.host.changes import Changes
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record
    from yesman.runtime.grants_policy import Machine


class Versions:
    """Changes which version of a plugin is the current one, among those that are here.

    Args:
        manager: The plugins.
        changes: Makes changes.
        machine: Decides what can be granted at all.
    """

    def __init__(self, manager: PluginManager, changes: Changes, machine: Machine) -> None:
        self._manager = manager
        self._changes = changes
        self._machine = machine

    async def roll_back(self, name: str) -> dict[str, Any]:
        """Make the version before the current one again; from there, the same leads forward again.

        Returns:
            The versions, and warnings.

        Raises:
            NotFoundError: The plugin is not installed, or there is none before.
            YesmanError: It cannot serve any more; the current one goes on.
        """
        registry, held = self._manager.registry, self._changes.held
        async with self._changes.one_at_a_time:
            current = registry.get(name)
            back = _before(name, current, self._machine.home)
            manifest, records = back.parsed_manifest(), registry.all()
            self._manager.revocations.check(name, back)
            check_acceptable(manifest, records, self._machine)
            outgrown = check_needs(name, back, records)
            settings = await held.merged(manifest, back.origin, {})
            granted, was_set = registry.granted(name), held.of(name)
            self._changes.commit(name, back, settings)
            await self._manager.grants_changed(name, granted)
            self._manager.supervisor.forget(name)
            same = (back.source, back.key) == (current.source, current.key)
            await self._changes.take_over(name, back, current if same else None, was_set)
            recorder = self._manager.recorder
            recorder.decision("rollback", name, back.version, before=current.version, digest=back.digest)
            record_changes(recorder, name, current.grants, back.grants, "rollback")
            await recorder.kept()
            self._manager.bus.resume()
            await self._changes.collect()
        return {"version": back.version, "before": current.version, "warnings": list(outgrown)}

    async def pin(self, name: str, *, pinned: bool) -> dict[str, Any]:
        """Have updates leave a plugin alone, or no longer.

        Raises:
            NotFoundError: It is not installed.
        """
        async with self._changes.one_at_a_time:
            record = self._manager.registry.get(name)
            if record.pinned != pinned:
                self._manager.registry.put(name, msgspec.structs.replace(record, pinned=pinned))
                self._manager.recorder.decision("pin" if pinned else "unpin", name, record.version)
                await self._manager.recorder.kept()
                self._changes.derived.publish()
        return {"version": record.version, "pinned": pinned}


def _before(name: str, current: Record, home: str) -> Record:
    if current.previous is None:
        raise NotFoundError(
            f"plugin '{name}' has no version before {current.version} to go back to",
            "Install the version that you want",
        )
    back = current.previous.instead_of(current, home)
    # Its publisher has another key since: what the old one signs anew must not be believed again.
    newest = (current.newest_key or current.key) if back.source == current.source else back.newest_key
    return msgspec.structs.replace(back, enabled=current.enabled, newest_key=newest)
