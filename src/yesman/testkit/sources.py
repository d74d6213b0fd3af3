"""A plugin's own modules in the test's process: for functions that need neither a host nor a sandbox.

What always holds: modules of different plugins never take each other's place, though each plugin's package is
called ``src``; the plugin's folder is not put on the path.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from typing import TYPE_CHECKING

from yesman.testkit.finding import enclosing_plugin
from yesman.testkit.loading import folder_of

if TYPE_CHECKING:
    import os
    from pathlib import Path
    from types import ModuleType


def load_source(part: str | os.PathLike[str] = "src") -> ModuleType:
    """Import a part of the plugin that the calling file lies in; the same part is imported once.

    Args:
        part: A package or a file, by its path in the plugin's folder. Modules of a package are its
            attributes, as in ``load_source().main``.

    Raises:
        NotFoundError: The calling file lies in no plugin.
        FileNotFoundError: There is no such part.
    """
    start = folder_of(sys._getframe(1).f_globals)  # noqa: SLF001 - the test's
    return _imported(enclosing_plugin(start) / part)


def _imported(path: Path) -> ModuleType:
    file = path / "__init__.py" if path.is_dir() else path
    name = f"{path.stem}_{hashlib.sha256(bytes(path)).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    folders = [str(path)] if path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"{file} is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        for inner in sorted(path.glob("[a-z]*.py")) if folders else ():
            importlib.import_module(f"{name}.{inner.stem}")
    except BaseException:
        del sys.modules[name]
        raise
    return module
