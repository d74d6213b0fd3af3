"""Files and trees of files on disk: made durable and read-only, replaced, or removed.

No function here follows a symbolic link, and none needs a descriptor per level: trees
that a plugin wrote may be as deep as the disk allows.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from yesman.model.errors import PlatformError, VerificationError
from yesman.model.plain_text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""Flags to open with: never through a link, never waiting for the other end of a pipe."""


@contextmanager
def opened(name: str | Path, flags: int, *, within: int | None = None) -> Iterator[int]:
    """Open ``name`` (below the folder descriptor ``within``) and close it at the end."""
    descriptor = os.open(name, flags, dir_fd=within)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class Draft(NamedTuple):
    """A file that is being written: where it stands, and what adds bytes to it."""

    path: Path
    write: Callable[[bytes], None]


@contextmanager
def replacing(path: Path) -> Iterator[Draft]:
    """Give an empty file that takes the place of ``path``, durably, if the block ends well.

    Raises:
        PlatformError: The folder cannot be written, or the disk is full; what stood there stands.
    """
    stage = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with _writing(path):
        file = stage.open("xb")

    def write(data: bytes) -> None:
        with _writing(path):
            file.write(data)
            file.flush()

    try:
        yield Draft(stage, write)
        with _writing(path):
            os.fsync(file.fileno())
            file.close()
            stage.rename(path)
            sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):  # what could not be written is not wanted any more
            file.close()
        stage.unlink(missing_ok=True)
        raise


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where, reason = shown(str(path), 200), error.strerror or type(error).__name__
        raise PlatformError(f"{where} cannot be written: {reason}", "Name another place") from error


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    with opened(folder, FOLDER) as descriptor:
        os.fsync(descriptor)


def seal(folder: Path) -> None:
    """Take every write bit (and set-id bit) off the tree and make it durable.

    Raises:
        VerificationError: It holds something that is neither a regular file nor a folder.
        OSError: The disk failed.
    """
    for where, folders, files, descriptor in os.fwalk(folder, topdown=False, onerror=_raise):
        for name in (*folders, *files):
            _refuse_other_kinds(name, descriptor, where)
        for name in files:
            with opened(name, FILE, within=descriptor) as file:
                os.fchmod(file, (os.fstat(file).st_mode & 0o555) | 0o444)
                os.fsync(file)
        os.fchmod(descriptor, 0o555)
        os.fsync(descriptor)


def _raise(error: OSError) -> None:
    raise error


def _refuse_other_kinds(name: str, within: int, where: str) -> None:
    mode = os.stat(name, dir_fd=within, follow_symlinks=False).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise VerificationError(f"{shown(f'{where}/{name}', 200)} is neither a file nor a folder")


def remove_tree(path: Path) -> None:
    """Remove ``path`` and all below it, read-only folders included; nothing there is no error.

    Folders are emptied one level at a time: what lies deeper is first moved up into
    the top folder, so neither depth nor path length matters.

    Raises:
        OSError: Something cannot be removed (another owner, or a writer is still at work).
    """
    try:
        descriptor = _open_writable(path.name, path.parent)
    except FileNotFoundError:
        return
    except NotADirectoryError:  # a file, or a link (which is not followed)
        path.unlink(missing_ok=True)
        return
    try:
        _empty(descriptor)
    finally:
        os.close(descriptor)
    path.rmdir()


def _open_writable(name: str, parent: Path) -> int:
    with opened(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as within:
        return _open_own(name, within)


def _open_own(name: str, within: int) -> int:
    """Open a folder of ours for emptying, giving its owner every right first.

    A folder without its read bit can only be opened as a path; its mode is then
    changed through /proc, because chmod by name would follow a link.
    """
    with opened(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, within=within) as handle:
        if os.fstat(handle).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            Path(f"/proc/self/fd/{handle}").chmod(0o700)
    return os.open(name, FOLDER, dir_fd=within)


def _empty(top: int) -> None:
    moved = 0
    while folders := _unlink_files(top):
        for name in folders:
            folder = _open_own(name, top)
            try:
                for deeper in _unlink_files(folder):
                    moved = _move_up(deeper, folder, top, moved)
            finally:
                os.close(folder)
            os.rmdir(name, dir_fd=top)


def _unlink_files(folder: int) -> list[str]:
    """Unlink all that is not a folder; return the names of the folders."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if not is_folder:
            os.unlink(name, dir_fd=folder)
    return [name for name, is_folder in found if is_folder]


def _move_up(name: str, folder: int, top: int, moved: int) -> int:
    """Rename ``folder/name`` to a free name in ``top``; return the next number to try."""
    os.close(_open_own(name, folder))  # a folder must be writable to get another parent
    while True:
        moved += 1
        try:
            os.rename(name, f".{moved}", src_dir_fd=folder, dst_dir_fd=top)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        else:
            return moved
