"""The service: version control that only writes down what it is asked for. Put the real thing in its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

from yesman.plugins import IVersionControlProvider


class Notebook(IVersionControlProvider):
    """Keeps notes.txt in a folder. Who calls it may be another plugin: arguments are anybody's."""

    def __init__(self, folder: Path) -> None:
        self.notes = folder / "notes.txt"

    async def connect(self) -> None:
        """Make ready, before the first use. Raise when that is impossible."""
        self.notes.touch()

    async def disconnect(self) -> None:
        """Give back what connect took."""

    async def create_branch(self, name: str) -> None:
        """Make a branch of that name from the current commit."""
        self._note(f"branch {name}")

    async def commit(self, message: str, files: list[str]) -> str:
        """Commit the named files and return the commit's id."""
        self._note(f"commit {message!r} with {len(files)} files")
        return hashlib.sha1(self.notes.read_bytes()).hexdigest()

    async def push(self, branch: str) -> None:
        """Send the branch to the remote."""
        self._note(f"push {branch}")

    async def create_pull_request(self, title: str, body: str, base: str, head: str) -> str:
        """Ask for head to be merged into base and return the request's URL."""
        self._note(f"pull request {title!r} of {head} into {base}")
        return self.notes.as_uri()

    def _note(self, line: str) -> None:
        with self.notes.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
