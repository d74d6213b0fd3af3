"""Calls one function of an embedder, found by file and qualified name.

Runs in a process that was confined for this call and serves no other. Nothing of the embedder
but the names is trusted to be as the host saw it: the file is opened here, after confinement.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import yesman
from yesman.worker.loading import maybe_await

if TYPE_CHECKING:
    from types import ModuleType

RESERVE_BYTES = 1024 * 1024
"""Set aside so that running out of memory can be told."""


async def call(params: dict[str, Any]) -> Any:
    """Import the function's module and return what the function returns, awaited where need be.

    Args:
        params: ``file`` and ``module``, the function's real path and dotted name; ``package``, the folder of
            the top-level package, or "" for a file on its own; ``name``, qualified; ``path``, the
            folders of installed packages; ``args`` and ``kwargs``.
    """
    reserve = bytearray(RESERVE_BYTES)
    try:
        sys.path += params["path"]
        _open_our_package()
        function: Any = _module(params["module"], params["file"], params["package"])
        for name in params["name"].split("."):
            function = getattr(function, name)
        return await maybe_await(function(*params["args"], **params["kwargs"]))
    except MemoryError as error:
        del reserve
        traceback.clear_frames(error.__traceback__)  # what they hold is what is lacking
        raise


def _open_our_package() -> None:
    """Let ``import yesman.…`` find our modules: functions live in files that import them."""
    root = os.path.dirname(yesman.__file__)  # noqa: PTH120 - text
    for name, module in sys.modules.items():
        if name.partition(".")[0] == "yesman" and hasattr(module, "__path__"):
            module.__path__ = [os.path.join(root, *name.split(".")[1:])]  # noqa: PTH118 - text


def _module(name: str, file: str, package: str) -> ModuleType:
    if _is_loaded(name, file):
        return sys.modules[name]
    if not package:
        return _load(name, file, None)
    top, start = name.partition(".")[0], f"{package}/__init__.py"
    if not _is_loaded(top, start):
        _load(top, start, [package])
    return importlib.import_module(name)


def _is_loaded(name: str, file: str) -> bool:
    return getattr(sys.modules.get(name), "__file__", None) == file


def _load(name: str, file: str, folders: list[str] | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=folders)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python source", name=name, path=file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
