"""Pages that are made from the code say what the code says; each is made in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs/reference"
TOOLS = {path.stem.removesuffix("_page"): path for path in (ROOT / "tools").glob("*_page.py")}
PAGE = "import runpy, sys; sys.stdout.write(runpy.run_path(sys.argv[1])['page']())"


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_the_page_is_not_stale(name):
    argv = [sys.executable, "-X", "utf8", "-c", PAGE, str(TOOLS[name])]
    made = subprocess.run(argv, capture_output=True, encoding="utf-8", check=True).stdout
    assert (REFERENCE / f"{name}.md").read_text("utf-8") == made, "run: make pages"


def test_there_is_a_page_for_each_kind_of_thing():
    assert set(TOOLS) >= {"cli", "errors", "events", "manifest", "permissions"}


def test_each_page_is_reached_from_the_front_door():
    door = (ROOT / "docs/index.md").read_text("utf-8")
    assert not [name for name in TOOLS if f"(reference/{name}.md)" not in door]
