"""Version control in one repository, by GitPython, which runs git.

What always holds: nothing that a caller passes is taken for an option or a pattern; a commit holds the named
files and nothing else that happens to be staged; git reads no configuration but the repository's own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

# What GitPython runs when it is imported, and git looks for its own parts there: no second folder to grant.
os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = "/usr/bin/git"
os.environ["GIT_EXEC_PATH"] = "/usr/bin"

from git import GitCommandError, InvalidGitRepositoryError, NoSuchPathError, Repo

from yesman.plugins import IVersionControlProvider

from .request import Request

if TYPE_CHECKING:
    import logging
    from pathlib import Path

ALONE = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C.UTF-8",
}
"""The environment of every git: nobody's settings, no questions, paths mean themselves."""
UNATTENDED = ("gc.auto=0", "maintenance.auto=false", "commit.gpgSign=false", "core.editor=:")


class GitError(Exception):
    """git could not do it; the message is git's own last word, on one line."""


@dataclass(frozen=True)
class Settings:
    """What the user set.

    Attributes:
        repository: Its working tree.
        remote: Name of the remote to push to.
        author: Name and address, each "" for what the repository's configuration says.
        requests: Folder for requests, made when it is needed.
    """

    repository: Path
    remote: str
    author: tuple[str, str]
    requests: Path


class GitProvider(IVersionControlProvider):
    """One repository.

    Args:
        settings: Which one, and how.
        logger: Hears what was done.
    """

    def __init__(self, settings: Settings, logger: logging.Logger) -> None:
        self._settings = settings
        self._logger = logger
        self._repo: Repo | None = None

    async def connect(self) -> None:
        """Open the repository; raise ValueError when there is none, or it is not whole."""
        folder = self._settings.repository
        try:
            self._repo = Repo(folder)
        except (InvalidGitRepositoryError, NoSuchPathError):
            raise ValueError(f"{folder} is no Git repository; set 'repository' to the path of one") from None
        self._repo.git.update_environment(**ALONE, **self._identity())
        if self._git("rev-parse", "--is-inside-work-tree") != "true":
            raise ValueError(f"{folder} has no working tree, so nothing can be committed there")

    async def disconnect(self) -> None:
        """Let go of the repository."""
        if self._repo is not None:
            self._repo.close()
            self._repo = None

    async def create_branch(self, name: str) -> None:
        """Make a branch of that name from the current commit, and go on with it."""
        self._check_branch(name)
        self._git("checkout", "--quiet", "-b", name)
        self._logger.info("made the branch %s", name)

    async def commit(self, message: str, files: list[str]) -> str:
        """Commit the named files, paths below the repository's folder, and return the commit's id.

        Raises:
            ValueError: No file is named.
            GitError: One does not exist, nothing has changed, or whatever else git finds.
        """
        if not files:
            raise ValueError("name at least one file to commit")
        self._git("add", "--", *files)
        self._git("commit", "--quiet", f"--message={message}", "--only", "--", *files)
        made = self._git("rev-parse", "HEAD")
        self._logger.info("committed %s", made)
        return made

    async def push(self, branch: str) -> None:
        """Send the branch to the remote; never overwrites what others have pushed."""
        self._check_branch(branch)
        reference = f"refs/heads/{branch}"
        self._git("push", "--quiet", "--", self._settings.remote, f"{reference}:{reference}")
        self._logger.info("pushed %s to %s", branch, self._settings.remote)

    async def create_pull_request(self, title: str, body: str, base: str, head: str) -> str:
        """Write a request to pull ``head``, to be sent by mail, and return the ``file:`` URL of its text.

        git has no forge to open a request at; this is the kind that git itself knows (``git request-pull``).
        """
        for branch in (base, head):
            self._check_branch(branch)
        request = Request(
            title=title,
            body=body,
            base=self._git("log", "-1", "--format=%H (%s, %cs)", base, "--"),
            head=self._git("log", "-1", "--format=%H (%s, %cs)", head, "--"),
            where=f"{self._git('remote', 'get-url', '--', self._settings.remote)} {head}",
            log=self._git("log", "--format=%an: %s", f"{base}..{head}", "--"),
            changes=self._git("diff", "--stat", "--no-color", f"{base}...{head}", "--"),
        )
        return request.write(self._settings.requests).as_uri()

    def _check_branch(self, name: str) -> None:
        # A name such as "--force" or "a:b" would mean something else where a branch is expected.
        if name.startswith("-"):
            raise ValueError(f"{name!r} is no name of a branch")
        try:
            self._git("check-ref-format", "--branch", name)
        except GitError:
            raise ValueError(f"{name!r} is no name of a branch") from None

    def _git(self, *words: str) -> str:
        if self._repo is None:
            raise GitError("the repository is not open")
        command, *rest = words
        options = [part for option in UNATTENDED for part in ("-c", option)]
        try:
            said = self._repo.git.execute(["/usr/bin/git", *options, command, *rest])
        except GitCommandError as error:
            raise GitError(_last_word(error)) from None
        return str(said)

    def _identity(self) -> dict[str, str]:
        name, mail = self._settings.author
        values = {"NAME": name, "EMAIL": mail}
        return {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in values.items()
            if value
        }


def _last_word(error: GitCommandError) -> str:
    said = [text for text in (str(error.stderr or ""), str(error.stdout or "")) if text.strip()]
    lines = [line.strip(" '") for line in "\n".join(said).splitlines() if line.strip(" '")]
    told = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (told or lines or [f"git ended with {error.status}"])[0].removeprefix("stderr: '")[:300]
