"""The plugin under test, loaded by path: every plugin's package is called ``src``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).resolve().parent


def load(name: str, path: Path) -> ModuleType:
    """Import the file ``path`` as the module ``name``, a package where it is an ``__init__.py``."""
    if name in sys.modules:
        return sys.modules[name]
    folders = [str(path.parent)] if path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=folders)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plugin() -> SimpleNamespace:
    """The plugin's modules by name: ``plugin.main``."""
    package = load("auto_answer_under_test", HERE.parent / "src" / "__init__.py")
    names = sorted(path.stem for path in (HERE.parent / "src").glob("[a-z]*.py"))
    return SimpleNamespace(**{name: importlib.import_module(f"{package.__name__}.{name}") for name in names})
