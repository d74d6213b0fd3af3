"""Entry point of our programs beside plugins; started by path, never imported.

``python -I -S -B boot.py PACKAGE MODULE ARGUMENT`` calls ``main(ARGUMENT)`` of ``MODULE``.
``yesman`` is loaded by an explicit spec, so that no folder of ours lands on ``sys.path`` (a
site-packages there would leak click and msgspec to plugins).
"""

from __future__ import annotations

import importlib.util
import sys


def _load_package(folder: str) -> None:
    spec = importlib.util.spec_from_file_location(
        "yesman", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        sys.exit(f"yesman cannot be loaded from {folder}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["yesman"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _load_package(sys.argv[1])
    importlib.import_module(sys.argv[2]).main(sys.argv[3])
