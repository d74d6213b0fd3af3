"""What lists and searches show of a plugin: the texts of its latest release that readers can get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from packaging.version import Version
from sqlalchemy import select

from yesman.marketplace.schema import plugins, releases
from yesman.marketplace.words import indexed
from yesman.model.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select


def visible(plugin: int) -> Select[Any]:
    """Return the query for the releases of a plugin that readers may see, in the order of publication."""
    return (
        select(releases)
        .join(plugins, plugins.c.id == releases.c.plugin_id)
        .where(
            releases.c.plugin_id == plugin,
            releases.c.revision <= plugins.c.published,
            releases.c.quarantined == "",
            plugins.c.state == "active",
        )
        .order_by(releases.c.revision)
    )


def latest(rows: Iterable[Any]) -> Any | None:
    """Return the newest of ``rows``: not yanked; a pre-release only where there is nothing else."""
    found = [(Version(row.version), row) for row in rows if not row.yanked]
    final = [pair for pair in found if not pair[0].is_prerelease]
    return max(final or found, key=lambda pair: pair[0], default=(None, None))[1]


def summarise(connection: Connection, plugin: int) -> None:
    """Write what is shown of a plugin anew; one without a release that can be got is not shown."""
    newest = latest(connection.execute(visible(plugin)))
    values: dict[str, Any] = {"latest": "", "words": ""}
    if newest is not None:
        manifest = msgspec.json.decode(newest.manifest, type=Manifest)
        about = {
            key: getattr(manifest, key) for key in ("description", "author", "homepage", "license", "type")
        }
        commands = (text for command in manifest.commands for text in (command.name, command.description))
        words = indexed(manifest.name, manifest.description, manifest.author, *commands)
        values = {**about, "latest": newest.version, "words": words, "updated": newest.published}
    connection.execute(plugins.update().where(plugins.c.id == plugin).values(values))
