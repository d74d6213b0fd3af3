"""One plugin works with a repository through another, on the real command line, each with its own grants."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = Path(__file__).parents[2] / "examples" / "git-provider"
NOTES = """
from yesman.plugins import CommandPlugin, IVersionControlProvider, PluginCommand

class Notes(CommandPlugin):
    def get_commands(self):
        options = [{"name": "--message", "required": True}]
        return [PluginCommand("keep-notes", "Commit and push the notes.", self.keep, options)]

    async def keep(self, message):
        git = self.context.providers.get("git", IVersionControlProvider)
        git.create_branch("notes")
        made = await git.commit(message, ["notes.md"])
        git.push("notes")
        return {"commit": made, "request": git.create_pull_request("Notes", "", "main", "notes")}
"""
ALONE = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def git(folder: Path, *words: str) -> str:
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    argv = ["git", *author, *words]
    return subprocess.run(
        argv, cwd=folder, env=ALONE, capture_output=True, text=True, check=True
    ).stdout.strip()


def notes_plugin(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "__init__.py").touch()
    (folder / "src" / "main.py").write_text(NOTES)
    manifest = {
        "name": "notes",
        "version": "1.0.0",
        "provides": [{"commands": [{"name": "keep-notes"}]}],
        "permissions": ["provider.use:git"],
    }
    (folder / "plugin.yaml").write_text(json.dumps(manifest))
    return folder


def test_a_plugin_without_grants_of_its_own_commits_and_pushes(
    yesman: Callable[..., str], tmp_path: Path
) -> None:
    work = tmp_path / "projects" / "app"
    work.mkdir(parents=True)
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "init", "--quiet", "--bare", str(work.parent / "app.git"))
    git(work, "remote", "add", "origin", str(work.parent / "app.git"))
    git(work, "commit", "--quiet", "--allow-empty", "--message=first")
    (work / "notes.md").write_text("remember\n")
    yesman("session", "new", "work", "--cwd", str(work.parent))
    author = ("--config", "author_name=Ada", "--config", "author_email=ada@example.org")
    yesman("plugin", "install", str(EXAMPLE), "--yes", "--config", f"repository={work}", *author)
    yesman("plugin", "install", str(notes_plugin(tmp_path / "notes")), "--yes")
    kept = json.loads(yesman("keep-notes", "--message", "Keep them", "--json"))
    assert kept["commit"] == git(work.parent / "app.git", "rev-parse", "notes")
    assert "Keep them" in Path(kept["request"].removeprefix("file://")).read_text()
    (row,) = json.loads(yesman("provider", "check", "git", "--json"))
    assert (row["state"], row["plugin"], row["last_error"]) == ("connected", "git-provider", None)
