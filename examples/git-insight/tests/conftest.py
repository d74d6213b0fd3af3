"""The plugin's own modules, and what they are tested with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from yesman.plugins.testing import load_source

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture(scope="session")
def plugin() -> ModuleType:
    """The plugin's modules by name: ``plugin.main``."""
    return load_source()


@pytest.fixture(scope="session")
def history() -> ModuleType:
    """The maker of repositories and the oracle (``history.py``)."""
    return load_source("tests/history.py")


@pytest.fixture(scope="session")
def repository(history: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of 1 200 commits; tests only read it."""
    folder = tmp_path_factory.mktemp("history") / "repository"
    history.write_history(folder)
    return folder
