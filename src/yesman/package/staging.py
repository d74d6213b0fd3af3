"""A folder appears under its name whole, or not at all.

What is being made stands in ``.staging-…`` beside its later name; what is being removed
goes through ``.trash-…``. A staging folder is locked (flock on the folder itself) while
its maker lives, so :func:`sweep` can tell what a killed process left behind. The lock,
unlike a process id in the name, cannot be mistaken for somebody else's.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from yesman.package.trees import FOLDER, remove_tree, seal, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STAGING = ".staging-"
_TRASH = ".trash-"


@contextmanager
def staging(parent: Path) -> Iterator[Path]:
    """Give a new locked folder in ``parent``; whatever was not published is removed at the end."""
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder, lock = _locked_folder(parent)
    try:
        yield folder
    finally:
        try:
            remove_tree(folder)
        finally:
            os.close(lock)


def publish(staged: Path, target: Path) -> bool:
    """Seal ``staged`` and give it its name, a sibling; ``False`` when ``target`` is there already.

    The rename is the only moment at which anything changes under ``target``.
    """
    seal(staged)
    try:
        staged.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        return False
    sync_folder(target.parent)
    return True


def discard(folder: Path) -> None:
    """Remove ``folder`` so that, killed at any moment, no part of it keeps its name."""
    trash = folder.with_name(_TRASH + secrets.token_hex(8))
    try:
        folder.rename(trash)
    except FileNotFoundError:
        return
    sync_folder(folder.parent)
    remove_tree(trash)


def sweep(parent: Path) -> None:
    """Remove what killed processes left in ``parent``, and nothing that is still in work."""
    for left in (*parent.glob(_STAGING + "*"), *parent.glob(_TRASH + "*")):
        # An orphaned installer may still be writing there: the next sweep gets it.
        with suppress(OSError):
            _remove_unlocked(left)


def _remove_unlocked(left: Path) -> None:
    descriptor = os.open(left, FOLDER)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(left)
    finally:
        os.close(descriptor)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    """Make and lock a folder; a sweep may take it between the two, so look again after locking."""
    while True:
        folder = parent / (_STAGING + secrets.token_hex(8))
        folder.mkdir(mode=0o700)
        lock = -1
        with suppress(FileNotFoundError, BlockingIOError):
            lock = os.open(folder, FOLDER)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(folder.stat(), os.fstat(lock)):
                return folder, lock
        if lock >= 0:
            os.close(lock)
