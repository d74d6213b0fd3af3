"""Trying a plugin before what it is to become is recorded: once, in its sandbox, away from service.

What always holds: a trial changes nothing, neither on disk nor in what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from yesman.model.errors import AuthorError, PluginFailedError, UsageError
from yesman.model.lifecycle import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from yesman.host.contributions import Comparison
    from yesman.host.manager import PluginManager
    from yesman.host.registry import Record


async def tried(
    manager: PluginManager,
    name: str,
    record: Record,
    settings: dict[str, Any],
    report: Callable[[str], None] = lambda _: None,
) -> tuple[Record, tuple[str, ...]]:
    """Return ``record`` with what the plugin contributes, and warnings; as it is while settings miss.

    Raises:
        UsageError: Its hooks and those of other plugins contradict each other about the order.
        YesmanError: It does not load.
    """
    if record.parsed_manifest().config.missing(settings):
        return record, ()
    report("activating it once in its sandbox")
    compared = await manager.try_out(name, record, settings)
    record = with_contributions(record, compared)
    manager.listening.check(name, record)
    return record, compared.warnings


async def prove(manager: PluginManager, name: str, settings: dict[str, Any]) -> None:
    """Try settings with a plugin that works as it is set now; one that does not may need more than these.

    Raises:
        UsageError: It does not load with them.
    """
    record, (state, reason) = manager.registry.get(name), manager.state(name)
    if reason or state not in (State.ENABLED, State.RUNNING) or not manager.suspension.allows(name):
        return
    try:
        await tried(manager, name, record, settings)
    except (AuthorError, PluginFailedError) as error:
        raise UsageError(
            f"nothing was set, because {error.message}",
            f"To set it all the same, first: yesman plugin disable {name}",
        ) from error


def with_contributions(record: Record, compared: Comparison) -> Record:
    """Return ``record`` of a plugin that was found to contribute ``compared``."""
    return msgspec.structs.replace(
        record,
        commands=compared.commands,
        hooks=compared.hooks,
        providers=compared.providers,
        activated=True,
    )
