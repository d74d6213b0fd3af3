"""A sandbox for functions, and functions for it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.embed import PluginSandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import ModuleType

FUNCTIONS = Path(__file__).with_name("functions.py")


def imported(name: str, file: Path) -> ModuleType:
    """Import a file under a name that nothing else has."""
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def work() -> ModuleType:
    return imported("sandboxed_functions", FUNCTIONS)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Import a module of the given source, from a file of its own."""

    def make(source: str, name: str = "made_by_a_test") -> ModuleType:
        file = tmp_path / f"{name}.py"
        file.write_text(source, encoding="utf-8")
        monkeypatch.setitem(sys.modules, name, None)  # removed at the end
        return imported(name, file)

    return make


@pytest.fixture
async def sandbox() -> AsyncIterator[PluginSandbox]:
    async with PluginSandbox() as made:
        yield made
