"""Whose a name is.

What always holds: the first who publishes under a name owns it, and it is nobody else's ever after, removed
or not; and a name that somebody's plugin needs and nobody owns is kept for them, so that no stranger can
step in where users already look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from yesman.marketplace import clock
from yesman.marketplace.events import record
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.publishers import insert_new
from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.schema import categories, plugins, releases
from yesman.model.errors import PermissionDeniedError, UsageError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from yesman.marketplace.tokens import Caller

_OTHER: str = "Choose another name"


def claim(connection: Connection, caller: Caller, name: str, category: str) -> int:
    """Return the id of the plugin ``name``, which is the caller's from now on; its row is locked.

    Raises:
        PermissionDeniedError: It is somebody else's.
        ConflictError: It was removed, is under review, or holds as many releases as it may.
        UsageError: There is no such category.
    """
    if not connection.execute(select(categories.c.name).where(categories.c.name == category)).first():
        raise UsageError(f"There is no category {shown(category)}", "See /api/categories")
    row = {"name": name, "publisher_id": caller.id, "state": "reserved", "created": clock.now()}
    if insert_new(connection, plugins, row):
        record(connection, "claim", plugin=name, publisher=caller.name)
    query = select(plugins.c.id, plugins.c.publisher_id, plugins.c.state).where(plugins.c.name == name)
    found = connection.execute(query.with_for_update()).one()
    _check(connection, found.id, found.state, name, is_owner=found.publisher_id == caller.id)
    change = plugins.update().where(plugins.c.id == found.id)
    connection.execute(change.values(state="active", category=category))
    return int(found.id)


def check_owner(connection: Connection, caller: Caller, name: str) -> None:
    """Refuse, before anything is scanned or kept, a name that is somebody else's.

    Raises:
        PermissionDeniedError: It is.
    """
    owner = connection.execute(select(plugins.c.publisher_id).where(plugins.c.name == name)).scalar()
    if owner is not None and owner != caller.id:
        raise PermissionDeniedError(f"The name '{name}' belongs to somebody else", _OTHER)


def _check(connection: Connection, plugin: int, state: str, name: str, *, is_owner: bool) -> None:
    if not is_owner:
        raise PermissionDeniedError(f"The name '{name}' belongs to somebody else", _OTHER)
    check_state(name, state)
    count = select(func.count()).select_from(releases).where(releases.c.plugin_id == plugin)
    if connection.execute(count).scalar_one() >= LIMITS.releases:
        raise ConflictError(f"'{name}' has {LIMITS.releases} releases, as many as it may", _OTHER)


def check_state(name: str, state: str) -> None:
    """Refuse a plugin that cannot have releases now.

    Raises:
        ConflictError: It was removed, or is under review.
    """
    if state == "removed":
        raise ConflictError(f"'{name}' was removed, and its name is not given again", _OTHER)
    if state == "quarantined":
        raise ConflictError(f"'{name}' is under review", f"See why: /api/plugins/{name}/standing")


def reserve(connection: Connection, caller: Caller, names: Iterable[str]) -> None:
    """Keep those of ``names`` that nobody owns for the caller, whose plugin needs them.

    Raises:
        UsageError: The caller keeps many already: whoever needs names for ever would leave none to others.
    """
    for name in names:
        row = {"name": name, "publisher_id": caller.id, "state": "reserved", "created": clock.now()}
        if insert_new(connection, plugins, row):
            record(connection, "reserve", plugin=name, publisher=caller.name)
    mine = (plugins.c.publisher_id == caller.id, plugins.c.state == "reserved")
    kept = connection.execute(select(func.count()).select_from(plugins).where(*mine)).scalar_one()
    if kept > LIMITS.reserved:
        raise UsageError(
            f"{caller.name} keeps {LIMITS.reserved} names already that are needed and not published",
            "Publish those first",
        )


def raise_wanted(connection: Connection, plugin: int) -> int:
    """Say that the index of ``plugin`` must be made anew; return the revision it must reach."""
    change = plugins.update().where(plugins.c.id == plugin).values(wanted=plugins.c.wanted + 1)
    return int(connection.execute(change.returning(plugins.c.wanted)).scalar_one())
