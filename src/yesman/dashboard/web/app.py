"""The application: parts, handlers and the gate before them, put together in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from litestar import Litestar
from litestar.di import Provide

from yesman.dashboard.web import acts, entering, live, offers, pages
from yesman.dashboard.web.failures import handlers
from yesman.dashboard.web.gate import Gate
from yesman.dashboard.web.link import Link
from yesman.dashboard.web.regions import Regions
from yesman.dashboard.web.site import Site
from yesman.dashboard.web.wired import Parts

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.dashboard.web.access import Access

MOST_BODY: Final = 256 * 1024
"""Bytes that a form may have."""
HANDLERS: Final[tuple[Any, ...]] = (
    entering.enter,
    entering.guess,
    entering.leave,
    pages.static,
    pages.overview,
    pages.session,
    pages.plugins,
    pages.plugin,
    pages.panel,
    pages.audit,
    pages.events,
    pages.palette,
    live.stream,
    acts.do,
    offers.search,
    offers.look,
    offers.offer,
    offers.agree,
)


def parts_of(socket: Path, origin: str, access: Access) -> Parts:
    """Return the parts of a dashboard of the server whose socket is ``socket``."""
    link, site = Link(socket), Site()
    return Parts(origin, cookie_name(origin), access, link, site, Regions(link, site), offers.Offers(link))


def cookie_name(origin: str) -> str:
    """Return what the cookie is called: over TLS browsers hold to the promise of its name (RFC 6265bis)."""
    return "__Host-yesman" if origin.startswith("https://") else "yesman"


def application(parts: Parts) -> Any:
    """Return the ASGI application."""
    inner = Litestar(
        route_handlers=list(HANDLERS),
        dependencies={
            "dashboard": Provide(lambda: parts, use_cache=True, sync_to_thread=False),
            "visitor": Provide(pages.visitor, sync_to_thread=False),
        },
        exception_handlers=handlers(parts.site),
        openapi_config=None,
        request_max_body_size=MOST_BODY,
        logging_config=None,
    )
    return Gate(inner, parts.access, parts.origin, parts.cookie)
