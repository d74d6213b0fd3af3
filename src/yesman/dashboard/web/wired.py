"""What every handler is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litestar.di import NamedDependency
from litestar.params import SkipValidation

from yesman.dashboard.web.access import Access, Visitor

if TYPE_CHECKING:
    from yesman.dashboard.web.link import Link
    from yesman.dashboard.web.offers import Offers
    from yesman.dashboard.web.regions import Regions
    from yesman.dashboard.web.site import Site


@dataclass(frozen=True)
class Parts:
    """The parts of a dashboard.

    Attributes:
        origin: Its own, as browsers say it.
        cookie: What its cookie is called.
        access: Who may use it.
        link: Leads to the server.
        site: Makes pages.
        regions: Make what changes on them.
        offers: What was fetched and waits for consent.
    """

    origin: str
    cookie: str
    access: Access
    link: Link
    site: Site
    regions: Regions
    offers: Offers


Dashboard = NamedDependency[SkipValidation[Parts]]
Visits = NamedDependency[SkipValidation[Visitor]]
