"""An author asks that a decision be looked at again, once a decision, and sees what was decided and why.

What always holds: who reported and who decided is not told to authors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import select

from yesman.marketplace import clock
from yesman.marketplace.events import record
from yesman.marketplace.publishers import insert_new
from yesman.marketplace.refusals import ConflictError
from yesman.marketplace.releases import release_of
from yesman.marketplace.schema import decisions, plugins, requests
from yesman.model.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from yesman.marketplace.tokens import Caller

AGAINST: Final = ("quarantine", "reject", "revoke", "yank", "remove")
"""Decisions that an author may not agree with."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, as its plugin's author sees it.

    Attributes:
        version: Of the release, or "" for the plugin as a whole.
        action: What was decided.
        reason: Why.
        at: When, UTC.
        asked: What the author said to it, or "".
        can_ask: Whether they can still ask that it be looked at again.
    """

    version: str
    action: str
    reason: str
    at: str
    asked: str
    can_ask: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a plugin stands, for its author: its state, and the newest decision about each part of it."""

    name: str
    state: str
    decisions: tuple[Verdict, ...]


def standing(connection: Connection, caller: Caller, name: str) -> Standing:
    """Return how the caller's plugin stands.

    Raises:
        NotFoundError: There is none.
        PermissionDeniedError: It is somebody else's.
    """
    plugin = _own(connection, caller, name)
    query = select(decisions).where(decisions.c.plugin_id == plugin.id).order_by(decisions.c.id)
    newest = {row.version: row for row in connection.execute(query)}
    mine = select(requests.c.decision_id, requests.c.text).where(requests.c.plugin_id == plugin.id)
    asked = {row.decision_id: row.text for row in connection.execute(mine)}
    found = tuple(
        Verdict(
            version=row.version, action=row.action, reason=row.reason, at=row.created,
            asked=asked.get(row.id, ""), can_ask=row.action in AGAINST and row.id not in asked,
        )
        for row in newest.values()
    )  # fmt: skip
    return Standing(name=name, state=plugin.state, decisions=found)


def ask_again(connection: Connection, caller: Caller, name: str, text: str, version: str = "") -> None:
    """Ask that the newest decision about a plugin, or about a release of it, be looked at again.

    Raises:
        NotFoundError: There is no such plugin or release.
        PermissionDeniedError: It is somebody else's.
        ConflictError: Nothing was decided against it, or they have asked already.
    """
    plugin = _own(connection, caller, name)
    release = release_of(connection, name, version) if version else None
    if version and release is None:
        raise NotFoundError(f"There is no version {version} of '{name}'", f"See /api/plugins/{name}")
    about = (decisions.c.plugin_id == plugin.id, decisions.c.version == (release.version if release else ""))
    query = select(decisions.c.id, decisions.c.action).where(*about).order_by(decisions.c.id.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    if found is None or found.action not in AGAINST:
        raise ConflictError("Nothing was decided against it", f"See /api/plugins/{name}/standing")
    row = {"plugin_id": plugin.id, "decision_id": found.id, "text": text, "created": clock.now()}
    if not insert_new(connection, requests, row):
        raise ConflictError("You have asked about this decision already", "Wait for the next one")
    record(connection, "request", plugin=name, version=version, publisher=caller.name)


def _own(connection: Connection, caller: Caller, name: str) -> Any:
    row = connection.execute(select(plugins).where(plugins.c.name == name).with_for_update()).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no plugin '{name}'", "Search for it: /api/plugins?q=")
    if row.publisher_id != caller.id:
        raise PermissionDeniedError(f"'{name}' belongs to somebody else", "Report it instead")
    return row
