"""No page makes a reader's browser ask another host for anything: one that would is a warning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOADED = re.compile(
    r"<(?:script|link|img|iframe|source|video|audio|object|embed)\b[^>]*?"
    r"\b(?:src|href|data)=[\"']((?:https?:)?//[^\"']*)"
)
STYLED = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')\s]*)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Look at all pages when they are built."""
    app.connect("build-finished", _look)
    return {"parallel_read_safe": True}


def _look(app: Sphinx, _error: Exception | None) -> None:
    from sphinx.util import logging  # noqa: PLC0415 - tests of the rest need no Sphinx

    for file in sorted(Path(app.outdir).rglob("*")):
        if file.suffix in {".html", ".css", ".svg"}:
            for address in asked(file.read_text("utf-8")):
                logging.getLogger(__name__).warning("%s asks another host: %s", file.name, address)


def asked(text: str) -> list[str]:
    """Return the addresses on other hosts that a browser would ask to show ``text``."""
    return [*LOADED.findall(text), *STYLED.findall(text)]
