"""The repository in a session's folder, read by GitPython's object database.

What always holds: no program is started, neither git nor a hook nor a filter; the user's own configuration is
not read; every mistake of the repository becomes a CheckoutError.
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

# GitPython looks for git when it is imported, and may go without.
os.environ["GIT_PYTHON_REFRESH"] = "quiet"

from git import Commit, GitDB, Head, InvalidGitRepositoryError, NoSuchPathError, RemoteReference, Repo
from gitdb.exc import ODBError  # type: ignore[import-untyped]  # gitdb has no types
from gitdb.pack import PackEntity  # type: ignore[import-untyped]  # likewise

from .committing import commit_files
from .history import missing, objects_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from git import Actor

REMOTE = "origin"
HOSTS = {"github.com", "www.github.com", "ssh.github.com"}


class CheckoutError(ValueError):
    """The repository is not as it would have to be; the message says what is to be done."""


@contextmanager
def open_checkout(folder: Path) -> Iterator[Checkout]:
    """Open the repository that holds ``folder``.

    Raises:
        CheckoutError: There is none, it is no clone of one at GitHub, or something in it is broken.
    """
    try:
        with _open(folder) as repo:
            yield Checkout(repo)
    except (InvalidGitRepositoryError, NoSuchPathError):
        raise CheckoutError(f"no Git repository that this plugin may read holds {folder}") from None
    except (ODBError, AssertionError) as error:  # gitdb asserts what files look like
        raise CheckoutError(
            f"the repository at {folder} cannot be read; see 'git fsck': {error!r}"
        ) from error


def _open(folder: Path) -> Repo:
    with warnings.catch_warnings():
        # Deprecated because it trusts what it reads. Here that can harm nobody but this confined process.
        warnings.simplefilter("ignore", DeprecationWarning)
        return Repo(folder, odbt=GitDB, search_parent_directories=True, expand_vars=False)


class Checkout:
    """An open repository with a working tree."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        if repo.bare:
            raise CheckoutError(f"{repo.git_dir} has no working tree")
        if not _is_github(self._setting(f'remote "{REMOTE}"', "url")):
            raise CheckoutError(f"the remote {REMOTE!r} of {repo.working_dir} is not at github.com")

    @property
    def branch(self) -> str:
        """The branch that is checked out.

        Raises:
            CheckoutError: None is.
        """
        if self._repo.head.is_detached:
            raise CheckoutError("no branch is checked out; 'git switch' to one")
        return str(self._repo.head.reference.name)

    @property
    def identity(self) -> tuple[str, str] | None:
        """Name and address in the repository's own configuration, if both are there."""
        name, mail = self._setting("user", "name"), self._setting("user", "email")
        return (name, mail) if name and mail else None

    def tip(self, branch: str) -> Commit:
        """Return the last commit of a branch; raises CheckoutError where there is none."""
        head = next((head for head in self._repo.heads if head.name == branch), None)
        if head is None:
            raise CheckoutError(f"there is no branch {branch!r} with a commit in {self._repo.working_dir}")
        return head.commit

    def known(self, ids: Iterable[str]) -> list[Commit]:
        """Return those of ``ids`` that are commits which are here."""
        found = (Commit(self._repo, bytes.fromhex(sha)) for sha in ids)
        return [commit for commit in found if self._repo.odb.has_object(commit.binsha) and _is_commit(commit)]

    def remote_tips(self) -> list[Commit]:
        """Return the commits that were the remote's branches when they were last looked at."""
        here = RemoteReference.iter_items(self._repo, f"refs/remotes/{REMOTE}")
        return [reference.commit for reference in here]

    def unpushed(self, branch: str, at_remote: Iterable[Commit] = ()) -> list[Commit]:
        """Return what of a branch the remote does not have, newest first, as far as is known here.

        Raises:
            CheckoutError: There is no such branch, or the history is cut off.
            TooMany: They are too many.
        """
        if Path(self._repo.common_dir, "shallow").exists():
            raise CheckoutError("this is a shallow clone; 'git fetch --unshallow' it first")
        return missing([self.tip(branch)], [*self.remote_tips(), *at_remote])

    def write_pack(self, commits: Iterable[Commit], file: IO[bytes]) -> None:
        """Write all that the commits bring, as git packs it."""
        ids = [item.binsha for item in objects_of(commits)]
        PackEntity.write_pack(map(self._repo.odb.stream, ids), file.write, object_count=len(ids))

    def note_pushed(self, branch: str, commit: Commit) -> None:
        """Note for git that the remote's branch is at ``commit`` now, where that may be written."""
        there = RemoteReference(self._repo, f"refs/remotes/{REMOTE}/{branch}")
        with suppress(OSError):  # the push is done all the same, and the next fetch notes it
            there.set_object(commit, logmsg="update by push")

    def create_branch(self, name: str) -> None:
        """Make a branch from the current commit, and go on with it.

        Raises:
            CheckoutError: There is one, that is no name for one, or there is no commit yet.
        """
        start = self.tip(self.branch)
        if any(head.name == name for head in self._repo.heads):
            raise CheckoutError(f"there is a branch {name!r} already")
        if name.startswith("-") or name in {"", "HEAD", "@"}:
            raise CheckoutError(f"{name!r} is no name of a branch")
        try:
            made = Head.create(self._repo, name, start, logmsg=f"branch: Created from {start.hexsha}")
        except (ValueError, OSError) as error:
            raise CheckoutError(f"{name!r} is no name of a branch here: {error}") from error
        self._repo.head.set_reference(made, logmsg=f"checkout: moving to {name}")

    def commit(self, message: str, files: Sequence[str], author: Actor) -> str:
        """Commit the named files to the current branch and return the commit's id.

        Raises:
            CheckoutError: See :func:`commit_files`.
        """
        self.tip(self.branch)
        try:
            return commit_files(self._repo, message, files, author).hexsha
        except ValueError as error:
            raise CheckoutError(str(error)) from error

    def _setting(self, section: str, key: str) -> str:
        return str(self._repo.config_reader("repository").get_value(section, key, default=""))


def _is_commit(commit: Commit) -> bool:
    return bool(commit.repo.odb.info(commit.binsha).type == b"commit")


def _is_github(url: str) -> bool:
    if "://" in url:
        return urlsplit(url).hostname in HOSTS
    return url.partition(":")[0].rpartition("@")[2] in HOSTS  # as ssh has it: git@github.com:owner/name.git
