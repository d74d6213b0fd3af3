"""What every request passes before anything of the dashboard is reached, and every answer on its way out.

What always holds: a request that does not name this dashboard as its host is answered with nothing of it, so
that no other site's name can be bound to our address (DNS rebinding); one that another page started, of
another site or of another port of this machine, reaches nothing; what changes something comes from our own
page, by its Origin and by what only that page knows; but for the way in, nobody is answered who did not come
in by it; and every answer tells the browser what it may do with it.
"""

from __future__ import annotations

import hmac
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Final

import msgspec

from yesman.web.headers import HEADERS as COMMON
from yesman.web.headers import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.dashboard.web.access import Access

WAY_IN: Final = "/enter"
OPEN: Final = "/static/"
"""Below this is what is no secret: style sheets and scripts."""
FORM_HEADER: Final = b"x-yesman-form"
HEADERS: Final = {
    **COMMON,
    "content-security-policy": policy(
        script_src="'self'",
        connect_src="'self'",
        frame_src="'self'",
        require_trusted_types_for="'script'",
        trusted_types="yesman",
    ),
    "cache-control": "no-store",
}
"""Of every answer that does not say otherwise: a page may load, embed and ask nothing but what is here, and
its script can put only what we made into it."""
_READING: Final = frozenset({"GET", "HEAD"})
_NO_COOKIE: Final = 4096
"""Characters of cookies; ours is one of 43."""


class Gate:
    """An ASGI application before another.

    Args:
        inner: The dashboard.
        access: Who may use it.
        origin: Its own, such as ``http://box.localhost:8481``.
        cookie: What its cookie is called.
    """

    def __init__(self, inner: Any, access: Access, origin: str, cookie: str) -> None:
        self._inner = inner
        self._access = access
        self._origin = origin.encode()
        self._host = origin.partition("://")[2].encode()
        self._cookie = cookie

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Refuse a request, or hand it on with ``visitor`` and ``secret`` in its state."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        secret = self._secret(headers)
        visitor = self._access.visitor(secret) if secret else None
        status, said = self._refusal(scope, headers, visitor.form if visitor else None)
        if status is not None:
            await _refuse(scope, _with_headers(send), status, said)
            return
        scope.setdefault("state", {}).update(visitor=visitor, secret=secret)
        await self._inner(scope, receive, _with_headers(send))

    def _refusal(
        self, scope: Any, headers: Mapping[bytes, list[bytes]], form: str | None
    ) -> tuple[HTTPStatus | None, str]:
        if headers.get(b"host") != [self._host]:
            said = "This dashboard has another name: use the link that it printed"
            return HTTPStatus.MISDIRECTED_REQUEST, said
        path, reading = scope["path"], scope["method"] in _READING
        if not _ours(headers) or not (reading or headers.get(b"origin") == [self._origin]):
            return HTTPStatus.FORBIDDEN, "The dashboard's own page did not ask this"
        if path == WAY_IN or (reading and path.startswith(OPEN)):
            return None, ""
        if form is None:
            return HTTPStatus.UNAUTHORIZED, "You are not signed in: use the link that the dashboard printed"
        sent = headers.get(FORM_HEADER, [b""])[0]
        if not reading and not hmac.compare_digest(sent, form.encode()):
            return HTTPStatus.FORBIDDEN, "This page is too old: load it again"
        return None, ""

    def _secret(self, headers: Mapping[bytes, list[bytes]]) -> str:
        text = b"; ".join(headers.get(b"cookie", []))
        if len(text) > _NO_COOKIE:
            return ""
        try:
            found = SimpleCookie(text.decode("ascii", "replace")).get(self._cookie)
        except CookieError:
            return ""
        return found.value if found else ""


def _ours(headers: Mapping[bytes, list[bytes]]) -> bool:
    """Tell whether our own page started this request, or a person did, as far as the browser says.

    A link may lead here from anywhere: what it leads to changes nothing, and cannot be read from there.
    """
    site = headers.get(b"sec-fetch-site", [b"none"])
    if site in ([b"same-origin"], [b"none"]):
        return True
    return headers.get(b"sec-fetch-mode") == [b"navigate"] and headers.get(b"sec-fetch-dest") == [b"document"]


def _with_headers(send: Any) -> Any:
    """Return what sends an answer with what every answer says."""

    async def say(message: Any) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _ in message["headers"]}
            ours = ((name.encode(), value.encode()) for name, value in HEADERS.items())
            message |= {"headers": [*message["headers"], *(each for each in ours if each[0] not in said)]}
        await send(message)

    return say


async def _refuse(scope: Any, send: Any, status: HTTPStatus, said: str) -> None:
    """Answer with one sentence: as data to programs, as text to people."""
    accepts = b"".join(value for name, value in scope["headers"] if name.lower() == b"accept")
    as_text = b"text/html" in accepts
    body = said.encode() + b"\n" if as_text else msgspec.json.encode({"message": said, "next_step": ""})
    headers = [
        (b"content-security-policy", policy().encode()),
        (b"content-type", b"text/plain; charset=utf-8" if as_text else b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
