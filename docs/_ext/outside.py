"""Links out of docs/ and texts from there: both work on the checkout as it lies, and in what Sphinx builds.

What always holds: a link to a file that is a page is led to that page; one to anything else that exists in
the checkout keeps its text and is no link; one to nothing is a warning, as any broken link.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

PAGES = {
    "SECURITY.md": "security/model.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Texts at the top of the checkout, and the pages that show them."""
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s#:]+)(#[^()\s]*)?\)")
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
INCLUDED = re.compile(r"```\{include\} (\S+)\n```")


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen for pages that are read."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}


def _read(app: Sphinx, name: str, source: list[str]) -> None:
    from sphinx.util import logging  # noqa: PLC0415 - tests of the rest need no Sphinx

    page = Path(app.srcdir, f"{name}.md")
    text, origin = read(page, source[0])
    app.env.note_dependency(str(origin))
    warning = logging.getLogger(__name__).warning
    source[0] = led(text, origin, page, Path(app.srcdir), lambda told: warning(told, location=name))


def read(page: Path, text: str) -> tuple[str, Path]:
    """Return a page's text and the file that it is from: a page that only includes another has that one's."""
    included = INCLUDED.fullmatch(text.strip())
    if not included:
        return text, page
    origin = Path(os.path.normpath(page.parent / included[1]))
    return origin.read_text("utf-8"), origin


def led(text: str, origin: Path, page: Path, docs: Path, warn: Callable[[str], None]) -> str:
    """Return ``text`` from ``origin`` as it is to stand in ``page``: its links lead to the same there."""

    def replaced(found: re.Match[str]) -> str:
        target = _page(Path(os.path.normpath(origin.parent / found[2])), docs)
        if target.is_relative_to(docs):
            return f"[{found[1]}]({os.path.relpath(target, page.parent)}{found[3] or ''})"
        if not target.exists():
            warn(f"there is no {found[2]}")
        return found[1]

    parts = FENCED.split(text)
    parts[::2] = [LINK.sub(replaced, part) for part in parts[::2]]
    return "".join(parts)


def _page(target: Path, docs: Path) -> Path:
    """Return the page that shows ``target``, if one does."""
    named = PAGES.get(os.path.relpath(target, docs.parent))
    if named:
        return docs / named
    return target / "index.md" if (target / "index.md").is_file() else target
