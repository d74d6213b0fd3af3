"""Where what is to be installed comes from: a plugin's folder, or a package file made of one.

What always holds: nothing of it runs while it is looked at or taken; both are taken into the store under
the digest of what was read, and from then on there is no difference between them.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import NotFoundError, UsageError
from yesman.package.folder import digest_folder, stage_folder
from yesman.package.reading import read_manifest
from yesman.package.unpacking import Package, read_package, stage_package

if TYPE_CHECKING:
    from pathlib import Path

    from yesman.model.manifest import Manifest


class Taken(NamedTuple):
    """Content that may be run from ``code``: in the store, or a linked folder itself."""

    manifest: Manifest
    digest: str
    code: Path


def is_package(path: Path) -> bool:
    """Tell whether ``path`` is meant as a package: any file is.

    Raises:
        NotFoundError: There is nothing.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        raise NotFoundError(f"There is no folder or package {path}", "Check the path") from None
    except OSError:  # whoever reads it will say the same, and better
        return False


def look(path: Path) -> Package:
    """Return what the folder or package at ``path`` is, keeping nothing of it.

    Raises:
        YesmanError: It cannot be installed; the message says why.
    """
    if is_package(path):
        return read_package(path)
    return Package(read_manifest(path), digest_folder(path))


def take(path: Path, store: Path, *, link: bool) -> Taken:
    """Take the folder or package at ``path`` into ``store``; a linked folder stays where it is.

    Raises:
        UsageError: A package cannot be linked.
        YesmanError: It cannot be installed; nothing of it is in the store.
    """
    if link and is_package(path):
        raise UsageError(f"{path} is a package, and only a folder can be linked", "Leave out --link")
    if link:
        return Taken(read_manifest(path), digest_folder(path), path)
    if is_package(path):
        package, kept = stage_package(path, store)
        return Taken(package.manifest, kept.digest, kept.folder)
    staged = stage_folder(path, store)
    return Taken(read_manifest(staged.folder), staged.digest, staged.folder)
