"""The examples of the reference page for embedders run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "embedding.md"
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture
def examples(module):
    sources = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [module(source, f"example_{number}") for number, source in enumerate(sources)]


async def test_the_examples_run(examples, monkeypatch, tmp_path):
    sandboxed, permissions, tested = examples
    assert await sandboxed.main() == 3
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert permissions.allowed("helper") is False
    (tmp_path / "plugins").symlink_to(PLUGINS)
    await tested.test_it_reads_nothing_that_it_was_not_granted()
