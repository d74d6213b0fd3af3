"""A registry's server, as authors and those who search use it: HTTP with bounded, typed answers.

What always holds: nothing that comes decides what is installed (the signed index does); a token goes to the
registry's own address and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import urllib3

from yesman.market.sources import CONNECT_SECONDS, explained
from yesman.model.errors import (
    AuthorError,
    NotFoundError,
    PermissionDeniedError,
    RemoteError,
    UsageError,
    VerificationError,
)
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yesman.model.errors import YesmanError

T = TypeVar("T")
ANSWER_SECONDS: Final = 120.0
"""A publish is scanned before it is answered."""
MOST_BYTES: Final = 4 << 20
_ERRORS: Final[dict[str, type[YesmanError]]] = {
    error.kind: error
    for error in (AuthorError, NotFoundError, PermissionDeniedError, UsageError, VerificationError)
}
_TOO_MANY: Final = 429
_REFUSED: Final = 400

Line = Annotated[str, msgspec.Meta(max_length=2000)]


class Found(msgspec.Struct, frozen=True):
    """One plugin that a search has found, as the server says; nothing of it is signed."""

    name: Line
    description: Line
    publisher: Line
    category: Line
    downloads: int
    rating: float
    latest_version: dict[str, Any] | None = None


class Receipt(msgspec.Struct, frozen=True):
    """What became of a package: ``published``, or ``quarantined`` with the reason."""

    name: Line
    version: Line
    sha256: Line
    state: Line
    reason: Line = ""


class _Problem(msgspec.Struct, frozen=True):
    title: Line = ""
    detail: Line = ""
    kind: Line = ""
    next_step: Line = ""


class MarketApi:
    """Asks one registry's server.

    Args:
        url: Its base (``registries.check_url``).
        token: What the caller may do there, or "".

    Raises:
        UsageError: It is a folder, which answers nothing.
    """

    def __init__(self, url: str, token: str = "") -> None:
        if url.startswith("/"):
            raise UsageError(f"the registry in {url} is a folder without a server", "Use one with https://")
        self._base = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        self._pool = urllib3.PoolManager(retries=False, timeout=timeout)

    def search(self, query: str, category: str = "", sort: str = "popularity") -> list[Found]:
        """Return the plugins that fit, at most a page of them."""
        asked = urlencode({"q": query, "category": category, "sort": sort, "limit": 50})
        return self._ask("GET", f"/api/plugins?{asked}", list[Found])

    def details(self, name: str) -> dict[str, Any]:
        """Return all that the server says of a plugin."""
        found: dict[str, Any] = self._ask("GET", f"/api/plugins/{quote(name, safe='')}", dict[str, Any])
        return found

    def register(self, key: Mapping[str, Any]) -> None:
        """Register one public key of the token's publisher; again is the same as once."""
        self._ask("POST", "/api/keys", list[Any], body=msgspec.json.encode(key))

    def publish(self, name: str, version: str, package: bytes, envelope: str) -> Receipt:
        """Publish a package with its author's signature (base64); again is the same as once."""
        headers = {"Yesman-Envelope": envelope, "Content-Type": "application/octet-stream"}
        return self._ask("PUT", _release(name, version), Receipt, body=package, headers=headers)

    def yank(self, name: str, version: str, reason: str) -> None:
        """Say that nobody should install a release any more; with an empty reason, that they may again."""
        path = f"{_release(name, version)}/yank"
        if reason:
            self._ask("PUT", path, dict[str, Any], body=msgspec.json.encode({"reason": reason}))
        else:
            self._ask("DELETE", path, dict[str, Any])

    def report(self, name: str, body: Mapping[str, Any]) -> None:
        """Report a plugin to the registry's moderators."""
        self._ask("POST", f"/api/plugins/{quote(name, safe='')}/reports", Any, body=msgspec.json.encode(body))

    def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> T:
        url = self._base + path
        sent = {"Content-Type": "application/json", **self._headers, **(headers or {})}
        with explained(url):
            response = self._pool.request(
                method, url, body=body or None, headers=sent, redirect=False, preload_content=False
            )
            content = response.read(MOST_BYTES + 1)
            response.close()
        if response.status >= _REFUSED:
            raise _error(response, content, url)
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            message = f"{url} answers what cannot be understood"
            raise RemoteError(message, "Is it a registry's server?") from None


def _release(name: str, version: str) -> str:
    return f"/api/plugins/{quote(name, safe='')}/versions/{quote(version, safe='')}"


def _error(response: urllib3.BaseHTTPResponse, content: bytes, url: str) -> YesmanError:
    try:
        problem = msgspec.json.decode(content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        problem = _Problem()
    said = shown(problem.detail or problem.title, 1000) if problem.detail or problem.title else "no reason"
    if response.status == _TOO_MANY:
        return RemoteError(f"{url} is asked too often", "Try again later")
    advice = f"The registry advises: {shown(problem.next_step, 500)}" if problem.next_step else ""
    return _ERRORS.get(problem.kind, RemoteError)(f"the registry refuses ({response.status}): {said}", advice)
