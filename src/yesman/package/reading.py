"""A plugin's folder before anything of it is trusted: its manifest, and other small files, bounded."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

import yesman
from yesman.model.errors import AuthorError, NotFoundError, UsageError
from yesman.model.manifest import Manifest, parse_manifest
from yesman.model.strict_yaml import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST: Final = "plugin.yaml"
ENTRY: Final = "src/main.py"
REQUIREMENTS: Final = "requirements.txt"
LOCK: Final = "requirements.lock"


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in ``folder``.

    Raises:
        NotFoundError: There is no such folder.
        AuthorError: It holds no manifest, or one that cannot be accepted.
        UsageError: It cannot be read.
    """
    data = read_optional(folder / MANIFEST)
    if data is None:
        if not folder.is_dir():
            raise NotFoundError(f"There is no folder {folder}", "Check the path")
        raise AuthorError(f"{folder} holds no {MANIFEST}", "Name the folder that holds it")
    return parse_manifest(data, file=MANIFEST, host=yesman.__version__)


def read_optional(path: Path, *, most: int = MAX_BYTES) -> bytes | None:
    """Return the file at ``path``, but at most one byte more than ``most``; None when it is absent.

    Raises:
        UsageError: It is there and cannot be read.
        AuthorError: It is no regular file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "Check its kind and permissions"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise AuthorError(f"{path} is no regular file", "Its author must put one there")
        return os.read(descriptor, most + 1)
    finally:
        os.close(descriptor)
