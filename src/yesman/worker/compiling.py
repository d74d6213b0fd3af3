"""The compiler child: source files in, bytecode files into another folder, and nothing else.

It reads a stranger's files and must run none of them: the folder it compiles is not on
``sys.path`` (a ``# coding:`` line imports a codec by name), no ``site`` is set up, no lane is served.
"""

from __future__ import annotations

import gc
import os
import py_compile
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.sandbox.policy import SHARE

if TYPE_CHECKING:
    from yesman.sandbox.policy import Policy


def run(policy: Policy) -> int:
    """Compile every source below ``policy.code`` into the same place below ``policy.data``."""
    sys.setrecursionlimit(2_000)
    warnings.simplefilter("ignore")
    gc.disable()  # syntax trees hold no cycles; looking for some takes a tenth of the time
    source, target = Path(policy.code), Path(policy.data)
    for path in _share(source, policy.environment.get(SHARE, "")):
        _compile(path, target / path.relative_to(source).with_suffix(".pyc"))
    return 0


def _share(source: Path, share: str) -> list[Path]:
    """Return this process's share of the files: every so many-th, by size, so that shares are alike."""
    found = [
        Path(folder, name) for folder, _, names in os.walk(source) for name in names if name.endswith(".py")
    ]
    first, _, of = share.partition("/")
    return sorted(found, key=lambda path: (path.lstat().st_size, path))[int(first or 0) :: int(of or 1)]


def _compile(source: Path, target: Path) -> None:
    # The environment is immutable once it is published, so imports need not look at the source.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(str(source), str(target), doraise=True, invalidation_mode=mode)
    except (py_compile.PyCompileError, OSError, ValueError, RecursionError, MemoryError):
        return  # a template, a test's bad example: imported or not, it works as well without
