"""The pages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.params import Parameter

from yesman.dashboard.web import settings
from yesman.dashboard.web.wired import Dashboard, Visits
from yesman.dashboard.web.wording import segment
from yesman.host.ledger import WEIGHTS
from yesman.model.errors import NotFoundError

Kind = Annotated[str, Parameter(query="kind", max_length=40)]
Session = Annotated[str, Parameter(query="name", max_length=200)]
Prefix = Annotated[str, Parameter(query="name", max_length=128)]
About = Annotated[str, Parameter(query="session", max_length=200)]
Source = Annotated[str, Parameter(query="source", max_length=100)]
Named = Annotated[str, Parameter(query="plugin", max_length=100)]


@get("/static/{digest:str}/{file:path}", include_in_schema=False)
async def static(dashboard: Dashboard, digest: str, file: str) -> Response[bytes]:  # noqa: ARG001 - only makes it new
    """Return one of our own files."""
    return dashboard.site.file(file.lstrip("/"))


@get("/", include_in_schema=False)
async def overview(dashboard: Dashboard, visitor: Visits) -> Response[bytes]:
    """Show all sessions."""
    return await _page(dashboard, visitor, "overview.html", ("sessions",), home=str(Path.home()))


@get("/session", include_in_schema=False)
async def session(dashboard: Dashboard, visitor: Visits, name: Session) -> Response[bytes]:
    """Show one session."""
    region, sheets = f"session/{segment(name)}", f"sheets/{segment(name)}"
    more = {"name": name, "region": region, "sheets": sheets}
    return await _page(dashboard, visitor, "session.html", (region, sheets), **more)


@get("/plugins", include_in_schema=False)
async def plugins(dashboard: Dashboard, visitor: Visits) -> Response[bytes]:
    """Show all installed plugins."""
    return await _page(dashboard, visitor, "plugins.html", ("plugins",))


@get("/plugins/{name:str}", include_in_schema=False)
async def plugin(dashboard: Dashboard, visitor: Visits, name: str) -> Response[bytes]:
    """Show one plugin."""
    found = await dashboard.link.call("plugin.show", name=name)
    regions = (f"plugin/{name}", f"log/{name}", f"audit/{name}")
    return await _page(dashboard, visitor, "plugin.html", regions, name=name, settings=settings.rows(found))


@get("/panels/{plugin:str}/{panel:str}", include_in_schema=False)
async def panel(dashboard: Dashboard, visitor: Visits, plugin: str, panel: str) -> Response[bytes]:
    """Show one panel that stands by itself."""
    rows = await dashboard.link.call("panel.list")
    row = next((row for row in rows if (row["plugin"], row["name"]) == (plugin, panel)), None)
    if row is None or row["slot"] != "tab":
        raise NotFoundError("There is no such panel", "")
    return await _page(dashboard, visitor, "panel.html", (), row=row)


@get("/audit", include_in_schema=False)
async def audit(dashboard: Dashboard, visitor: Visits, about: Named = "", kind: Kind = "") -> Response[bytes]:
    """Show what plugins did and were allowed."""
    region = f"audit/{segment(about)}/{segment(kind)}"
    more = {"region": region, "about": about, "kind": kind, "kinds": sorted(WEIGHTS)}
    return await _page(dashboard, visitor, "audit.html", (region,), **more)


@get("/events", include_in_schema=False)
async def events(
    dashboard: Dashboard, visitor: Visits, prefix: Prefix = "", about: About = "", source: Source = ""
) -> Response[bytes]:
    """Show what was published last."""
    region = f"events/{segment(prefix)}/{segment(about)}/{segment(source)}"
    more = {"region": region, "prefix": prefix, "about": about, "source": source}
    return await _page(dashboard, visitor, "events.html", (region,), **more)


@get("/palette", include_in_schema=False)
async def palette(dashboard: Dashboard) -> list[dict[str, str]]:
    """Return what the command palette offers besides what is on the page."""
    link = dashboard.link
    sessions, plugins, panels = [
        await link.call(method) for method in ("session.list", "plugin.list", "panel.list")
    ]
    tabs = (row for row in panels if row["slot"] == "tab")
    found = [
        *PLACES.items(),
        *((f"Session: {row['name']}", f"/session?name={segment(row['name'])}") for row in sessions),
        *((f"Plugin: {row['name']}", f"/plugins/{row['name']}") for row in plugins),
        *((f"Panel: {row['title']}", f"/panels/{row['plugin']}/{row['name']}") for row in tabs),
    ]
    return [{"label": label, "href": href} for label, href in found]


PLACES: Final = {
    "Sessions": "/",
    "Plugins": "/plugins",
    "Events": "/events",
    "Audit trail": "/audit",
    "Install a plugin": "/install",
}


async def _page(
    dashboard: Any, visitor: Any, template: str, regions: tuple[str, ...], **values: Any
) -> Response[bytes]:
    """Return a page with what its regions show first."""
    names = ("tabs", *regions)
    pieces = await asyncio.gather(*map(dashboard.regions.first, names))
    first = dict(zip(names, pieces, strict=True))
    response: Response[bytes] = dashboard.site.page(template, visitor=visitor, first=first, **values)
    return response


def visitor(request: Request[Any, Any, Any]) -> Any:
    """Return who asks; the gate has let nobody else pass."""
    return request.scope["state"]["visitor"]
