"""What needs a token: publishing, yanking, keys, reviews and reports."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post, put
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import Parameter, SkipValidation

from yesman.marketplace import asking, voices, yanking
from yesman.marketplace.api import shapes
from yesman.marketplace.api.documenting import PackageOperation
from yesman.marketplace.api.parts import Parts, Wired, in_thread, named, versioned
from yesman.marketplace.api.receiving import received
from yesman.marketplace.publishers import add_key, chain_of
from yesman.marketplace.publishing import Submission
from yesman.marketplace.refusals import UnauthenticatedError
from yesman.marketplace.tokens import Caller, caller
from yesman.model.errors import UsageError
from yesman.model.plain_text import unsafe_character
from yesman.trust.index import PublisherKey

ENVELOPE: Final = "Yesman-Envelope"
SECURITY: Final[list[dict[str, list[str]]]] = [{"token": []}]
Bearer = NamedDependency[SkipValidation[Caller]]
Category = Annotated[str, Parameter(max_length=40, description="Where it is listed; its type by default")]


def bearer(request: Request[Any, Any, Any], parts: Wired) -> Caller:
    """Return whose token the request bears.

    Raises:
        UnauthenticatedError: None that is good.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError("This needs a token", "Send it: 'Authorization: Bearer TOKEN'")
    with parts.database.reading() as connection:
        return caller(connection, token.strip())


@put(
    "/api/plugins/{name:str}/versions/{version:str}",
    status_code=201,
    security=SECURITY,
    summary="Publish a release",
    tags=["publishing"],
    operation_class=PackageOperation,
    request_max_body_size=None,  # receiving counts by itself
)
async def publish(
    request: Request[Any, Any, Any],
    parts: Wired,
    caller: Bearer,
    *,
    name: str,
    version: str,
    envelope: Annotated[str, Parameter(header=ENVELOPE, description="The author's signature, base64")],
    category: Category = "",
) -> Response[shapes.Receipt]:
    """Take the body, a package, as this release. Sent again, it is answered the same way, with 200."""
    caller.require("publish", named(name))
    versioned(version)
    signature = _envelope(envelope, parts.limits.envelope)
    async with received(request, parts) as file:
        asked = Submission(caller, name, version, file, signature, category)
        done = await sync_to_thread(parts.publishing.publish, asked)
    state = "quarantined" if done.quarantined else "published"
    receipt = shapes.Receipt(
        name=name, version=version, sha256=done.sha256, state=state, reason=done.quarantined  # type: ignore[arg-type]  # one of the two
    )  # fmt: skip
    return Response(receipt, status_code=202 if done.quarantined else 201 if done.is_new else 200)


def _envelope(sent: str, most: int) -> bytes:
    try:
        if len(sent) <= most * 4 // 3 + 4:
            return base64.b64decode(sent, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise UsageError(f"The header {ENVELOPE} is not at most {most} bytes in base64", "Sign the package anew")


@put(
    "/api/plugins/{name:str}/versions/{version:str}/yank",
    security=SECURITY,
    summary="Yank a release",
    tags=["publishing"],
)
@in_thread
def yank(parts: Wired, caller: Bearer, name: str, version: str, data: shapes.Reason) -> shapes.Taken:
    """Say that nobody should install this release any more; whoever has it keeps it."""
    return _yank(parts, caller, name, version, plain_text(data.reason))


@delete(
    "/api/plugins/{name:str}/versions/{version:str}/yank",
    status_code=200,
    security=SECURITY,
    summary="Take a yank back",
    tags=["publishing"],
)
@in_thread
def unyank(parts: Wired, caller: Bearer, name: str, version: str) -> shapes.Taken:
    """Say that the release may be installed again."""
    return _yank(parts, caller, name, version, "")


def _yank(parts: Parts, caller: Caller, name: str, version: str, reason: str) -> shapes.Taken:
    caller.require("yank", named(name))
    parts.indexing.require()
    with parts.database.writing() as connection:
        plugin, revision = yanking.yank(connection, caller, name, versioned(version), reason)
    parts.indexing.settle(plugin, revision)
    return shapes.Taken("replaced" if revision else "unchanged")


@post("/api/keys", security=SECURITY, summary="Register a key", tags=["publishing"])
@in_thread
def register_key(parts: Wired, caller: Bearer, data: PublisherKey) -> list[PublisherKey]:
    """Add a key to the caller's: the first one, or one that the last one has signed. Return all of them."""
    caller.require("keys", "")
    with parts.database.writing() as connection:
        add_key(connection, caller.id, caller.name, data)
        return list(chain_of(connection, caller.id))


@put(
    "/api/plugins/{name:str}/reviews",
    security=SECURITY,
    summary="Review a plugin",
    tags=["users"],
)
@in_thread
def review(parts: Wired, caller: Bearer, name: str, data: shapes.NewReview) -> shapes.Taken:
    """Write the caller's review, in place of the one before."""
    caller.require("review", named(name))
    with parts.database.writing() as connection:
        is_new = voices.review(connection, caller, name, data.stars, plain_text(data.text))
    return shapes.Taken("created" if is_new else "replaced")


@delete(
    "/api/plugins/{name:str}/reviews",
    security=SECURITY,
    summary="Withdraw a review",
    tags=["users"],
)
@in_thread
def withdraw(parts: Wired, caller: Bearer, name: str) -> None:
    """Remove the caller's review."""
    caller.require("review", named(name))
    with parts.database.writing() as connection:
        voices.withdraw(connection, caller, name)


@post(
    "/api/plugins/{name:str}/reports",
    status_code=202,
    security=SECURITY,
    summary="Report a plugin",
    tags=["users"],
)
@in_thread
def report(parts: Wired, caller: Bearer, name: str, data: shapes.NewReport) -> shapes.Taken:
    """Write down what is wrong; enough weight takes the plugin out until a moderator has looked."""
    caller.require("report", named(name))
    said = voices.Report(data.kind, plain_text(data.text), plain_text(data.version))
    with parts.database.writing() as connection:
        plugin, revision = voices.report(connection, caller, name, said)
    if revision:
        parts.indexing.settle(plugin, revision)
    return shapes.Taken("created")


@get(
    "/api/plugins/{name:str}/standing",
    security=SECURITY,
    summary="Show how the caller's plugin stands",
    tags=["publishing"],
)
@in_thread
def show_standing(parts: Wired, caller: Bearer, name: str) -> asking.Standing:
    """Return the state of the caller's own plugin, and what was decided about it, with the reasons."""
    caller.require("publish", named(name))
    with parts.database.reading() as connection:
        return asking.standing(connection, caller, name)


@post(
    "/api/plugins/{name:str}/review-requests",
    status_code=202,
    security=SECURITY,
    summary="Ask that a decision be looked at again",
    tags=["publishing"],
)
@in_thread
def ask_again(parts: Wired, caller: Bearer, name: str, data: shapes.NewRequest) -> shapes.Taken:
    """Say why the newest decision about the caller's own plugin is wrong; once a decision."""
    caller.require("publish", named(name))
    if data.version:
        versioned(data.version)
    with parts.database.writing() as connection:
        asking.ask_again(connection, caller, name, plain_text(data.text), data.version)
    return shapes.Taken("created")


def plain_text(text: str) -> str:
    """Return a text of a stranger's.

    Raises:
        UsageError: It has characters that hide or reorder others.
    """
    if unsafe_character(text, allowed="\n") is not None:
        raise UsageError("The text has invisible or control characters", "Remove them")
    return text


WRITING: Final[tuple[Any, ...]] = (
    publish, yank, unyank, register_key, review, withdraw, report, show_standing, ask_again,
)  # fmt: skip
