"""The repository on disk, read by dulwich: no git process, no configuration of the user.

Only files of the repository are opened (``.git``, what a linked worktree or an alternate
points at, and ``.mailmap``). dulwich's ``StackedConfig``, which reads ``~/.gitconfig`` and
``/etc/gitconfig``, is never asked for: neither lies within the grant, and counts must not
depend on them. So ``mailmap.file`` of a user's configuration has no effect here.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dulwich.diff_tree import tree_changes
from dulwich.errors import NotGitRepository
from dulwich.objects import Blob, ObjectID, Tree
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion, parse_graftpoints

from .commits import parse_commit
from .mailmap import Mailmap
from .objects import Objects
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .commits import Commit

MAX_MAILMAP = 16 << 20
"""Bytes of ``.mailmap`` that are read; a longer file is refused."""
_REPLACED = b"refs/replace/"


class History:
    """The commits that HEAD of an open repository reaches."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._objects = Objects(repo.object_store, _replacements(repo))

    @property
    def path(self) -> str:
        """The working directory, or the repository itself where it is bare; always printable as UTF-8."""
        path = self._repo.controldir() if self._repo.bare else self._repo.path
        return os.fsencode(os.path.realpath(path)).decode(errors="replace")

    def head(self) -> bytes | None:
        """Return the id that HEAD stands for; ``None`` before the first commit."""
        try:
            return bytes(self._repo.refs[b"HEAD"])  # type: ignore[index]  # Ref is a NewType of bytes
        except KeyError:
            return None

    def commits(self) -> Iterator[Commit]:
        """Yield the commits as ``git log`` orders them.

        Raises:
            ValueError: An object is missing or cannot be read.
        """
        head = self.head()
        if head is not None:
            yield from walk(head, self._objects.read, _changed_parents(self._repo))

    def changed(self, commit: Commit) -> Iterator[bytes]:
        """Yield the paths in which a commit differs from its first parent, or all that it has without one.

        Raises:
            ValueError: An object is missing or cannot be read.
        """
        before = self._tree(commit.parents[0]) if commit.parents else None
        after = ObjectID(commit.tree) if commit.tree else None
        try:
            for change in tree_changes(self._repo.object_store, before, after) if after else ():
                entry = change.new or change.old
                if entry is not None and entry.path:
                    yield bytes(entry.path)
        except KeyError:
            raise ValueError("a tree is missing; run 'git fsck' in the repository") from None

    def _tree(self, commit: bytes) -> ObjectID | None:
        tree = parse_commit(self._objects.read(commit)).tree
        return ObjectID(tree) if tree else None

    def mailmap(self) -> Mailmap:
        """Read ``.mailmap`` of the working directory, or of HEAD where the repository is bare."""
        return Mailmap(self._mailmap_of_head() if self._repo.bare else _mailmap_file(Path(self._repo.path)))

    def _mailmap_of_head(self) -> bytes:
        head = self.head()
        if head is None:
            return b""
        store = self._repo.object_store
        tree = store[ObjectID(self._objects.read(head).partition(b"\n")[0].removeprefix(b"tree "))]
        if not isinstance(tree, Tree) or b".mailmap" not in tree:
            return b""
        blob = store[tree[b".mailmap"][1]]
        return blob.data if isinstance(blob, Blob) else b""


@contextmanager
def open_history(start: str) -> Iterator[History]:
    """Open the repository that holds the directory ``start``, looking upwards as git does.

    Raises:
        ValueError: There is none, or it is of a kind that dulwich cannot read.
        PermissionError: It lies outside what the plugin may read.
    """
    try:
        repo = Repo.discover(start)
    except NotGitRepository:
        raise ValueError(f"no Git repository holds {start}; start the session inside one") from None
    except (UnsupportedVersion, UnsupportedExtension) as error:
        raise ValueError(f"the repository that holds {start} needs a newer reader: {error}") from error
    with repo:
        yield History(repo)


def _mailmap_file(folder: Path) -> bytes:
    # git refuses a symbolic link here as well: a clone could point it at any file of the reader.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(folder / ".mailmap", flags)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return b""
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        text = file.read(MAX_MAILMAP + 1)
    if len(text) > MAX_MAILMAP:
        raise ValueError(f"{folder / '.mailmap'} is longer than {MAX_MAILMAP} bytes; shorten it")
    return text


def _replacements(repo: Repo) -> dict[bytes, bytes]:
    refs = repo.refs.as_dict(_REPLACED)  # type: ignore[arg-type]  # Ref is a NewType of bytes
    return {bytes(old).removeprefix(b"/"): bytes(new) for old, new in refs.items()}


def _changed_parents(repo: Repo) -> dict[bytes, tuple[bytes, ...]]:
    changed: dict[bytes, tuple[bytes, ...]] = {bytes(name): () for name in repo.get_shallow()}
    grafts = repo.get_named_file("info/grafts", basedir=repo.commondir())
    if grafts is not None:
        with grafts:
            for name, parents in parse_graftpoints(grafts).items():
                changed[bytes(name)] = tuple(map(bytes, parents))
    return changed
