"""The moderators' desk: who waits, all that is known of one, what is in a package, and deciding.

What always holds: nobody sees any of it but who is signed in with a token that has the scope ``moderate``;
and a decision is what the API would have done with it.
"""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post
from sqlalchemy import select

from yesman.marketplace import cases
from yesman.marketplace.api.parts import Wired, in_thread, named, versioned
from yesman.marketplace.api.reading import Place
from yesman.marketplace.api.writing import plain_text
from yesman.marketplace.deciding import Moderator
from yesman.marketplace.orders import Order, carry_out
from yesman.marketplace.pages import forms
from yesman.marketplace.pages.entering import led
from yesman.marketplace.pages.visiting import At, Visits
from yesman.marketplace.releases import release_of
from yesman.marketplace.schema import releases
from yesman.model.errors import NotFoundError

PAGE: Final = 20
ACTIONS: Final = {
    "restore": "Restore: it is all right. Open reports are dismissed.",
    "reject": "Keep it in quarantine: what was reported, or found, is right.",
    "dismiss": "Dismiss the reports; it stays as it is.",
    "quarantine": "Quarantine: out of lists and index until somebody decides.",
    "yank": "Yank a version: nobody should install it any more; who has it keeps it.",
    "unyank": "Take a yank back.",
    "revoke": "Revoke: clients stop it within a minute, or warn of it.",
    "unrevoke": "Take a revocation back.",
    "remove": "Remove for ever, with all versions; the name is given to nobody.",
}


@get("/desk", include_in_schema=False)
@in_thread
def show_queue(parts: Wired, at: At, visitor: Visits, cursor: Place = "") -> Response[Any]:
    """Show who waits, the longest first."""
    if visitor is None:
        return led("/sign-in?next=/desk")
    visitor.caller.require("moderate", "")
    with parts.database.reading() as connection:
        page = cases.queue(connection, limit=PAGE, cursor=cursor)
        count = cases.count(connection)
    return at.site.page("desk.html", visitor=visitor, page=page, count=count)


@get("/desk/{name:str}", include_in_schema=False)
@in_thread
def show_case(parts: Wired, at: At, visitor: Visits, name: str) -> Response[Any]:
    """Show all that is known of a plugin, be it listed or not."""
    if visitor is None:
        return led(f"/sign-in?next=/desk/{named(name)}")
    visitor.caller.require("moderate", named(name))
    with parts.database.reading() as connection:
        case = cases.case_of(connection, name)
    return at.site.page("case.html", visitor=visitor, case=case, actions=ACTIONS)


@get("/desk/{name:str}/{version:str}", include_in_schema=False)
@in_thread
def show_files(parts: Wired, at: At, visitor: Visits, name: str, version: str) -> Response[Any]:
    """Show what is in a package, quarantined or not: its files as if all were new."""
    if visitor is None:
        return led(f"/sign-in?next=/desk/{named(name)}")
    visitor.caller.require("moderate", named(name))
    with parts.database.reading() as connection:
        known = release_of(connection, name, versioned(version))
        if known is None:
            raise NotFoundError("There is no such version", "Look at the case")
        row = connection.execute(select(releases).where(releases.c.id == known.id)).one()
    comparison = at.comparisons.contents(row)
    return at.site.page("files.html", visitor=visitor, name=name, release=row, comparison=comparison)


@post("/desk/{name:str}", status_code=200, include_in_schema=False)
@in_thread
def decide(parts: Wired, visitor: Visits, sent: forms.Sent, name: str) -> Response[Any]:
    """Write a decision down; afterwards the signed index says so."""
    who, form = forms.own(sent, visitor, forms.Decision)
    who.caller.require("moderate", named(name))
    version = versioned(form.version) if form.version else ""
    order = Order(form.action, plain_text(form.reason), version, form.severity, form.good_faith)
    by = Moderator(who.caller.id, who.caller.name)
    parts.indexing.carry(lambda connection: carry_out(connection, by, name, order))
    return led(f"/desk/{name}")
