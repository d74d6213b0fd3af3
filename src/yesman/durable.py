"""Files that are either as before or as after, whatever is killed in between."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from yesman.model.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write(path: Path, content: bytes, *, named: Path | None = None) -> None:
    """Replace the file at ``path`` by ``content``, readable by its owner only, durable on return.

    Args:
        path: The file.
        content: All of it.
        named: How people know the file, if not by ``path``.

    Raises:
        PlatformError: The disk is full or the folder cannot be written; the old file stands.
    """
    with explained(named or path):
        stage = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            stage.rename(path)
        except BaseException:
            stage.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove the file at ``path``, durably; unlike writing less into it, that needs no space.

    Raises:
        PlatformError: The folder cannot be written; the file stands.
    """
    with explained(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what killed writers of ``path`` left beside it; only while nobody else may be writing.

    Its name may be a pattern.
    """
    with suppress(OSError):  # it does no harm
        for left in path.parent.glob(f".{path.name}.????????"):
            left.unlink()


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write ``path`` into one sentence."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlatformError(
            f"{path} cannot be written: {reason}",
            "Free some space or mend the folder's permissions, then try again; nothing was changed",
        ) from error
