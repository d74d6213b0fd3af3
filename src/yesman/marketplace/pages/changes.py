"""The page that shows what changed from one version to another."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import Parameter
from litestar.response import Redirect
from packaging.utils import canonicalize_version

from yesman.marketplace.api.parts import Wired, in_thread, named, versioned
from yesman.marketplace.pages import reads
from yesman.marketplace.pages.visiting import At, Visits
from yesman.model.errors import NotFoundError

Version = Annotated[str, Parameter(max_length=200)]


@get("/plugins/{name:str}/diff", include_in_schema=False)
async def choose(
    name: str, older: Annotated[str, Parameter(query="from", max_length=200)], to: Version
) -> Redirect:
    """Lead from the form to the page it asks for."""
    return Redirect(f"/plugins/{named(name)}/diff/{versioned(older)}...{versioned(to)}", status_code=303)


@get("/plugins/{name:str}/diff/{pair:str}", include_in_schema=False)
@in_thread
def show(
    request: Request[Any, Any, Any], parts: Wired, at: At, visitor: Visits, *, name: str, pair: str
) -> Response[Any]:
    """Show what changed."""
    older, _, newer = pair.partition("...")
    with parts.database.reading() as connection:
        row = reads.plugin_row(connection, named(name))
        releases = reads.releases_of(connection, row.id)
    old, new = (_release(releases, versioned(version)) for version in (older, newer))
    comparison = at.comparisons.compare(old.row, new.row)
    tag = request.headers.get("if-none-match", "")
    asked = _apart(map(str, old.manifest.permissions), map(str, new.manifest.permissions))
    required = _apart(old.manifest.dependencies, new.manifest.dependencies)
    return at.site.public(
        tag, "diff.html", visitor=visitor, row=row, old=old, new=new, releases=releases,
        comparison=comparison, permissions=asked, dependencies=required,
        is_other_signer=old.row.signer != new.row.signer,
    )  # fmt: skip


def _release(releases: list[reads.Release], version: str) -> reads.Release:
    wanted = canonicalize_version(version)
    for release in releases:
        if release.row.canonical == wanted:
            return release
    raise NotFoundError("There is no such version", "Look at the plugin's versions")


def _apart(old: Any, new: Any) -> tuple[list[str], list[str]]:
    """Return what is only in ``new``, and what is only in ``old``."""
    before, after = set(old), set(new)
    return sorted(after - before), sorted(before - after)
