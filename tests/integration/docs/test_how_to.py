"""What the how-to pages tell their readers to do is done, each from an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from followed import follow

PAGES = sorted((Path(__file__).resolve().parents[3] / "docs/how-to").glob("*.md"))


@pytest.mark.timeout(300)  # a whole page is typed, and its plugins are tested
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_as_it_says(reader, page):
    assert follow(page.read_text("utf-8"), reader)
