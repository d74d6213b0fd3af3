"""Plugins that need plugins: who comes first, and what keeps whom from running. Decides, never acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from yesman.host.revocations import registry_of
from yesman.model.errors import NotFoundError, UsageError, VerificationError, YesmanError
from yesman.model.needed import NeededPlugin
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from yesman.host.registry import Record


def needs_of(record: Record) -> tuple[NeededPlugin, ...]:
    """Return the plugins that ``record`` needs itself, without reading all of its manifest."""
    needed = record.manifest.get("plugins")
    return msgspec.convert(needed, tuple[NeededPlugin, ...]) if needed else ()


def in_order(name: str, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return all that plugin ``name`` needs, each after what it needs itself, and not ``name``.

    Raises:
        NotFoundError: One is not installed.
        UsageError: One has a version that will not do, or they need each other in a cycle.
    """
    found: dict[str, None] = {}
    _visit(name, records, (), found)
    del found[name]
    return tuple(found)


def _visit(name: str, records: Mapping[str, Record], path: tuple[str, ...], found: dict[str, None]) -> None:
    if name in path:
        told = " needs ".join(f"'{one}'" for one in (*path[path.index(name) :], name))
        raise UsageError(f"the plugins need each other in a cycle: {told}", "Tell their authors")
    for needed in needs_of(records[name]) if name not in found else ():
        _check_installed(name, needed, records)
        _visit(needed.name, records, (*path, name), found)
    found[name] = None


def _check_installed(name: str, needed: NeededPlugin, records: Mapping[str, Record]) -> None:
    record = records.get(needed.name)
    if record is None:
        raise NotFoundError(
            f"plugin '{name}' needs plugin '{needed.name}', which is not installed",
            "Install that first: yesman plugin install DIR",
        )
    if not needed.fits(record.version):
        raise UsageError(
            f"plugin '{name}' needs plugin '{needed.name}' in a version {shown(needed.versions)}, "
            f"but {record.version} is installed",
            "Install another version of one of them",
        )


def check_registries(name: str, records: Mapping[str, Record]) -> None:
    """Refuse that a plugin of one registry is given one of another that has the name it needs.

    Whoever publishes under a private name elsewhere must not be let in by those who need it. What the user
    has installed from a folder, or pinned, is their own choice.

    Raises:
        VerificationError: ``name`` would be given one, or would be given to one.
    """
    for other, record in records.items():
        for needed in needs_of(record):
            given = records.get(needed.name)
            if given is None or name not in {other, needed.name} or given.pinned:
                continue
            own, elsewhere = registry_of(record), registry_of(given)
            if own and elsewhere and own != elsewhere:
                raise VerificationError(
                    f"plugin '{other}' of the registry '{own}' needs plugin '{needed.name}' from there, "
                    f"and not the one of that name from '{elsewhere}'",
                    f"Install that: yesman plugin install {needed.name} --registry {own}; or, if you know "
                    f"that the other one will do: yesman plugin pin {needed.name}",
                )


def check(
    name: str, records: Mapping[str, Record], check_one: Callable[[str, Record], None]
) -> tuple[str, ...]:
    """Return all that plugin ``name`` needs, in order, if each may run.

    Args:
        name: An installed plugin.
        records: All of them.
        check_one: Raises if that plugin itself may not run.

    Raises:
        YesmanError: What keeps one of them from running, or as :func:`in_order`.
    """
    if not needs_of(records[name]):
        return ()
    ordered = in_order(name, records)
    for other in ordered:
        try:
            check_one(other, records[other])
        except YesmanError as error:
            raise because(name, other, error) from error
    return ordered


def because(name: str, needed: str, error: YesmanError) -> UsageError:
    """Return that ``name`` cannot run because of what keeps ``needed`` from running."""
    what = error.message.replace(f"plugin '{needed}'", "it", 1)
    return UsageError(f"plugin '{name}' needs plugin '{needed}', but {what}", error.next_step)


def needed_by(name: str, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return the enabled plugins that need plugin ``name`` themselves."""
    return tuple(
        other
        for other, record in records.items()
        if record.enabled and any(needed.name == name for needed in needs_of(record))
    )


def outgrown(name: str, version: str, records: Mapping[str, Record]) -> tuple[str, ...]:
    """Return what to say of enabled plugins that need another version of ``name`` than ``version``."""
    return tuple(
        f"plugin '{other}' needs {needed}, and does not run with {version}"
        for other in needed_by(name, records)
        for needed in needs_of(records[other])
        if needed.name == name and not needed.fits(version)
    )


def layers(names: Iterable[str], records: Mapping[str, Record]) -> list[set[str]]:
    """Return ``names`` in the order in which they may be stopped: nobody before those that need it."""
    left, ordered = set(names), []
    while left:
        needed = {n.name for name in left if name in records for n in needs_of(records[name])}
        free = left - needed or left  # a cycle in a registry that somebody else wrote ends all at once
        ordered.append(free)
        left = left - free
    return ordered
