"""Where the plugin lies that a test names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from yesman.model.errors import AuthorError, NotFoundError, UsageError, YesmanError
from yesman.package.reading import MANIFEST, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES = (".", "plugins", "examples")
"""Folders that hold plugin folders, below each folder that is searched."""
PROJECT = ("pyproject.toml", ".git", "pytest.ini", "tox.ini", "setup.cfg")
"""What marks the folder above which nothing is searched."""


def find_folder(wanted: str | os.PathLike[str], start: Path) -> Path:
    """Return the folder of a plugin.

    A path (anything that is not a bare name) is taken as it is. A name is looked for by the manifests: in the
    folder ``start``, where the test lies, then in each folder above it up to the project's own: the
    folder itself, and those in it, in ``plugins`` and in ``examples``. The nearest one counts.

    Raises:
        NotFoundError: There is none.
        UsageError: Two equally near ones have that name.
        AuthorError: The folder of that name has a manifest that cannot be accepted.
    """
    text = os.fspath(wanted)
    if not isinstance(wanted, str) or os.sep in text or text in (".", ".."):
        return Path(start, text).resolve()
    for folder in _upwards(start):
        found = [path for path in _candidates(folder) if _is_called(path, text)]
        if len(found) > 1:
            both = " and ".join(map(str, found))
            raise UsageError(f"{both} are both called '{text}'", "Give the path of the one that is meant")
        if found:
            return found[0].resolve()
    raise NotFoundError(
        f"no plugin called '{text}' lies in or above {start}",
        "Give the path of its folder instead of its name",
    )


def _upwards(start: Path) -> Iterator[Path]:
    for folder in (start, *start.parents):
        yield folder
        if any((folder / mark).exists() for mark in PROJECT):
            return


def _candidates(folder: Path) -> Iterator[Path]:
    if (folder / MANIFEST).is_file():
        yield folder
    for place in PLACES:
        yield from sorted(path.parent for path in (folder / place).glob(f"*/{MANIFEST}"))


def _is_called(folder: Path, name: str) -> bool:
    try:
        return read_manifest(folder).name == name
    except AuthorError:
        if folder.name == name:
            raise
    except YesmanError:  # somebody else's, and not to be read
        pass
    return False
