"""The plan's own files, byte for byte, where it says they lie."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hosted.fixtures import cold, home, orphans, server  # noqa: F401 - tests ask for them by name
from hosted.fixtures import environ as alone  # noqa: F401 - for the next fixture
from hosted.index import through_index

if TYPE_CHECKING:
    from pathlib import Path

PLACES = {
    "plugins/github-integration/plugin.yaml": ("### 2. Plugin Manifest", "yaml"),
    "plugins/github-integration/src/main.py": ("### Example: GitHub Integration", "python"),
    "tests/plugins/test_plugin_development.py": ("### Plugin Development Kit", "python"),
}


@pytest.fixture
def environ(alone: dict[str, str]) -> dict[str, str]:  # noqa: F811 - the fixture of that name
    """A user with a home of the test's own and the caller's package index."""
    return through_index(alone)


@pytest.fixture
def plans_project(plan_text: str, tmp_path: Path) -> Path:
    """A project with the plan's manifest, plugin and test, and nothing else."""
    project = tmp_path / "project"
    for place, (heading, language) in PLACES.items():
        file = project / place
        file.parent.mkdir(parents=True)
        file.write_bytes(_block(plan_text, heading, language).encode())
    return project


def _block(plan_text: str, heading: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", plan_text.partition(heading + "\n")[2], re.DOTALL)
    assert found, heading
    return found[1]
