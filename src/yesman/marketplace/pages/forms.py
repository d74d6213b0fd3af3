"""What forms send, and whether it was one of ours that sent it.

What always holds: a form counts only where the browser says that this site sent it; one of somebody who is
signed in only if it carries what no other site can know as well; and what it holds is bounded and typed
before anything is done.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec
from litestar import Request  # noqa: TC002 - Litestar reads the annotations of sent() when it starts
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec import Meta

from yesman.marketplace.api.parts import Wired  # noqa: TC001 - same
from yesman.marketplace.limits import LIMITS
from yesman.marketplace.orders import Action, Severity  # noqa: TC001 - msgspec reads annotations
from yesman.marketplace.refusals import UnauthenticatedError
from yesman.model.errors import PermissionDeniedError, UsageError
from yesman.model.reports import Kind  # noqa: TC001 - msgspec reads annotations
from yesman.web.sending import pairs, unfit

if TYPE_CHECKING:
    from yesman.marketplace.pages.visiting import Visitor

MEDIA: Final = "application/x-www-form-urlencoded"
FIELDS: Final = 20
_PORTS: Final = {"https": ":443", "http": ":80"}
_AGAIN: Final = "Go back, reload the page and send it again"
Text = Annotated[str, Meta(max_length=LIMITS.text)]
Said = Annotated[str, Meta(min_length=1, max_length=LIMITS.text)]
Version = Annotated[str, Meta(max_length=200)]


class Fields(NamedTuple):
    """What a form of this site's sent."""

    values: dict[str, str]


class SignIn(msgspec.Struct, frozen=True):
    """A token, and the page to go on to."""

    token: Annotated[str, Meta(max_length=200)]
    next: Annotated[str, Meta(max_length=200)] = "/"


class Nothing(msgspec.Struct, frozen=True):
    """A button and no more."""


class Review(msgspec.Struct, frozen=True):
    """A review."""

    stars: Annotated[int, Meta(ge=1, le=5)]
    text: Text = ""


class Report(msgspec.Struct, frozen=True):
    """A report."""

    kind: Kind
    text: Said
    version: Version = ""


class Decision(msgspec.Struct, frozen=True):
    """A moderator's decision, as :class:`yesman.marketplace.orders.Order` has it."""

    action: Action
    reason: Said
    version: Version = ""
    severity: Severity = "hard"
    good_faith: bool = False


Sent = NamedDependency[SkipValidation[Fields]]
Form = TypeVar("Form", bound=msgspec.Struct)


async def sent(request: Request[Any, Any, Any], parts: Wired) -> Fields:
    """Return what a form sent.

    Raises:
        PermissionDeniedError: It is not one of this site's.
        UsageError: It is no form.
    """
    check_origin(request, parts.base)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA:
        raise UsageError("This is no form", _AGAIN)
    body = await request.body()
    return Fields({key: value.replace("\r\n", "\n").strip() for key, value in pairs(body, FIELDS)})


def check_origin(request: Request[Any, Any, Any], base: str) -> None:
    """Refuse a form that another site sent, or that nobody says where it is from.

    Raises:
        PermissionDeniedError: It is refused.
    """
    origin = request.headers.get("origin")
    if origin is None and request.headers.get("sec-fetch-site") == "same-origin":
        return
    if origin != origin_of(base):
        raise PermissionDeniedError("The form was not sent by this site", f"Open it at {base}")


def origin_of(base: str) -> str:
    """Return what browsers call the origin of our own pages: without the port that goes without saying."""
    parts = urlsplit(base.lower())
    return f"{parts.scheme}://{parts.netloc.removesuffix(_PORTS.get(parts.scheme, ''))}"


def read(fields: Fields, kind: type[Form]) -> Form:
    """Return the form as a value.

    Raises:
        UsageError: Something is missing or not possible.
    """
    try:
        return msgspec.convert(fields.values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise unfit(error) from None


def own(fields: Fields, visitor: Visitor | None, kind: type[Form]) -> tuple[Visitor, Form]:
    """Return who sent the form, and what it says.

    Raises:
        UnauthenticatedError: Nobody is signed in.
        PermissionDeniedError: It does not carry what this visitor's forms carry.
        UsageError: As :func:`read`.
    """
    if visitor is None:
        raise UnauthenticatedError("You are not signed in any more", "Sign in, and send it again")
    if not hmac.compare_digest(fields.values.get("form", "").encode(), visitor.form.encode()):
        raise PermissionDeniedError("The form is not one of yours", _AGAIN)
    return visitor, read(fields, kind)
