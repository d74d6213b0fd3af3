"""Functions that the manifest names."""

from __future__ import annotations


def alone() -> str:
    """Return a word: a command without options, of a function beside the class."""
    return "kept"
