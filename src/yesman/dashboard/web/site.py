"""What pages are made with: templates, which escape whatever they are given, and our own files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from litestar import Response
from markupsafe import Markup

from yesman.dashboard.formats import written
from yesman.dashboard.web.palette import style_sheet
from yesman.dashboard.web.terminals import spans
from yesman.dashboard.web.wording import FILTERS
from yesman.model.errors import NotFoundError
from yesman.web.headers import FOREVER
from yesman.web.templates import MARK, templates_in

_HERE: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Site:
    """Templates and our own files, read once."""

    def __init__(self) -> None:
        static = _HERE / "static"
        self._files = {
            path.relative_to(static).as_posix(): path.read_bytes()
            for path in static.rglob("*")
            if path.suffix in _TYPES
        } | {"colours.css": style_sheet(), MARK.name: MARK.read_bytes()}
        # Scripts import each other by name, so one digest stands for all of them.
        self._digest = hashlib.sha256(b"".join(self._files[name] for name in sorted(self._files))).hexdigest()
        self._templates = templates_in(_HERE / "templates")
        self._templates.globals |= {"asset": self.asset, "written": written}
        self._templates.filters |= FILTERS | {"spans": spans}

    def asset(self, name: str) -> str:
        """Return where one of our own files is; a digest is in it, so it may be kept for ever."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self._digest[:16]}/{name}"

    def file(self, name: str) -> Response[bytes]:
        """Return one of our own files; raise NotFoundError."""
        if name not in self._files:
            raise NotFoundError("There is no such file", "")
        kept = {"cache-control": FOREVER}
        return Response(self._files[name], headers=kept, media_type=_TYPES[Path(name).suffix])

    def fragment(self, template: str, **values: Any) -> Markup:
        """Return a piece of a page."""
        return Markup(self._templates.get_template(template).render(values))  # noqa: S704 - templates escape

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response[bytes]:
        """Return a page made by ``template`` of ``values``."""
        body = self._templates.get_template(template).render({"visitor": None, **values}).encode()
        return Response(body, status_code=status, media_type="text/html")
