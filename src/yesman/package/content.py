"""A plugin's content on its way into the store: written and digested as it is read, named by its digest.

The bytes digested are the bytes kept. What is kept is read-only, durable and there whole or
not at all, and two installs of the same content are one folder, be it from a folder or a package.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path  # noqa: TC003 - msgspec reads the annotations of Staged
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from yesman.package.staging import discard, publish, staging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Write: TypeAlias = "Callable[[bytes], object]"
Sink: TypeAlias = "Callable[[str, bool], AbstractContextManager[Write]]"
"""Given a file's path and whether it is executable, takes its bytes."""


class Staged(msgspec.Struct, frozen=True):
    """A plugin's content as kept: a read-only ``folder`` named by the hexadecimal part of ``digest``.

    ``digest`` is ``"sha256:…"`` over the sorted (path, executable bit, content) of its
    files. Empty folders are not content: they are neither copied nor digested.
    """

    folder: Path
    digest: str


class Content:
    """Takes files one by one, hands their bytes to ``sink``, and knows the digest of what it took."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._records: dict[str, str] = {}

    def take(self, path: str, pieces: Iterable[bytes], *, executable: bool) -> None:
        """Take one file."""
        digest = hashlib.sha256()
        with self._sink(path, executable) as write:
            for piece in pieces:
                digest.update(piece)
                write(piece)
        self._records[path] = f"{path}\0{'x' if executable else '-'}\0{digest.hexdigest()}\n"

    def holds(self, path: str) -> bool:
        """Tell whether the file ``path`` was taken."""
        return path in self._records

    @property
    def digest(self) -> str:
        """The digest of all that was taken."""
        return f"sha256:{hashlib.sha256(''.join(sorted(self._records.values())).encode()).hexdigest()}"


def nowhere(_path: str, _executable: bool) -> AbstractContextManager[Write]:  # noqa: FBT001 - a sink
    """Keep nothing."""
    return nullcontext(len)


def below(folder: Path) -> Sink:
    """Return what writes the files it is given below ``folder``, where none of them may be yet."""

    @contextmanager
    def written(path: str, executable: bool) -> Iterator[Write]:  # noqa: FBT001 - a sink
        target, mode = folder / path, 0o755 if executable else 0o644
        target.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(target, flags, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            os.fchmod(descriptor, mode)  # whatever the umask says
            yield file.write

    return written


def keep(into: Path, fill: Callable[[Sink], str], is_intact: Callable[[Path, str], bool]) -> Staged:
    """Let ``fill`` write into a staging folder and keep that as ``into/<digest>``, the digest it returns.

    Content that stands there already is kept if ``is_intact`` says so of it, else replaced.
    """
    with staging(into) as stage:
        digest = fill(below(stage))
        target = into / digest.removeprefix("sha256:")
        if not publish(stage, target) and not is_intact(target, digest):
            discard(target)
            publish(stage, target)
        return Staged(target, digest)
