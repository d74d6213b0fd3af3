"""Writing a new plugin: all of it or nothing, and never over anything."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.model.errors import PlatformError, UsageError
from yesman.model.plain_text import shown
from yesman.package.trees import remove_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

MODE = 0o777
"""Of folders, less what the user's mask takes away."""


def write(texts: Mapping[str, str], folder: Path) -> None:
    """Write files into a folder that is made, or is there and empty.

    Args:
        texts: By path below ``folder``, ``/`` between its parts.
        folder: Where to.

    Raises:
        UsageError: Something is there already.
        PlatformError: It cannot be written.
    """
    try:
        if folder.exists() or folder.is_symlink():
            _into(texts, folder)
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
            _anew(texts, folder)
    except OSError as error:
        raise PlatformError(
            f"{shown(str(folder), 200)} cannot be written: {error.strerror or error}",
            "Choose another place: --into DIR",
        ) from error


def _anew(texts: Mapping[str, str], folder: Path) -> None:
    stage = Path(tempfile.mkdtemp(prefix=f".{folder.name[:100]}-", dir=folder.parent))
    try:
        made = stage / "plugin"  # with the user's mask, unlike the stage
        made.mkdir(MODE)
        _fill(made, texts)
        _move(made, folder)
    finally:
        remove_tree(stage)


def _into(texts: Mapping[str, str], folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"{shown(str(folder), 200)} is no folder", "Choose another place: --into DIR")
    if next(folder.iterdir(), None) is not None:
        raise _not_empty(folder)
    stage = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    try:
        _fill(stage, texts)
        for child in sorted(stage.iterdir()):
            child.rename(folder / child.name)
    finally:
        remove_tree(stage)


def _fill(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(MODE, parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def _move(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)  # refuses a folder that somebody has filled meanwhile, and any file
    except OSError as error:
        if folder.exists():
            raise _not_empty(folder) from error
        raise


def _not_empty(folder: Path) -> UsageError:
    return UsageError(
        f"{shown(str(folder), 200)} is not empty", "Choose another place: --into DIR, or empty it first"
    )
