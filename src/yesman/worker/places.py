"""Where in the plugin's own files something happened, as ``src/main.py:12``."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

PACKAGE = "src"
CHARACTERS = 300
"""Of a path that is shown; the names of files are the plugin's to choose."""


def place(filename: str, line: int) -> str:
    """Return the place if it is in the plugin's own files, else ``""``."""
    for folder in _folders():
        if filename.startswith(folder + os.sep):
            path = f"{PACKAGE}{filename.removeprefix(folder)}"[-CHARACTERS:]
            return f"{path.encode(errors='backslashreplace').decode()}:{line}"
    return ""


def last_place(trace: TracebackType | None) -> str:
    """Return the last place in the plugin's own files that a traceback leads through; ``""`` for none."""
    places = (place(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(trace))
    return next((found for found in reversed(list(places)) if found), "")


def _folders() -> tuple[str, ...]:
    """Return the folders of the plugin's package, whatever it has made of that."""
    try:
        return tuple(map(str, getattr(sys.modules.get(PACKAGE), "__path__", ())))
    except TypeError:
        return ()
