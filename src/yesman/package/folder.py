"""A plugin's folder, copied as it was read: the bytes digested are the bytes kept.

The copy is read-only, durable and named by its digest, so it is there whole or not at
all, and two installs of the same content are one folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path  # noqa: TC003 - msgspec reads the annotations of Staged
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from yesman.model.errors import AuthorError, NotFoundError, PlatformError, UsageError
from yesman.model.plain_text import shown
from yesman.package.staging import discard, publish, staging
from yesman.package.trees import opened
from yesman.package.walk import Budget, FolderLimits, files, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMITS: Final = FolderLimits()

_Write: TypeAlias = "Callable[[bytes], object]"
_Sink: TypeAlias = "Callable[[str, bool], AbstractContextManager[_Write]]"


class Staged(msgspec.Struct, frozen=True):
    """A plugin's content as kept: a read-only ``folder`` named by the hexadecimal part of ``digest``.

    ``digest`` is ``"sha256:…"`` over the sorted (path, executable bit, content) of its
    files. Empty folders are not content: they are neither copied nor digested.
    """

    folder: Path
    digest: str


def stage_folder(source: Path, into: Path, *, limits: FolderLimits = LIMITS) -> Staged:
    """Copy the plugin folder ``source`` to ``into/<digest>``.

    Content that stands there already is kept if it still is what its name says, else replaced.

    Raises:
        AuthorError: The folder holds something that is not accepted, or too much.
        UsageError: ``source`` is no folder, or contains ``into``.
        NotFoundError: There is no ``source``.
        PlatformError: Something cannot be read or written.
    """
    with _explained(source):
        _refuse_own_state(source, into)
        with staging(into) as stage:
            digest = _absorb(source, limits, lambda path, executable: _copy(stage / path, executable))
            target = into / digest.removeprefix("sha256:")
            if not publish(stage, target) and not _is_intact(target, digest, limits):
                discard(target)
                publish(stage, target)
            return Staged(target, digest)


def digest_folder(source: Path, *, limits: FolderLimits = LIMITS) -> str:
    """Return the digest :func:`stage_folder` would give ``source`` now; the same errors."""
    with _explained(source):
        return _absorb(source, limits, _no_copy)


def _is_intact(folder: Path, digest: str, limits: FolderLimits) -> bool:
    try:
        return _absorb(folder, limits, _no_copy) == digest
    except (AuthorError, OSError):
        return False


def _absorb(source: Path, limits: FolderLimits, sink: _Sink) -> str:
    """Read every file once, hand its bytes to ``sink``, and return the digest of what was read."""
    records = []
    budget = Budget(limits)
    with (
        opened(source, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) as top,
        closing(files(top, budget)) as found,
    ):
        for path, file in found:
            executable = bool(os.fstat(file).st_mode & stat.S_IXUSR)
            content = hashlib.sha256()
            with sink(path, executable) as write:
                for chunk in read(path, file, budget):
                    content.update(chunk)
                    write(chunk)
            records.append(f"{path}\0{'x' if executable else '-'}\0{content.hexdigest()}\n")
    return f"sha256:{hashlib.sha256(''.join(sorted(records)).encode()).hexdigest()}"


def _no_copy(_path: str, _executable: bool) -> AbstractContextManager[_Write]:  # noqa: FBT001 - a sink
    return nullcontext(len)


@contextmanager
def _copy(target: Path, executable: bool) -> Iterator[_Write]:  # noqa: FBT001 - a sink
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(target, flags, 0o755 if executable else 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        os.fchmod(descriptor, 0o755 if executable else 0o644)  # whatever the umask says
        yield file.write


def _refuse_own_state(source: Path, into: Path) -> None:
    if into.resolve().is_relative_to(source.resolve()):
        raise UsageError(
            f"{shown(str(source), 200)} holds the folder yesman keeps its own state in",
            "Name the plugin's own folder",
        )


@contextmanager
def _explained(source: Path) -> Iterator[None]:
    """Turn what the operating system says into whose fault it is."""
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
