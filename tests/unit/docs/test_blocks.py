"""Every block of Python in the documentation compiles, and every command in it is typed by a test."""

from __future__ import annotations

from pathlib import Path

import pytest
from followed.page import blocks

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if "_build" not in page.parts]
FOLLOWED = {"tutorial", "how-to"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_python_compiles(page):
    for line, text in blocks(page.read_text("utf-8"), "python"):
        compile(text, f"{page}:{line}", "exec")


def test_commands_stand_only_where_they_are_followed():
    others = [page for page in PAGES if page.relative_to(DOCS).parts[0] not in FOLLOWED]
    assert others
    assert not [page for page in others if blocks(page.read_text("utf-8"), "console")]
