"""Reviews and reports, from the page of the plugin; what they do is done where the API has it done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from litestar import Response, get, post

from yesman.marketplace import voices
from yesman.marketplace.api.parts import Wired, in_thread, named
from yesman.marketplace.api.writing import plain_text
from yesman.marketplace.pages import forms, reads
from yesman.marketplace.pages.entering import led
from yesman.marketplace.pages.visiting import At, Visits

if TYPE_CHECKING:
    from yesman.model.reports import Kind

KINDS: Final[dict[Kind, str]] = {
    "malware": "It does harm: steals, destroys, spies",
    "vulnerable": "It has a hole that others can use",
    "spam": "It is advertising, or pretends to be another",
    "illegal": "It is against the law, or takes what is somebody else's",
    "other": "Something else",
}


@post("/plugins/{name:str}/review", status_code=200, include_in_schema=False)
@in_thread
def review(parts: Wired, visitor: Visits, sent: forms.Sent, name: str) -> Response[Any]:
    """Write the visitor's review, in place of the one before."""
    who, said = forms.own(sent, visitor, forms.Review)
    who.caller.require("review", named(name))
    with parts.database.writing() as connection:
        voices.review(connection, who.caller, name, said.stars, plain_text(said.text))
    return led(f"/plugins/{name}")


@get("/plugins/{name:str}/report", include_in_schema=False)
@in_thread
def ask_report(parts: Wired, at: At, visitor: Visits, name: str) -> Response[Any]:
    """Show the form for a report."""
    with parts.database.reading() as connection:
        row = reads.plugin_row(connection, named(name))
        releases = reads.releases_of(connection, row.id)
    if visitor is None:
        return led(f"/sign-in?next=/plugins/{name}/report")
    visitor.caller.require("report", name)
    return at.site.page("report.html", visitor=visitor, row=row, releases=releases, kinds=KINDS)


@post("/plugins/{name:str}/report", status_code=200, include_in_schema=False)
@in_thread
def report(parts: Wired, visitor: Visits, sent: forms.Sent, name: str) -> Response[Any]:
    """Write a report down; enough weight takes the plugin out until a moderator has looked."""
    who, form = forms.own(sent, visitor, forms.Report)
    who.caller.require("report", named(name))
    said = voices.Report(form.kind, plain_text(form.text), plain_text(form.version))
    with parts.database.writing() as connection:
        plugin, revision = voices.report(connection, who.caller, name, said)
    if revision:
        parts.indexing.settle(plugin, revision)
    return led(f"/reported/{name}")


@get("/reported/{name:str}", include_in_schema=False)
async def reported(at: At, visitor: Visits, name: str) -> Response[Any]:
    """Say that a report was taken; the plugin itself may be out of sight by now."""
    return at.site.page("reported.html", visitor=visitor, name=named(name))
