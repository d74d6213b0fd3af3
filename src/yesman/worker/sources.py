"""A plugin's own modules come from their source, never from bytecode that lies beside it.

A folder that is linked may hold ``__pycache__``, and Python believes what is in it: bytecode of another
source, that nobody has read or scanned, would run in place of the one that was. Standard library only.
"""

from __future__ import annotations

import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
)
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

NOT_PART = frozenset({"__pycache__", "node_modules"})
"""No part of a plugin (:mod:`yesman.package.walk`), but names that could be imported."""


class _FromSource(SourceFileLoader):
    """Compiles what stands there."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def read_sources_only(folder: str) -> None:
    """Have whatever is imported from ``folder`` compiled from its source."""

    def finder(path: str) -> FileFinder:
        if path != folder and not path.startswith(f"{folder}/"):
            raise ImportError(path)
        if not NOT_PART.isdisjoint(path[len(folder) :].split("/")):
            return FileFinder(path)  # which finds nothing
        return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (_FromSource, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
