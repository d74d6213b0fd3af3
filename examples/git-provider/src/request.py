"""A request to pull, as the text that maintainers send each other. Values in, a file out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        title: One line.
        body: Why.
        base: The commit that it builds on, described.
        head: Its last commit, described.
        where: The repository and branch to pull from.
        log: One line for each commit.
        changes: What changes, by file.
    """

    title: str
    body: str
    base: str
    head: str
    where: str
    log: str
    changes: str

    def text(self) -> str:
        """Return the request as a message: its subject, and after an empty line the rest."""
        parts = [
            f"Subject: [GIT PULL] {' '.join(self.title.split())}",
            self.body.strip(),
            f"The following changes since commit {self.base}:",
            f"are available in the Git repository at:\n\n  {self.where}",
            f"up to {self.head}:",
            self.log,
            self.changes,
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def write(self, folder: Path) -> Path:
        """Write it into a file of its own below ``folder`` and return the file's path."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(len(list(folder.iterdir())) + 1, 1_000_000):
            path = folder / f"{number:04}.txt"
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(self.text())
            except FileExistsError:
                continue
            return path
        raise OSError(f"{folder} is full")
