"""A yanked release stays for those who have it; nobody else should take it. Reversible, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from yesman.marketplace.claims import raise_wanted
from yesman.marketplace.events import record
from yesman.marketplace.plugin_index import index_of
from yesman.marketplace.releases import release_of
from yesman.marketplace.schema import releases
from yesman.marketplace.summary import summarise
from yesman.model.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yesman.marketplace.releases import Known
    from yesman.marketplace.tokens import Caller


def yank(connection: Connection, caller: Caller, name: str, version: str, reason: str) -> tuple[int, int]:
    """Set why a release is yanked, "" for not any more; return the plugin and the revision to settle.

    Raises:
        NotFoundError: There is no such release.
        PermissionDeniedError: It is somebody else's.
    """
    known = release_of(connection, name, version)
    if known is None:
        raise NotFoundError(f"There is no version {version} of '{name}'", f"See /api/plugins/{name}")
    if known.publisher_id != caller.id:
        raise PermissionDeniedError(f"'{name}' belongs to somebody else", "Report it instead")
    revision = set_yanked(connection, known, reason)
    if revision:
        kind = "yank" if reason else "unyank"
        record(connection, kind, plugin=name, version=version, publisher=caller.name, detail=reason)
    return known.plugin_id, revision


def set_yanked(connection: Connection, release: Known, reason: str) -> int:
    """Set why ``release`` is yanked, "" for not any more; return the revision to settle, 0 if it was so.

    Raises:
        UsageError: Clients would not read the reason.
    """
    before = connection.execute(select(releases.c.yanked).where(releases.c.id == release.id)).scalar_one()
    if before == reason:
        return 0
    connection.execute(releases.update().where(releases.c.id == release.id).values(yanked=reason))
    index_of(connection, release.plugin_id)  # which must be possible
    summarise(connection, release.plugin_id)
    return raise_wanted(connection, release.plugin_id)
