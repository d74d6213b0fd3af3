"""What moderators ask: the queue, a case, decisions, revocations; and the log of events, which all may read.

What always holds: all but the log needs a token with the scope ``moderate``; a token for one plugin moderates
that one only, and sees no queue.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post, put
from litestar.params import Parameter

from yesman.marketplace import cases, events, moderating, revoking
from yesman.marketplace.api import shapes
from yesman.marketplace.api.parts import Wired, answered, in_thread, named, versioned
from yesman.marketplace.api.reading import PAGE, Limit, Place, next_page
from yesman.marketplace.api.writing import SECURITY, Bearer, bearer, plain_text
from yesman.marketplace.cursors import Cursor, read, written
from yesman.marketplace.deciding import Moderator
from yesman.marketplace.orders import Order, carry_out
from yesman.trust.index import Revocation

_TAGS: Final = ["moderation"]
Name = Annotated[str, Parameter(max_length=64, description="Only events of this plugin")]
Keyid = Annotated[str, Parameter(pattern="^[0-9a-f]{64}$", description="Of an author's key")]


@get("/api/moderation/queue", security=SECURITY, summary="Show who waits for a moderator", tags=_TAGS)
@in_thread
def show_queue(
    request: Request[Any, Any, Any], parts: Wired, caller: Bearer, limit: Limit = PAGE, cursor: Place = ""
) -> Response[list[cases.Case]]:
    """Return a page of plugins that wait for a moderator, the longest first."""
    caller.require("moderate", "")
    with parts.database.reading() as connection:
        page = cases.queue(connection, limit=limit, cursor=cursor)
    link = next_page(parts, "/api/moderation/queue", page.cursor, limit=str(limit))
    return answered(request, list(page.cases), link=link, private=True)


@get("/api/moderation/plugins/{name:str}", security=SECURITY, summary="Show a case", tags=_TAGS)
@in_thread
def show_case(
    request: Request[Any, Any, Any], parts: Wired, caller: Bearer, name: str
) -> Response[cases.Case]:
    """Return all that moderators see of a plugin, be it listed or not."""
    caller.require("moderate", named(name))
    with parts.database.reading() as connection:
        return answered(request, cases.case_of(connection, name), private=True)


@post(
    "/api/moderation/plugins/{name:str}/decisions",
    status_code=201,
    security=SECURITY,
    summary="Decide about a plugin",
    tags=_TAGS,
)
@in_thread
def decide(parts: Wired, caller: Bearer, name: str, data: shapes.NewDecision) -> cases.Case:
    """Write a decision down; on return the signed index says so. Return the case as it is then."""
    caller.require("moderate", named(name))
    version = versioned(data.version) if data.version else ""
    order = Order(data.action, plain_text(data.reason), version, data.severity, data.good_faith)
    by = Moderator(caller.id, caller.name)
    parts.indexing.carry(lambda connection: carry_out(connection, by, name, order))
    with parts.database.reading() as connection:
        return cases.case_of(connection, name)


@get("/api/moderation/revocations", security=SECURITY, summary="List what is revoked", tags=_TAGS)
@in_thread
def list_revocations(parts: Wired, caller: Bearer) -> list[Revocation]:
    """Return what clients are told to stop, or to warn of, the oldest first."""
    caller.require("moderate", "")
    with parts.database.reading() as connection:
        return list(revoking.standing(connection))


@put(
    "/api/moderation/keys/{keyid:str}/revocation",
    security=SECURITY,
    summary="Revoke an author's key",
    tags=_TAGS,
)
@in_thread
def revoke_key(parts: Wired, caller: Bearer, keyid: Keyid, data: shapes.KeyRevocation) -> shapes.Taken:
    """Revoke all that a key has signed, and every token of whose it is; nothing new of it is taken."""
    caller.require("moderate", "")
    by, reason = Moderator(caller.id, caller.name), plain_text(data.reason)
    parts.indexing.carry(lambda c: moderating.revoke_key(c, by, keyid, reason, severity=data.severity))
    return shapes.Taken("created")


@delete(
    "/api/moderation/keys/{keyid:str}/revocation",
    security=SECURITY,
    summary="Take the revocation of an author's key back",
    tags=_TAGS,
)
@in_thread
def unrevoke_key(parts: Wired, caller: Bearer, keyid: Keyid) -> None:
    """Let what the key has signed run again; tokens stay ended."""
    caller.require("moderate", "")
    by = Moderator(caller.id, caller.name)
    parts.indexing.carry(lambda connection: moderating.unrevoke_key(connection, by, keyid, ""))


@get("/api/events", summary="Read the log of events", tags=["catalogue"])
@in_thread
def list_events(
    request: Request[Any, Any, Any],
    parts: Wired,
    *,
    plugin: Name = "",
    limit: Limit = PAGE,
    cursor: Place = "",
) -> Response[list[events.Event]]:
    """Return a page of what was published, yanked, quarantined, decided and claimed, the newest first.

    Nobody learns from it who reported or decided, nor of what a plugin is accused; with a moderator's token
    it is the whole log.
    """
    everything = "authorization" in request.headers
    if everything:
        bearer(request, parts).require("moderate", plugin)
    before = read(cursor, int).id if cursor else 0
    with parts.database.reading() as connection:
        rows = events.newest(connection, limit=limit + 1, before=before, plugin=plugin, everything=everything)
    page = list(rows[:limit])
    place = written(Cursor(0, page[-1].id)) if len(rows) > limit else ""
    link = next_page(parts, "/api/events", place, plugin=plugin, limit=str(limit))
    return answered(request, page, link=link, private=everything)


MODERATION: Final[tuple[Any, ...]] = (
    show_queue, show_case, decide, list_revocations, revoke_key, unrevoke_key, list_events,
)  # fmt: skip
