"""All pages, and what they are made with, put together in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yesman.marketplace.pages import catalogue, changes, desk, entering, files, saying
from yesman.marketplace.pages.comparing import Comparisons
from yesman.marketplace.pages.site import Site
from yesman.marketplace.pages.visiting import Pages

if TYPE_CHECKING:
    from yesman.marketplace.api.parts import Parts

PAGES: Final[tuple[Any, ...]] = (
    catalogue.find,
    catalogue.show_plugin,
    catalogue.show_reviews,
    catalogue.show_publisher,
    changes.choose,
    changes.show,
    files.static,
    files.icon,
    entering.ask,
    entering.enter,
    entering.leave,
    saying.review,
    saying.ask_report,
    saying.report,
    saying.reported,
    desk.show_queue,
    desk.show_case,
    desk.show_files,
    desk.decide,
)


def made(parts: Parts) -> Pages:
    """Return what the pages of a server made of ``parts`` are made with."""
    return Pages(Site(parts.base), catalogue.Facets(parts.database), Comparisons(parts.objects))
