"""Whether requirements can be resolved: asked of a real index, by the real uv."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hosted import wheels

from yesman.findings.folder import judged
from yesman.findings.rules import Level
from yesman.package.uv import Uv
from yesman.sandbox.interpreter import base_python

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple"}
MANIFEST = "name: hello\nversion: 1.0.0\ndescription: Hello.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello" / "src").mkdir(parents=True)
    (tmp_path / "hello" / "src" / "main.py").touch()
    (tmp_path / "hello" / "README.md").touch()
    (tmp_path / "hello" / "plugin.yaml").write_text(MANIFEST)
    (tmp_path / "wheels").mkdir()
    wheels.make(tmp_path / "wheels", "tiny")
    return tmp_path / "hello"


async def found(folder: Path, requirement: str, **settings: str) -> list[tuple[str, Level]]:
    (folder / "requirements.txt").write_text(f"{requirement}\n")
    mine = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder.parent / "wheels")}
    environ = {"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **(settings or mine)}
    report = await judged(folder, Uv(folder.parent / "cache", base_python(), environ))
    return [(each.rule, each.level) for each in report.findings]


async def test_what_the_index_has_is_right(folder):
    assert await found(folder, "tiny>=1.0") == []


@pytest.mark.parametrize("requirement", ["tiny>=2", "no-such-thing"])
async def test_what_it_has_not_is_an_error(folder, requirement):
    assert await found(folder, requirement) == [("dependencies", Level.ERROR)]


async def test_without_an_index_nothing_is_called_right(folder):
    assert await found(folder, "tiny>=1.0", **NOBODY) == [("dependencies-unchecked", Level.UNCHECKED)]


async def test_a_lock_answers_for_the_index(folder):
    lock = f"tiny==1.0 --hash=sha256:{'0' * 64}\n"
    (folder / "requirements.lock").write_text(lock)
    assert await found(folder, "tiny>=1.0", **NOBODY) == []
