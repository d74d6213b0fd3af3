"""What the handlers work with, wired in one place; and the small things all of them need."""

from __future__ import annotations

import functools
import hashlib
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import msgspec
from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from packaging.version import InvalidVersion, Version

from yesman.model.errors import NotFoundError
from yesman.trust.index import is_name

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from litestar import Request

    from yesman.marketplace.api.metrics import Metrics
    from yesman.marketplace.counting import Downloads
    from yesman.marketplace.database import Database
    from yesman.marketplace.indexing import Indexing
    from yesman.marketplace.limits import Limits
    from yesman.marketplace.publishing import Publishing
    from yesman.marketplace.storage import Objects

LONGEST_VERSION: Final = 200


@dataclass(frozen=True)
class Parts:
    """All of the server.

    Attributes:
        base: The server's own URL, as users know it: what download URLs begin with.
        spool: A folder for packages that are being sent.
        places: For as many as are taken in at the same time.
    """

    base: str
    spool: Path
    database: Database
    objects: Objects
    indexing: Indexing
    publishing: Publishing
    downloads: Downloads
    metrics: Metrics
    limits: Limits
    places: asyncio.Semaphore


Given = ParamSpec("Given")
Returned = TypeVar("Returned")
SPENT: Final[ContextVar[list[float]]] = ContextVar("SPENT")
"""Seconds of processor time that threads have spent on the request that is answered."""
TURN: Final[ContextVar[AbstractAsyncContextManager[None]]] = ContextVar("TURN")
"""What a request waits for before it gets a thread, if anything."""
Wired = NamedDependency[SkipValidation[Parts]]
"""How handlers ask for them."""


def in_thread(function: Callable[Given, Returned]) -> Callable[Given, Awaitable[Returned]]:
    """Let a handler that waits for the database or the disk run in a thread.

    Instead of ``sync_to_thread=True``, which Litestar applies again each time it finds another handler for
    the same path (litestar #4738): the third time there comes a coroutine where a response should be.
    """

    def timed(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        began = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            SPENT.get([]).append(time.thread_time() - began)

    @functools.wraps(function)
    async def run(*args: Given.args, **kwargs: Given.kwargs) -> Returned:
        async with TURN.get(nullcontext()):
            return await sync_to_thread(timed, *args, **kwargs)

    return run


def answered(
    request: Request[Any, Any, Any], value: object, *, age: int = 0, link: str = "", private: bool = False
) -> Response[Any]:
    """Return ``value`` as JSON with an ETag, or 304 where the client has it (RFC 9110, 13.1.2).

    Args:
        request: What is answered.
        value: With what.
        age: For how many seconds anybody may show it again without asking.
        link: The ``Link`` header.
        private: Whether no cache may keep it.
    """
    body = msgspec.json.encode(value)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    caching = "no-store" if private else f"public, max-age={age}" if age else "no-cache"
    headers = {"etag": tag, "cache-control": caching}
    if not private:
        headers["vary"] = "authorization"
    if link:
        headers["link"] = link
    if matches(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def matches(sent: str, tag: str) -> bool:
    """Tell whether an If-None-Match header names ``tag``; weakly, as it is compared for reading."""
    return sent.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in sent.split(","))


def named(name: str) -> str:
    """Return a plugin's name from a URL.

    Raises:
        NotFoundError: No plugin can be called so.
    """
    if not is_name(name):
        raise NotFoundError("There is no such plugin", "Search for it: /api/plugins?q=")
    return name


def versioned(version: str) -> str:
    """Return a version from a URL.

    Raises:
        NotFoundError: No release can have it.
    """
    try:
        if version.isascii() and len(version) <= LONGEST_VERSION:
            Version(version)
            return version
    except InvalidVersion:
        pass
    raise NotFoundError("There is no such version", "Look at the plugin's versions")
