"""Which plugin provides what, who may call it, and what it lends them. Values in, values out.

What always holds: no two installed plugins provide the same name, so that whoever agreed to the use of a
name agreed to the plugin behind it; before that can change, the user is asked about another plugin and told
who would call it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from yesman.model.errors import UsageError
from yesman.model.manifest import DeclaredProvider
from yesman.model.permissions import covers_provider
from yesman.model.plain_text import argument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yesman.host.registry import Record
    from yesman.model.manifest import Manifest


class Offer(NamedTuple):
    """A provider, the name of its interface, and whose it is."""

    name: str
    interface: str
    plugin: str


def offers(records: Mapping[str, Record]) -> dict[str, Offer]:
    """Return every provider of installed plugins by name."""
    return {
        declared.name: Offer(declared.name, declared.interface, plugin)
        for plugin, record in records.items()
        for declared in _declared(record)
    }


def check_free(manifest: Manifest, records: Mapping[str, Record]) -> None:
    """Refuse a plugin that provides what another one does.

    Raises:
        UsageError: The other one is named.
    """
    taken = offers({name: record for name, record in records.items() if name != manifest.name})
    for declared in manifest.providers:
        if declared.name in taken:
            other = taken[declared.name].plugin
            raise UsageError(
                f"plugin '{manifest.name}' provides '{declared.name}', "
                f"which plugin '{other}' provides already",
                f"Keep one of them; to remove the other: yesman plugin remove {argument(other)}",
            )


def lending(manifest: Manifest, records: Mapping[str, Record]) -> tuple[dict[str, Any], ...]:
    """Return what a plugin could do through the providers that it asks for: whose grants it would act with.

    A name that nobody provides yet has ``plugin`` "".
    """
    asked = {p.scope for p in manifest.permissions if p.name == "provider.use"}
    known = {name: o for name, o in offers(records).items() if o.plugin != manifest.name}
    names = sorted((asked | known.keys() if "" in asked else asked) - {""})
    return tuple(
        {
            "provider": name,
            "plugin": known[name].plugin if name in known else "",
            "grants": [str(p) for p in records[known[name].plugin].granted()] if name in known else [],
        }
        for name in names
    )


def borrowers(manifest: Manifest, records: Mapping[str, Record]) -> tuple[dict[str, Any], ...]:
    """Return which other plugins may call what this one provides."""
    rows = []
    for declared in manifest.providers:
        plugins = users(declared.name, records, besides=manifest.name)
        if plugins:
            rows.append({"provider": declared.name, "plugins": plugins})
    return tuple(rows)


def users(provider: str, records: Mapping[str, Record], *, besides: str) -> list[str]:
    """Return the plugins that are granted the use of a provider."""
    found = (name for name, record in records.items() if covers_provider(record.granted(), provider))
    return sorted(name for name in found if name != besides)


def _declared(record: Record) -> Iterable[DeclaredProvider]:
    return msgspec.convert(record.manifest.get("providers", ()), tuple[DeclaredProvider, ...])
