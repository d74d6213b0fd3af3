"""A real repository with a bare one to push to, and the plugin in the real sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.plugins import IVersionControlProvider
from yesman.plugins.testing import load_plugin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PLUGIN = Path(__file__).resolve().parents[1]
ALONE = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
AUTHOR = {"author_name": "Ada", "author_email": "ada@example.org"}


class Repository:
    """A working tree with one commit on ``main``, and the bare repository that is its ``origin``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "projects" / "app"
        self.remote = folder / "projects" / "app.git"
        self.remote.parent.mkdir()
        self.run("init", "--quiet", "--bare", "--initial-branch=main", str(self.remote), at=folder)
        self.run("init", "--quiet", "--initial-branch=main", str(self.folder), at=folder)
        self.run("config", "user.name", "Grace")
        self.run("config", "user.email", "grace@example.org")
        self.run("remote", "add", "origin", str(self.remote))
        self.write("README", "first")
        self.run("add", "README")
        self.run("commit", "--quiet", "--message=first")

    def run(self, *words: str, at: Path | None = None) -> str:
        """Run git beside the plugin, with nobody's configuration."""
        done = subprocess.run(
            ["git", *words], cwd=at or self.folder, env=ALONE, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path.resolve())


@pytest.fixture
async def git(repository: Repository) -> AsyncIterator[Any]:
    config = {"repository": str(repository.folder), **AUTHOR}
    async with load_plugin(PLUGIN, config=config, roots=[repository.folder.parent]) as plugin:
        yield plugin.provider("git", IVersionControlProvider)
