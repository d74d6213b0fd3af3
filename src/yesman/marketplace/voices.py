"""What users say of a plugin: one review each, which they may change or take back, and one open report each.

What always holds: the figures beside a plugin are those of the reviews that stand; authors do not rate
their own plugin; and enough weight of reports takes a plugin out of the index until a moderator has looked:
one trusted reporter where it is younger than a day, else two reporters, one of them trusted. Who is dismissed
time and again weighs less, and then nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import func, select

from yesman.marketplace import clock
from yesman.marketplace.claims import raise_wanted
from yesman.marketplace.events import record
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.moderating import hide
from yesman.marketplace.publishers import insert_new
from yesman.marketplace.refusals import TooOftenError
from yesman.marketplace.schema import decisions, events, plugins, publishers, reports, reviews
from yesman.model.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from yesman.marketplace.tokens import Caller

YOUNG_DAYS: Final = 1
TRUSTED: Final = 2
"""What the word of a trusted reporter weighs."""
DISMISSED: Final = 2
"""Dismissed reports that cost a reporter one of their weight."""
_PRIOR_STARS, _PRIOR_COUNT = 3.0, 5
"""A rating begins as if this many had given this many stars, so that one friend does not make it the best."""


def rating_of(stars: int, count: int) -> float:
    """Return what plugins are ordered by: the mean, drawn towards the middle while few have voted."""
    return round((stars + _PRIOR_STARS * _PRIOR_COUNT) / (count + _PRIOR_COUNT), 4) if count else 0.0


def weight_of(*, trusted: bool, upheld: int, dismissed: int) -> int:
    """Return what a reporter's word weighs: 2 if trusted, else 1, less what dismissed reports cost.

    That is one for every two of them that are not made up for by one that was upheld.
    """
    lost = max(0, dismissed - upheld) // DISMISSED
    return max(0, (TRUSTED if trusted else 1) - lost)


def must_quarantine(weights: Sequence[int], *, is_young: bool) -> bool:
    """Tell whether reports of these weights are enough."""
    counted = [weight for weight in weights if weight]
    return max(counted, default=0) >= TRUSTED and (is_young or len(counted) > 1)


def shown_plugin(connection: Connection, name: str) -> Any:
    """Return the row of a plugin that readers see, be all of it yanked; locked where the transaction writes.

    Raises:
        NotFoundError: There is none.
    """
    shown = (plugins.c.name == name, plugins.c.state == "active", plugins.c.published > 0)
    row = connection.execute(select(plugins).where(*shown).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no plugin '{name}'", "Search for it: /api/plugins?q=")
    return row


def review(connection: Connection, caller: Caller, name: str, stars: int, text: str) -> bool:
    """Write a review down, in place of the caller's own before; return whether there was none.

    Raises:
        NotFoundError: There is no such plugin.
        PermissionDeniedError: It is the caller's own.
    """
    plugin = shown_plugin(connection, name)
    if plugin.publisher_id == caller.id:
        raise PermissionDeniedError("Nobody reviews a plugin of their own", "Let its users speak")
    key = {"plugin_id": plugin.id, "publisher_id": caller.id}
    values = {"stars": stars, "text": text, "version": plugin.latest, "updated": clock.now()}
    is_new = insert_new(connection, reviews, {**key, **values})
    if not is_new:
        mine = (reviews.c.plugin_id == plugin.id, reviews.c.publisher_id == caller.id)
        connection.execute(reviews.update().where(*mine).values(values))
    _count(connection, plugin.id)
    return is_new


def withdraw(connection: Connection, caller: Caller, name: str) -> None:
    """Remove the caller's review.

    Raises:
        NotFoundError: There is none.
    """
    plugin = shown_plugin(connection, name)
    mine = reviews.delete().where(reviews.c.plugin_id == plugin.id, reviews.c.publisher_id == caller.id)
    if not connection.execute(mine).rowcount:
        raise NotFoundError(f"There is no review of '{name}' by you", "Nothing is to be done")
    _count(connection, plugin.id)


def _count(connection: Connection, plugin: int) -> None:
    query = select(func.coalesce(func.sum(reviews.c.stars), 0), func.count())
    stars, count = connection.execute(query.where(reviews.c.plugin_id == plugin)).one()
    values = {"stars": stars, "reviews": count, "rating": rating_of(stars, count)}
    connection.execute(plugins.update().where(plugins.c.id == plugin).values(values))


class Report(NamedTuple):
    """What somebody says is wrong, with a version or with all ("")."""

    kind: str
    text: str
    version: str = ""


def report(connection: Connection, caller: Caller, name: str, said: Report) -> tuple[int, int]:
    """Write a report down; return the plugin and the revision to settle, 0 if it stays in the index.

    Raises:
        NotFoundError: There is no such plugin.
        TooOftenError: They have reported too much today.
    """
    plugin = shown_plugin(connection, name)
    _check_rate(connection, caller)
    row = {"plugin_id": plugin.id, "publisher_id": caller.id, **said._asdict()}
    row |= {"weight": _weight(connection, caller), "created": clock.now(), "settled": ""}
    if not insert_new(connection, reports, row):
        mine = (reports.c.plugin_id == plugin.id, reports.c.publisher_id == caller.id)
        connection.execute(reports.update().where(*mine).values(row))
    record(connection, "report", plugin=name, version=said.version, publisher=caller.name, detail=said.kind)
    standing = select(reports.c.weight).where(reports.c.plugin_id == plugin.id, reports.c.settled == "")
    weights = list(connection.execute(standing).scalars())
    is_young = plugin.created > clock.later(days=-YOUNG_DAYS)
    if not must_quarantine(weights, is_young=is_young):
        return int(plugin.id), 0
    trusted = sum(weight >= TRUSTED for weight in weights)
    return int(plugin.id), _quarantine(
        connection, plugin, f"{len(weights)} reports, {trusted} of them trusted"
    )


def _check_rate(connection: Connection, caller: Caller) -> None:
    """Refuse a reporter who has written many.

    Raises:
        TooOftenError: Come again tomorrow.
    """
    mine = (events.c.kind == "report", events.c.publisher == caller.name, events.c.at > clock.later(days=-1))
    query = select(func.count()).select_from(events).where(*mine)
    if connection.execute(query).scalar_one() >= LIMITS.reports:
        raise TooOftenError(f"You have reported {LIMITS.reports} times within a day", "Go on tomorrow")


def _weight(connection: Connection, caller: Caller) -> int:
    columns = (publishers.c.trusted, publishers.c.upheld, publishers.c.dismissed)
    row = connection.execute(select(*columns).where(publishers.c.id == caller.id)).one()
    return weight_of(trusted=row.trusted, upheld=row.upheld, dismissed=row.dismissed)


def _quarantine(connection: Connection, plugin: Any, reason: str) -> int:
    """Have a plugin wait for a moderator by our own rules; return the revision to settle."""
    hide(connection, plugin.id)
    row = {"plugin_id": plugin.id, "action": "quarantine", "reason": reason, "created": clock.now()}
    connection.execute(decisions.insert().values(row))
    record(connection, "quarantine", plugin=plugin.name, detail=reason)
    return raise_wanted(connection, plugin.id)
