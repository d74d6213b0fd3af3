"""What went wrong: as a page where a page was asked for, and as data where a script asked."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar import Response
from litestar.exceptions import HTTPException

from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litestar import Request

    from yesman.dashboard.web.site import Site

_STATUS: Final = {"not-found": HTTPStatus.NOT_FOUND, "platform": HTTPStatus.SERVICE_UNAVAILABLE}


def handlers(site: Site) -> dict[Any, Callable[..., Any]]:
    """Return the handlers for Litestar."""

    def ours(request: Request[Any, Any, Any], error: YesmanError) -> Response[Any]:
        status = _STATUS.get(error.kind, HTTPStatus.BAD_REQUEST)
        return _told(site, request, status, error.message, error.next_step)

    def http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        status = HTTPStatus(error.status_code)
        missing = status == HTTPStatus.NOT_FOUND
        said = "There is no such page" if missing else "The request could not be understood"
        return _told(site, request, status, said, "")

    def unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        logging.getLogger(__name__).error("%s was answered with 500", request.scope["path"], exc_info=error)
        told = "Look into what the dashboard printed, and report it"
        return _told(site, request, HTTPStatus.INTERNAL_SERVER_ERROR, "The dashboard made a mistake", told)

    return {YesmanError: ours, HTTPException: http, Exception: unforeseen}


def _told(
    site: Site, request: Request[Any, Any, Any], status: HTTPStatus, message: str, next_step: str
) -> Response[Any]:
    said = {"message": message, "next_step": next_step}
    if "text/html" in request.headers.get("accept", ""):
        visitor = request.scope.get("state", {}).get("visitor")
        return site.page(
            "failure.html", status=status, visitor=visitor, first={}, title=status.phrase, **said
        )
    return Response(said, status_code=status)
