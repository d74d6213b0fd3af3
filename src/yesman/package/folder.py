"""A plugin's folder, copied into the store as it was read, or only digested."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final

from yesman.model.errors import AuthorError, NotFoundError, PlatformError, UsageError
from yesman.model.plain_text import shown
from yesman.package.content import Content, Sink, Staged, keep, nowhere
from yesman.package.trees import opened
from yesman.package.walk import Budget, FolderLimits, files, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMITS: Final = FolderLimits()


def stage_folder(source: Path, into: Path, *, limits: FolderLimits = LIMITS) -> Staged:
    """Copy the plugin folder ``source`` to ``into/<digest>``.

    Content that stands there already is kept if it still is what its name says, else replaced.

    Raises:
        AuthorError: The folder holds something that is not accepted, or too much.
        UsageError: ``source`` is no folder, or contains ``into``.
        NotFoundError: There is no ``source``.
        PlatformError: Something cannot be read or written.
    """
    with explained(source):
        _refuse_own_state(source, into)
        return keep(into, lambda sink: _absorb(source, limits, sink), is_intact)


def digest_folder(source: Path, *, limits: FolderLimits = LIMITS) -> str:
    """Return the digest :func:`stage_folder` would give ``source`` now; the same errors."""
    with explained(source):
        return _absorb(source, limits, nowhere)


def is_intact(folder: Path, digest: str) -> bool:
    """Tell whether kept content still is what its name says."""
    try:
        return _absorb(folder, LIMITS, nowhere) == digest
    except (AuthorError, OSError):
        return False


def _absorb(source: Path, limits: FolderLimits, sink: Sink) -> str:
    """Read every file once, hand its bytes to ``sink``, and return the digest of what was read."""
    content, budget = Content(sink), Budget(limits)
    with (
        opened(source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as top,
        closing(files(top, budget)) as found,
    ):
        for path, file in found:
            executable = bool(os.fstat(file).st_mode & stat.S_IXUSR)
            content.take(path, read(path, file, budget), executable=executable)
    return content.digest


def _refuse_own_state(source: Path, into: Path) -> None:
    if into.resolve().is_relative_to(source.resolve()):
        raise UsageError(
            f"{shown(str(source), 200)} holds the folder yesman keeps its own state in",
            "Name the plugin's own folder",
        )


@contextmanager
def explained(source: Path) -> Iterator[None]:
    """Turn what the operating system says of ``source`` into whose fault it is."""
    where = shown(str(source), 200)
    try:
        yield
    except FileNotFoundError as error:
        if source.exists():  # a file vanished while it was being read
            raise PlatformError(f"{where} changed while it was being read", "Try again") from error
        raise NotFoundError(f"There is no folder {where}", "Check the path") from error
    except NotADirectoryError as error:
        raise UsageError(f"{where} is not a folder", "Name the folder that holds plugin.yaml") from error
    except OSError as error:
        raise _os_error(error, where) from error


def _os_error(error: OSError, source: str) -> PlatformError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PlatformError(f"The disk is full; {source} was not copied", "Free some space and try again")
    where = shown(str(error.filename), 200) if error.filename else "a file"
    reason = error.strerror or type(error).__name__
    return PlatformError(
        f"{source} cannot be copied: {where}: {reason}", "Check who may read it, and write to yesman's state"
    )
