"""Reading a hostile folder: every file once, in order, by descriptor, within one budget.

Only regular files and folders are taken. Each entry is opened relative to its parent's
descriptor without following links and looked at again after opening, so exchanging it
meanwhile changes nothing but the error. What is counted is what was read, never what
``stat`` promised.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec

from yesman.model.errors import AuthorError
from yesman.model.plain_text import shown, unsafe_character
from yesman.package.trees import FILE, FOLDER, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence


class FolderLimits(msgspec.Struct, frozen=True):
    """The most a plugin's folder may hold. Sizes in bytes; skipped names do not count."""

    entries: int = 10_000
    total: int = 200 * 1024 * 1024
    file: int = 64 * 1024 * 1024
    depth: int = 32
    path: int = 512


SKIPPED: Final = frozenset(
    {
        *(".git", ".hg", ".svn", ".venv", ".tox", ".nox", "__pycache__", "node_modules"),
        *(".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".coverage", ".DS_Store"),
    }
)
"""Names that are never part of a plugin: history, environments and caches (and see is_skipped)."""

_CHUNK: Final = 1 << 20
_KINDS: Final[tuple[tuple[Callable[[int], bool], str], ...]] = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class Budget:
    """What is left of the limits while one folder is read.

    Args:
        limits: The most that will be taken.
        what: What is read, for the beginning of a sentence.
    """

    def __init__(self, limits: FolderLimits, what: str = "The plugin's folder") -> None:
        self.limits = limits
        self._what = what
        self._entries = 0
        self._total = 0

    def enter(self, path: str, depth: int) -> None:
        """Count one file or folder at ``path``, ``depth`` folders below the top."""
        self._entries += 1
        if self._entries > self.limits.entries:
            raise self._too_much(f"holds more than {self.limits.entries} files and folders")
        if depth > self.limits.depth:
            raise self._too_much(f"is nested deeper than {self.limits.depth} folders at {shown(path, 200)}")
        if len(path.encode(errors="surrogateescape")) > self.limits.path:
            raise self._too_much(f"has a path longer than {self.limits.path} bytes: {shown(path, 80)}")

    def read(self, path: str, size: int, so_far: int) -> None:
        """Count ``size`` more bytes of the file ``path``, of which ``so_far`` were read before."""
        self._total += size
        if so_far + size > self.limits.file:
            raise self._too_much(f"has a file larger than {self.limits.file >> 20} MiB: {shown(path, 200)}")
        if self._total > self.limits.total:
            raise self._too_much(f"is larger than {self.limits.total >> 20} MiB")

    def _too_much(self, excess: str) -> AuthorError:
        return AuthorError(
            f"{self._what} {excess}", "Move what the plugin does not need at run time out of the folder"
        )


def is_skipped(name: str) -> bool:
    """Tell whether nothing of this name is ever part of a plugin."""
    return name in SKIPPED or name.endswith((".pyc", ".pyo", ".yplug"))


def files(
    top: int,
    budget: Budget,
    above: tuple[str, ...] = (),
    *,
    wanted: Callable[[str], bool] = lambda _name: True,
) -> Generator[tuple[str, int], None, None]:
    """Yield (path relative to the top, open descriptor) of every file, sorted by the parts of the paths.

    The descriptor is closed when the iterator moves on. Of the names at the very top, only those
    ``wanted`` are looked at.

    Raises:
        AuthorError: An entry is of another kind, has a name that is not accepted, or is too much.
        OSError: Something cannot be opened.
    """
    for name in filter(wanted, _names(top, budget, above)):
        path = "/".join((*above, name))
        budget.enter(path, len(above))
        if _is_folder(name, top, path):
            with opened(name, FOLDER, within=top) as folder:
                yield from files(folder, budget, (*above, name))
        else:
            with opened(name, FILE, within=top) as file:
                _refuse_kind(os.fstat(file).st_mode, path)
                yield path, file


def read(path: str, file: int, budget: Budget) -> Iterator[bytes]:
    """Yield the content of the open ``file`` in pieces, counted against ``budget``."""
    size = 0
    while chunk := os.read(file, _CHUNK):
        budget.read(path, len(chunk), size)
        size += len(chunk)
        yield chunk


def _names(folder: int, budget: Budget, above: tuple[str, ...]) -> list[str]:
    """Return the names taken from ``folder``, sorted; an environment's folder has none."""
    with os.scandir(folder) as entries:
        found = list(islice((entry.name for entry in entries), budget.limits.entries + len(SKIPPED) + 1))
    if above and "pyvenv.cfg" in found:
        return []
    names = sorted(name for name in found if not is_skipped(name))
    _refuse_names(names, above)
    return names


def _refuse_names(names: Sequence[str], above: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        where = shown("/".join((*above, name)), 200)
        if unsafe_character(name) is not None:
            raise AuthorError(f"The name {where} holds invisible or invalid characters", "Rename it")
        refuse_alike(name, seen, where)


def refuse_alike(name: str, seen: dict[str, str], where: str) -> None:
    """Note ``name`` (shown as ``where``) among the names ``seen`` in its folder, if it is like none of them.

    Raises:
        AuthorError: Some file systems cannot hold it beside another.
    """
    other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
    if other != name:
        raise AuthorError(
            f"The names {where} and {shown(other, 200)} differ only in case or in the form of a letter",
            "Rename one of them: some file systems cannot hold both",
        )


def _is_folder(name: str, within: int, path: str) -> bool:
    mode = os.stat(name, dir_fd=within, follow_symlinks=False).st_mode
    if stat.S_ISDIR(mode):
        return True
    _refuse_kind(mode, path)  # before it is opened: opening a device may already do something
    return False


def _refuse_kind(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        kind = next((text for test, text in _KINDS if test(mode)), "not a regular file")
        raise AuthorError(
            f"{shown(path, 200)} is {kind}; a plugin holds only files and folders",
            "Remove it, or put a copy of the file there",
        )
