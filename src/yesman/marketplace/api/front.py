"""The outermost part: who asks too often must wait, files go past the framework, everything is counted."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

from yesman.marketplace.api.files import Files, send_file
from yesman.marketplace.api.parts import SPENT, TURN
from yesman.marketplace.api.problems import MEDIA, of_error, problem
from yesman.marketplace.api.throttling import Rate, Throttle, network_of
from yesman.model.errors import YesmanError

if TYPE_CHECKING:
    from yesman.marketplace.api.parts import Parts

_FILES: Final = ("/metadata/", "/targets/", "/packages/")
_SAFE: Final = frozenset({"GET", "HEAD"})
_REFUSED: Final = 401
READERS: Final = 3
"""Reading requests in threads at the same time: more only take the interpreter's lock from each other."""


class Front:
    """An ASGI application in front of another.

    Args:
        parts: The server's.
        inner: What answers everything but files.
    """

    def __init__(self, parts: Parts, inner: Any) -> None:
        limits = parts.limits
        self._parts, self._inner, self._files = parts, inner, Files(parts)
        self._reads = Throttle(Rate(limits.reads, limits.reads_burst))
        self._writes = Throttle(Rate(limits.writes, limits.writes_burst))
        self._failures = Throttle(Rate(limits.failures, limits.failures_burst))
        self._turns = asyncio.Semaphore(READERS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def counted(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._answer(scope, receive, counted)
        finally:
            path = scope["path"]
            area = "files" if path.startswith(_FILES) else "api" if path.startswith("/api") else "pages"
            self._parts.metrics.took(area, status, time.perf_counter() - began)
            if status == _REFUSED:
                self._failures.take(_who(scope))

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        wait = self._wait(scope)
        if wait:
            body, headers = problem(
                429, "Too many requests from this address", "busy", "Wait as Retry-After says"
            )
            await _refuse(send, 429, body, {**headers, "retry-after": str(wait)})
        elif scope["path"].startswith(_FILES):
            await self._file(scope, send)
        else:
            await self._charged(scope, receive, send)

    async def _charged(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, and count what was costly as so many cheap requests: else one address keeps us busy."""
        spent: list[float] = []
        SPENT.set(spent)
        TURN.set(self._turns if scope["method"] in _SAFE else nullcontext())
        try:
            await self._inner(scope, receive, send)
        finally:
            more = sum(spent) / self._parts.limits.read_seconds - 1
            if more > 0:
                self._reads.charge(_who(scope), more)

    def _wait(self, scope: Any) -> int:
        """Return for how many seconds this address must wait, 0 if not at all."""
        who = _who(scope)
        if scope["method"] in _SAFE:
            return self._reads.take(who)
        return self._failures.empty(who) or self._writes.take(who)

    async def _file(self, scope: Any, send: Any) -> None:
        if scope["method"] not in _SAFE:
            body, headers = problem(405, "Files can only be read", "http")
            await _refuse(send, 405, body, {**headers, "allow": "GET, HEAD"})
            return
        try:
            file = await self._files.find(scope["path"])
        except YesmanError as error:
            status, body, headers = of_error(error)
            await _refuse(send, status, body, headers)
            return
        try:
            await send_file(file, scope, send)
        except YesmanError as error:  # it is cut off: the client sees that it is not whole
            logging.getLogger(__name__).warning("%s", error)
            raise
        if file.package and scope["method"] == "GET":
            self._parts.downloads.count(file.package)


async def _refuse(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    shown = {**headers, "content-type": MEDIA, "content-length": str(len(body))}
    pairs = [(key.encode(), value.encode()) for key, value in shown.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _who(scope: Any) -> str:
    client = scope.get("client")
    return network_of(client[0]) if client else "?"
