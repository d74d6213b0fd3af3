"""Installing from a registry: found, fetched and verified, shown with all that it asks for, then agreed to.

What always holds: nothing is installed but what was shown, named by its digest, with the permissions that
were ticked; and what was fetched and looked at is remembered here, not told by the browser.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec
from litestar import Request, Response, get, post
from litestar.params import Parameter
from msgspec import Meta

from yesman.dashboard.web.acts import By, Name, Some, read
from yesman.dashboard.web.wired import Dashboard, Visits
from yesman.market.api import MarketApi
from yesman.model.errors import NotFoundError, YesmanError

if TYPE_CHECKING:
    from yesman.dashboard.web.link import Link

MOST_OFFERS: Final = 50
Words = Annotated[str, Parameter(query="q", max_length=200)]


class Offer(NamedTuple):
    """What was fetched, and what was found in it.

    Attributes:
        fetched: What ``market.fetch`` told.
        plugin: What ``plugin.inspect`` told.
        difference: How its files differ from those that are installed.
    """

    fetched: dict[str, Any]
    plugin: dict[str, Any]
    difference: tuple[str, ...]


class Offers:
    """What waits for consent.

    Args:
        link: Leads to the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._kept: OrderedDict[str, Offer] = OrderedDict()

    async def fetch(self, name: str, version: str) -> str:
        """Fetch and look at a plugin; return by what its offer is known.

        Raises:
            YesmanError: It is not there, or cannot be believed.
        """
        fetched = await self._link.call("market.fetch", name=name, version=version)
        where = {"fetched": fetched["fetched"]}
        plugin = await self._link.call("plugin.inspect", **where)
        lines = await self._link.call("plugin.difference", **where) if plugin["installed"] else ()
        ident = secrets.token_hex(16)
        self._kept[ident] = Offer(fetched, plugin, tuple(lines))
        while len(self._kept) > MOST_OFFERS:
            self._kept.popitem(last=False)
        return ident

    def found(self, ident: str) -> Offer:
        """Return an offer; raise NotFoundError."""
        try:
            return self._kept[ident]
        except KeyError:
            raise NotFoundError("This offer is not open any more", "Look for the plugin again") from None

    def close(self, ident: str) -> None:
        """Forget an offer."""
        self._kept.pop(ident, None)


class Wanted(msgspec.Struct, frozen=True):
    """A plugin of a registry."""

    name: Name
    version: Annotated[str, Meta(max_length=100)] = ""


class Agreed(msgspec.Struct, frozen=True):
    """What somebody agreed to: the permissions that they ticked, and to go on despite of what was found."""

    offer: Name
    permissions: tuple[Some, ...] = ()
    despite: Annotated[str, Meta(max_length=40)] = ""


@get("/install", include_in_schema=False)
async def search(dashboard: Dashboard, visitor: Visits, words: Words = "") -> Response[bytes]:
    """Show what a registry's server finds."""
    registries = await dashboard.link.call("market.list")
    found: list[Any] = []
    trouble: YesmanError | None = None
    if registries:
        api = MarketApi(registries[0]["url"])
        try:
            found = msgspec.to_builtins(await asyncio.to_thread(api.search, words, "", "popularity"))
        except YesmanError as error:
            trouble = error
    installed = {row["name"]: row["version"] for row in await dashboard.link.call("plugin.list")}
    first = {"tabs": await dashboard.regions.first("tabs")}
    shown = {
        "words": words,
        "found": found,
        "registries": registries,
        "installed": installed,
        "trouble": trouble,
    }
    return dashboard.site.page("install.html", visitor=visitor, first=first, **shown)


@post("/install", status_code=200, include_in_schema=False)
async def look(request: Request[Any, Any, Any], dashboard: Dashboard) -> dict[str, str]:
    """Fetch and verify a plugin; return where its offer is shown."""
    wanted = read(Wanted, await request.body())
    return {"onward": f"/install/{await dashboard.offers.fetch(wanted.name, wanted.version)}"}


@get("/install/{ident:str}", include_in_schema=False)
async def offer(dashboard: Dashboard, visitor: Visits, ident: str) -> Response[bytes]:
    """Show what somebody would agree to."""
    found = dashboard.offers.found(ident)
    first = {"tabs": await dashboard.regions.first("tabs")}
    return dashboard.site.page("consent.html", visitor=visitor, first=first, ident=ident, offer=found)


@post("/agree", status_code=200, include_in_schema=False)
async def agree(request: Request[Any, Any, Any], dashboard: Dashboard) -> dict[str, str]:
    """Install what was shown; return where the plugin is now."""
    agreed = read(Agreed, await request.body())
    found = dashboard.offers.found(agreed.offer)
    plugin = found.plugin
    params = {
        "fetched": found.fetched["fetched"],
        "digest": plugin["digest"],
        "name": plugin["name"],
        "replace": bool(plugin["replaces"]),
        "consent": plugin["added_permissions"],
        "grants": None,
        "by": By,
        "despite": agreed.despite,
        "news": (plugin["difference"] or {}).get("news", ()),
    }
    if set(agreed.permissions) != set(plugin["added_permissions"]):
        kept = [p["permission"] for p in plugin["permissions"] if p["granted"] or p["grants"]]
        params |= {"consent": (), "grants": (*kept, *agreed.permissions)}
    await dashboard.link.call("plugin.install", **params)
    dashboard.offers.close(agreed.offer)
    dashboard.regions.hurry()
    return {
        "onward": f"/plugins/{plugin['name']}",
        "said": f"{plugin['name']} {plugin['version']} is installed.",
    }
