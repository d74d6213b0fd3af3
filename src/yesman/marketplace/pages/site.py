"""What pages are made with: templates, the style sheet, and the headers under which a browser gets them.

What always holds: templates escape whatever they are given; no page may load, embed or send anything
anywhere but here; and no page can be framed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from litestar import Response

from yesman.marketplace.api.parts import matches
from yesman.marketplace.pages import wording
from yesman.web.headers import HEADERS as COMMON
from yesman.web.headers import policy
from yesman.web.markdown import cleaned, leads_outside, visible
from yesman.web.templates import MARK, templates_in

_HERE: Final = Path(__file__).parent
STATIC: Final = {"style.css": "text/css; charset=utf-8", "mark.svg": "image/svg+xml"}
HEADERS: Final = {**COMMON, "content-security-policy": policy()}
LONGEST_LINE: Final = 400


class Site:
    """Templates and style sheet, read once.

    Args:
        base: The server's own URL, as users know it.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.static = {file.name: file.read_bytes() for file in (_HERE / "style.css", MARK)}
        self._templates = templates_in(_HERE / "templates")
        self._templates.globals |= {"base": base, "asset": self._asset}
        self._templates.filters |= wording.FILTERS
        self._templates.filters |= {"prose": cleaned, "line": _line}
        self._templates.tests["outside"] = leads_outside

    def _asset(self, name: str) -> str:
        """Return where one of our own files is; its digest is in it, so it may be kept for ever."""
        return f"/static/{hashlib.sha256(self.static[name]).hexdigest()[:16]}/{name}"

    def page(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
    ) -> Response[bytes]:
        """Return a page made by ``template`` of ``values``."""
        body = self._templates.get_template(template).render({"visitor": None, **values}).encode()
        shown = {**HEADERS, "cache-control": "no-store", **(headers or {})}
        return Response(body, status_code=status, headers=shown, media_type="text/html")

    def public(self, sent: str, template: str, **values: Any) -> Response[Any]:
        """Return a page that is everybody's, or 304 for who ``sent`` its tag; or the visitor's own."""
        made = self.page(template, **values)
        if values.get("visitor") is not None:
            return made
        tag = f'"{hashlib.sha256(made.content).hexdigest()[:32]}"'
        headers = {**HEADERS, "cache-control": "no-cache", "etag": tag, "vary": "cookie"}
        if matches(sent, tag):
            return Response(None, status_code=304, headers=headers)
        made.headers.update(headers)
        return made


def _line(text: str) -> str:
    """Return a line of a stranger's file, as much of it as is shown, with what it hides made visible."""
    return visible(text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}…")
