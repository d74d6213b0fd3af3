"""What went wrong, as a page where a page was asked for, and as a problem where the API was.

What always holds: as :mod:`yesman.marketplace.api.problems` says; and what is shown is escaped.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from litestar.exceptions import HTTPException

from yesman.marketplace.api import problems
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar import Request, Response

    from yesman.marketplace.pages.site import Site

_KEPT: Final = ("allow", "retry-after")


def handlers(site: Site) -> Mapping[Any, Any]:
    """Return the handlers for Litestar, of the pages and the API together."""
    shown: dict[Any, Callable[..., Any]] = {YesmanError: _ours, HTTPException: _http, Exception: _unforeseen}
    return {kind: _either(answer, shown[kind], site) for kind, answer in problems.handlers().items()}


def _either(api: Callable[..., Any], page: Callable[..., Any], site: Site) -> Callable[..., Any]:
    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        is_api = request.scope["path"].startswith("/api")
        return api(request, error) if is_api else page(site, error)  # type: ignore[no-any-return]  # both do

    return answer


def _ours(site: Site, error: YesmanError) -> Response[bytes]:
    status, _, headers = problems.of_error(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logging.getLogger(__name__).warning("%s", error, exc_info=error)
    return _page(site, status, error.message, error.next_step, headers)


def _http(site: Site, error: HTTPException) -> Response[bytes]:
    status = HTTPStatus(error.status_code)
    said = {
        HTTPStatus.NOT_FOUND: "There is no such page",
        HTTPStatus.METHOD_NOT_ALLOWED: "This page does not take that",
    }
    return _page(
        site, status, said.get(status, "The request could not be understood"), "", error.headers or {}
    )


def _unforeseen(site: Site, error: Exception) -> Response[bytes]:
    logging.getLogger(__name__).error("A page was answered with 500", exc_info=error)
    return _page(site, 500, "The server made a mistake", "Tell its operator", {})


def _page(
    site: Site, status: int, message: str, next_step: str, headers: Mapping[str, str]
) -> Response[bytes]:
    kept = {key: value for key, value in headers.items() if key.lower() in _KEPT}
    title = HTTPStatus(status).phrase
    return site.page(
        "failure.html", status=status, headers=kept, title=title, message=message, next_step=next_step
    )
