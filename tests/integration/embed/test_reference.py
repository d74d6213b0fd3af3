"""The examples of the reference page for embedders run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from yesman.model.errors import RemoteError

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "embedding.md"
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


@pytest.fixture
def examples(module):
    sources = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [module(source, f"example_{number}") for number, source in enumerate(sources)]


async def test_the_examples_run(examples, monkeypatch, tmp_path):
    click_program, loading, sandboxed, permissions, market, registry, tested = examples
    assert "Install and manage plugins." in CliRunner().invoke(click_program.notes, ["--help"]).output
    assert await loading.run(str(tmp_path / "state" / "plugins"), "nobody") is None
    assert await sandboxed.main() == 3
    monkeypatch.setenv("YESMAN_HOME", str(tmp_path))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert permissions.allowed("helper") is False
    assert registry.versions() == {}
    with pytest.raises(RemoteError, match="cannot be got"):
        await market.get("http://127.0.0.1:9", "git")
    (tmp_path / "plugins").symlink_to(PLUGINS)
    await tested.test_it_reads_nothing_that_it_was_not_granted()
