"""The plugin's own modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from yesman.plugins.testing import load_source

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture(scope="session")
def plugin() -> ModuleType:
    """The plugin's modules by name: ``plugin.main``."""
    return load_source()
