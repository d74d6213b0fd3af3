"""The page of the SDK has every public name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yesman import plugins
from yesman.plugins import testing, ui

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/sdk.md"


@pytest.mark.parametrize("module", [plugins, ui, testing], ids=lambda module: module.__name__)
def test_every_public_name_is_on_the_page_once(module):
    part = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    (section,) = [text for text in part if text.startswith(f"{module.__name__}\n")]
    names = re.findall(r"^\.\. auto(?:class|data|function|exception):: (\w+)$", section, re.MULTILINE)
    assert sorted(names) == sorted(module.__all__)
