"""Decisions of moderators, as they are written down: who, what, why; and what they settle.

What always holds: nobody decides about a plugin of their own; every decision is in the log of events; and
what it settles (open reports, requests to look again) is settled in the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import select

from yesman.marketplace import clock
from yesman.marketplace.events import record
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.publishers import publisher_id
from yesman.marketplace.schema import decisions, plugins, publishers, reports, requests
from yesman.model.errors import NotFoundError, PermissionDeniedError, UsageError
from yesman.model.plain_text import unsafe_character

if TYPE_CHECKING:
    from sqlalchemy import Connection

Outcome: TypeAlias = Literal["upheld", "dismissed", "neither"]
"""What a decision says of the reports that it settles; ``neither``: wrong, but made in good faith."""


class Moderator(NamedTuple):
    """Who decides: the id and name of a publisher."""

    id: int
    name: str

    @classmethod
    def called(cls, connection: Connection, name: str) -> Moderator:
        """Return the moderator of that name, who is made known if need be.

        Raises:
            UsageError: Nobody can be called so.
        """
        return cls(publisher_id(connection, name), name)


class Due(NamedTuple):
    """What must become of the signed index now: see :meth:`yesman.marketplace.indexing.Indexing.finish`.

    Attributes:
        plugin: The plugin's id, or 0.
        revision: What its index must reach, or 0.
        revocations: What the list of revocations must reach, or 0.
    """

    plugin: int = 0
    revision: int = 0
    revocations: int = 0


def judged(connection: Connection, by: Moderator, name: str) -> Any:
    """Return the row of a plugin that ``by`` may decide about, locked.

    Raises:
        NotFoundError: There is none.
        PermissionDeniedError: It is their own.
    """
    row = connection.execute(select(plugins).where(plugins.c.name == name).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no plugin '{name}'", "Look at the queue")
    if row.publisher_id == by.id:
        raise PermissionDeniedError("Nobody decides about a plugin of their own", "Ask another moderator")
    return row


def decide(
    connection: Connection,
    by: Moderator,
    plugin: Any,
    action: str,
    reason: str,
    *,
    version: str = "",
    event: str = "",
) -> None:
    """Write a decision down, and settle what its author asked about the same version.

    Args:
        connection: In whose transaction.
        by: Who decides.
        plugin: The row of :func:`judged`.
        action: What.
        reason: Why; for people.
        version: Of which version, or "" for all.
        event: What the log calls it, if not as ``action``.

    Raises:
        UsageError: The reason is too long, or has characters that hide or reorder others.
    """
    if unsafe_character(reason, allowed="\n") is not None or len(reason) > LIMITS.text:
        raise UsageError(
            f"The reason has invisible or control characters, or more than {LIMITS.text} of any",
            "Write it in plain words",
        )
    row = {"plugin_id": plugin.id, "version": version, "publisher_id": by.id}
    row |= {"action": action, "reason": reason, "created": clock.now()}
    connection.execute(decisions.insert().values(row))
    about = select(decisions.c.id).where(decisions.c.plugin_id == plugin.id, decisions.c.version == version)
    asked = requests.update().where(requests.c.decision_id.in_(about), requests.c.settled == "")
    connection.execute(asked.values(settled=clock.now()))
    record(connection, event or action, plugin=plugin.name, version=version, publisher=by.name, detail=reason)


def settle_reports(connection: Connection, plugin: int, outcome: Outcome) -> int:
    """Settle the open reports of a plugin, for or against who made them; return how many those were."""
    opened = (reports.c.plugin_id == plugin, reports.c.settled == "")
    who = list(connection.execute(select(reports.c.publisher_id).where(*opened)).scalars())
    connection.execute(reports.update().where(*opened).values(settled=clock.now()))
    if outcome != "neither" and who:
        column = publishers.c[outcome]
        connection.execute(publishers.update().where(publishers.c.id.in_(who)).values({column: column + 1}))
    return len(who)
