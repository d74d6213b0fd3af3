"""What went wrong, as RFC 9457 has it (``application/problem+json``): whose fault it is, and the next step.

What always holds: no traceback, path or query of ours leaves the server; what nobody foresaw is logged, and
answered with 500 and nothing else.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from yesman.marketplace import refusals
from yesman.model import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar import Request

MEDIA: Final = "application/problem+json"
AGAIN_SECONDS: Final = 5
DAY_SECONDS: Final = 24 * 3600
_STATUS: Final[tuple[tuple[type[errors.YesmanError], HTTPStatus], ...]] = (
    (refusals.UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (refusals.ConflictError, HTTPStatus.CONFLICT),
    (refusals.TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (refusals.TooOftenError, HTTPStatus.TOO_MANY_REQUESTS),
    (refusals.TooSlowError, HTTPStatus.REQUEST_TIMEOUT),
    (errors.PermissionDeniedError, HTTPStatus.FORBIDDEN),
    (errors.NotFoundError, HTTPStatus.NOT_FOUND),
    (errors.UsageError, HTTPStatus.BAD_REQUEST),
    (errors.AuthorError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.VerificationError, HTTPStatus.UNPROCESSABLE_ENTITY),
)
"""The first that fits; any other error of ours is the server's: 503, to be tried again."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The body.

    Attributes:
        type: Always ``about:blank``: the status says what kind it is (RFC 9457, 4.2.1).
        title: The status in words.
        status: The HTTP status.
        detail: One sentence.
        kind: A short stable word for programs.
        next_step: What to do now; may be empty.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    kind: str
    next_step: str = ""


def problem(status: int, detail: str, kind: str, next_step: str = "") -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a problem."""
    title = HTTPStatus(status).phrase
    body = Problem(title=title, status=status, detail=detail, kind=kind, next_step=next_step)
    headers = {"cache-control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = 'Bearer realm="yesman marketplace"'
    if kind == refusals.TooOftenError.kind:
        headers["retry-after"] = str(DAY_SECONDS)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(AGAIN_SECONDS)
    return msgspec.json.encode(body), headers


def of_error(error: errors.YesmanError) -> tuple[int, bytes, dict[str, str]]:
    """Return status, body and headers for an error of ours."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), HTTPStatus.SERVICE_UNAVAILABLE)
    return status, *problem(status, error.message, error.kind, error.next_step)


def _ours(_request: Request[Any, Any, Any], error: errors.YesmanError) -> Response[bytes]:
    status, body, headers = of_error(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logging.getLogger(__name__).warning("%s", error, exc_info=error)
    return Response(body, status_code=status, headers=headers, media_type=MEDIA)


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    body, headers = problem(status, _said(error), "http")
    kept = {key: value for key, value in (error.headers or {}).items() if key.lower() == "allow"}
    return Response(body, status_code=status, headers=headers | kept, media_type=MEDIA)


def _said(error: HTTPException) -> str:
    """Return what a client did wrong: which parameter, where the framework knows."""
    extra = error.extra if isinstance(error.extra, list) else []
    parts = [f"{part.get('key', '')}: {part.get('message', '')}" for part in extra if isinstance(part, dict)]
    return "; ".join(parts)[:500] or HTTPStatus(error.status_code).description or "It was refused"


def _unforeseen(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    logging.getLogger(__name__).error("A request was answered with 500", exc_info=error)
    body, headers = problem(500, "The server made a mistake", "error", "Tell its operator")
    return Response(body, status_code=500, headers=headers, media_type=MEDIA)


def handlers() -> Mapping[Any, Any]:
    """Return the handlers for Litestar."""
    return {errors.YesmanError: _ours, HTTPException: _http, Exception: _unforeseen}
