"""One plugin's index, made from its rows: the same rows give the same value, in either database.

What always holds: an index that was made is one that clients read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from yesman.marketplace.publishers import chain_of
from yesman.marketplace.schema import plugins, publishers, releases
from yesman.model.errors import UsageError, VerificationError
from yesman.model.manifest import Manifest
from yesman.model.plain_text import shown
from yesman.trust.encoding import encode
from yesman.trust.index import PluginIndex, Release, decode_index

if TYPE_CHECKING:
    from sqlalchemy import Connection


def index_of(connection: Connection, plugin: int) -> PluginIndex:
    """Return what the registry publishes of a plugin: nothing of what is quarantined or removed.

    Raises:
        UsageError: Clients would refuse it: there is too much in it, or a text of more than one line.
    """
    query = (
        select(plugins.c.name, plugins.c.state, plugins.c.publisher_id, publishers.c.name.label("publisher"))
        .join_from(plugins, publishers)
        .where(plugins.c.id == plugin)
    )
    about = connection.execute(query).one()
    keys = chain_of(connection, about.publisher_id)
    rows = connection.execute(
        select(releases)
        .where(releases.c.plugin_id == plugin, releases.c.quarantined == "")
        .order_by(releases.c.revision)
    )
    try:
        found = tuple(map(_release, rows)) if about.state == "active" else ()
        made = PluginIndex(name=about.name, publisher=about.publisher, keys=keys, releases=found)
        return decode_index(encode(made), about.name)
    except (ValueError, VerificationError) as error:
        raise UsageError(
            f"Clients would refuse what is published of '{about.name}': {shown(str(error), 200)}",
            "Say less, each text on one line",
        ) from error


def _release(row: Any) -> Release:
    manifest = msgspec.json.decode(row.manifest, type=Manifest)
    return Release(
        version=row.version,
        length=row.length,
        sha256=row.sha256,
        content=row.content,
        envelope=row.envelope,
        signer=row.signer,
        published=row.published,
        permissions=tuple(map(str, manifest.permissions)),
        dependencies=manifest.dependencies,
        min_version=manifest.min_version or "",
        max_version=manifest.max_version or "",
        description=manifest.description,
        type=manifest.type,
        yanked=row.yanked,
        scan=row.scan,
    )
