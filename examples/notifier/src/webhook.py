"""One address that JSON is posted to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

if TYPE_CHECKING:
    from http.client import HTTPMessage
    from typing import IO

SECONDS = 3.0
"""For one post; a hook has five."""


class WebhookError(Exception):
    """The other side did not take it."""


class _NoRedirect(HTTPRedirectHandler):
    """Goes nowhere else: what is posted, and the token, are for this address alone."""

    def redirect_request(  # noqa: PLR0917 - the signature of the base class
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Refuse."""


class Webhook:
    """Posts.

    Args:
        url: Where to.
        token: For the header ``Authorization``, or "".

    Raises:
        ValueError: The address is none for the web.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("the setting 'url' must start with https:// or http:// and name a host")
        self._url = url
        self._headers = {"Content-Type": "application/json", "User-Agent": "yesman-notifier"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = build_opener(_NoRedirect)

    def post(self, data: dict[str, Any]) -> None:
        """Post ``data`` as JSON.

        Raises:
            WebhookError: It could not be reached, or did not answer with success. Never names the address,
                which is a secret with many services.
            PermissionError: The plugin may not connect there.
        """
        request = Request(self._url, json.dumps(data).encode(), self._headers, method="POST")  # noqa: S310 - __init__ lets only http and https in
        try:
            with self._opener.open(request, timeout=SECONDS):
                return
        except HTTPError as error:
            error.close()
            raise WebhookError(f"the webhook answered {error.code}") from None
        except URLError as error:
            if isinstance(error.reason, PermissionError):
                raise error.reason from None
            raise WebhookError(f"the webhook cannot be reached: {error.reason}") from None
        except TimeoutError:
            raise WebhookError(f"the webhook did not answer within {SECONDS:g} seconds") from None
