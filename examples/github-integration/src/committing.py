"""One commit of named files, made by GitPython without git.

What always holds: the commit has the last one's files and the named ones as they lie there, whatever else is
staged; the index follows, then the branch, so that whoever is interrupted loses nothing; times are in UTC.
"""

from __future__ import annotations

import io
import os
import stat
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from git import Commit, IndexFile
from git.index import BaseIndexEntry, IndexEntry
from gitdb import IStream  # type: ignore[import-untyped]  # gitdb has no types

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git import Actor, Repo

MOST_BYTES = 100 * 1000 * 1000
"""Of one file: GitHub takes no larger one."""
UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


class _Change(NamedTuple):
    path: str
    entry: IndexEntry | None
    """None for a file that is gone."""


def commit_files(repo: Repo, message: str, files: Sequence[str], author: Actor) -> Commit:
    """Commit files to the branch that is checked out, which has a commit.

    Args:
        repo: Opened with a pure-Python object database.
        message: What the commit says.
        files: Paths below the working tree; those that are gone are removed.
        author: Who it is by.

    Raises:
        ValueError: One of them cannot be committed, nothing has changed, or something is half done.
    """
    if not files or not message.strip():
        raise ValueError("a commit needs a message, and at least one file")
    if any(Path(repo.git_dir, name).exists() for name in UNFINISHED):
        raise ValueError("a merge or a rebase is half done; finish it with git")
    head = repo.head.commit
    index = _index(repo)
    wanted = IndexFile.new(repo, head.tree.binsha)
    changes = [_change(repo, path, wanted) for path in dict.fromkeys(files)]
    _apply(changes, wanted)
    tree = wanted.write_tree()
    if tree.binsha == head.tree.binsha:
        raise ValueError("nothing has changed in these files")
    now = datetime.now(UTC)
    made = Commit.create_from_tree(
        repo, tree, message, [head], author=author, committer=author, author_date=now, commit_date=now
    )
    _apply(changes, index)
    index.write()
    repo.head.set_object(made, logmsg=f"commit: {message}")
    return made


def _index(repo: Repo) -> IndexFile:
    """Return what is staged, read already: not every kind of index can be."""
    index = repo.index
    try:
        unmerged = any(stage for _, stage in index.entries)
    except AssertionError as error:
        raise ValueError(f"the index cannot be written: {error}") from error
    if unmerged:
        raise ValueError("a conflict is unresolved; resolve it with git")
    return index


def _apply(changes: Iterable[_Change], index: IndexFile) -> None:
    for path, entry in changes:
        if entry is None:
            index.entries.pop((path, 0), None)
        else:
            index.entries[path, 0] = entry


def _change(repo: Repo, named: str, last: IndexFile) -> _Change:
    path, top = PurePosixPath(named), Path(repo.working_dir)
    parts = path.parts
    if path.is_absolute() or not parts or ".." in parts or ".git" in {part.lower() for part in parts}:
        raise ValueError(f"{named!r} is no path below the repository's folder")
    if any(Path(top, parent).is_symlink() for parent in path.parents):
        raise ValueError(f"{named!r} lies beyond a symbolic link")
    _unfiltered(top, path)
    try:
        found = Path(top, path).lstat()
    except FileNotFoundError:
        if (str(path), 0) not in last.entries:
            raise ValueError(f"there is no file {named!r}, and there was none") from None
        return _Change(str(path), None)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
        raise ValueError(f"{named!r} is not a file; name the files in a folder one by one")
    return _Change(str(path), _stored(repo, path, found))


def _stored(repo: Repo, path: PurePosixPath, found: os.stat_result) -> IndexEntry:
    """Put a file's content into the object database and return its entry."""
    if found.st_size > MOST_BYTES:
        raise ValueError(f"{str(path)!r} is larger than GitHub takes")
    file = Path(repo.working_dir, path)
    if stat.S_ISLNK(found.st_mode):
        mode, content = stat.S_IFLNK, os.fsencode(file.readlink())
    else:
        executable = found.st_mode & stat.S_IXUSR
        mode, content = stat.S_IFREG | (0o755 if executable else 0o644), file.read_bytes()
    stored = repo.odb.store(IStream(b"blob", len(content), io.BytesIO(content)))
    return IndexEntry.from_base(BaseIndexEntry((mode, stored.binsha, 0, str(path))))


def _unfiltered(top: Path, path: PurePosixPath) -> None:
    """Refuse what git passes through a program, as Git LFS does: what lies there is not what belongs in."""
    for folder in path.parents:
        attributes = Path(top, folder, ".gitattributes")
        if attributes.is_file() and "filter=" in attributes.read_text(errors="replace"):
            raise ValueError(f"{attributes} names a filter, perhaps Git LFS; commit {str(path)!r} with git")
