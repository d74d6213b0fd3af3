"""Our reading of a repository agrees with git's, and nothing in it is ever run."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from yesman.sessions.repository import MAX_FILE, describe

if TYPE_CHECKING:
    from collections.abc import Callable

    Git = Callable[..., str]

URL = "https://example.org/owner/name.git"


@pytest.fixture
def repository(tmp_path: Path, git: Git) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    git(folder, "remote", "add", "origin", URL)
    return folder


def test_a_clone_is_described_from_any_folder_in_it(repository: Path):
    deep = repository / "a" / "b"
    deep.mkdir(parents=True)
    assert describe(deep) == describe(repository) == {"repo": "owner/name", "branch": "main"}


@pytest.mark.parametrize("branch", ["feature/x", "größe", "v1.0", "a@b", "x{y}", "日本"])
def test_the_branch_is_what_git_says(repository: Path, git: Git, branch: str):
    git(repository, "checkout", "-q", "-b", branch)
    assert describe(repository)["branch"] == git(repository, "branch", "--show-current")


def test_without_a_branch_the_commit_is_what_git_says(repository: Path, git: Git):
    git(repository, "checkout", "-q", "--detach")
    assert describe(repository) == {"repo": "owner/name", "commit": git(repository, "rev-parse", "HEAD")}


def test_a_linked_worktree_has_its_own_branch_and_the_shared_remote(repository: Path, git: Git):
    git(repository, "worktree", "add", "-q", "-b", "side", "../side")
    assert describe(repository.parent / "side") == {"repo": "owner/name", "branch": "side"}


def test_a_submodule_is_its_own_repository(repository: Path, git: Git, tmp_path: Path):
    inner = repository / "inner"
    git(tmp_path, "-c", "protocol.file.allow=always", "clone", "-q", str(repository), str(inner))
    git(repository, "submodule", "--quiet", "add", "./inner", "inner")
    git(repository, "submodule", "--quiet", "absorbgitdirs")
    git(inner, "remote", "set-url", "origin", "git@example.org:other/part.git")
    assert (inner / ".git").is_file()
    assert describe(inner) == {"repo": "other/part", "branch": "main"}


def test_a_worktree_of_a_submodule_is_described(repository: Path, git: Git, tmp_path: Path):
    inner = repository / "inner"
    git(tmp_path, "clone", "-q", str(repository), str(inner))
    git(repository, "submodule", "--quiet", "add", "./inner", "inner")
    git(repository, "submodule", "--quiet", "absorbgitdirs")
    git(inner, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    assert describe(tmp_path / "side")["branch"] == "side"


@pytest.fixture
def elsewhere(repository: Path, tmp_path: Path) -> Path:
    """A folder that a plugin may write to; it must not make ``repository`` speak."""
    folder = tmp_path / "writable"
    folder.mkdir()
    return folder


@pytest.mark.escape("files")
def test_a_pointer_to_a_repository_that_does_not_point_back_is_not_followed(
    repository: Path, elsewhere: Path
):
    for target in (repository / ".git", Path("../work/.git"), "."):
        (elsewhere / ".git").write_text(f"gitdir: {target}\n")
        assert describe(elsewhere) == {}


@pytest.mark.escape("files")
def test_a_link_to_another_repository_is_not_followed(repository: Path, elsewhere: Path):
    (elsewhere / ".git").symlink_to(repository / ".git")
    assert describe(elsewhere) == {}
    (elsewhere / ".git").unlink()
    (elsewhere / "x" / ".git").mkdir(parents=True)
    (elsewhere / "x" / ".git" / "modules").symlink_to(repository)
    (elsewhere / "x" / "y").mkdir()
    (elsewhere / "x" / "y" / ".git").write_text("gitdir: ../.git/modules/.git\n")
    assert describe(elsewhere / "x" / "y") == {}


@pytest.mark.escape("files")
def test_a_git_folder_made_up_to_share_another_config_tells_only_its_own(repository: Path, elsewhere: Path):
    made_up = elsewhere / "worktrees" / "x"
    made_up.mkdir(parents=True)
    for file, text in {"HEAD": "ref: refs/heads/own", "commondir": f"{repository}/.git"}.items():
        (made_up / file).write_text(f"{text}\n")
    (made_up / "gitdir").write_text(f"{elsewhere}/.git\n")
    (elsewhere / ".git").write_text(f"gitdir: {made_up}\n")
    assert describe(elsewhere) == {"branch": "own"}


def test_a_fresh_repository_has_a_branch_and_no_remote(tmp_path: Path, git: Git):
    git(tmp_path, "init", "-q", "-b", "trunk")
    assert describe(tmp_path) == {"branch": "trunk"}


def test_a_folder_outside_any_repository_is_not_described(tmp_path: Path):
    assert describe(tmp_path) == describe(tmp_path / "absent") == describe(Path()) == {}


@pytest.mark.parametrize(
    "config",
    [
        '[remote "origin"]\n\turl = https://h/a/b.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
        '[remote "origin"] url = https://h/a/b.git # why\n',
        '[remote "origin"]\nurl = "https://h/a/b.git" ; c\n',
        '[remote "origin"]\nurl = https://h/a/\\\nb.git\n',
        '[remote "origin"]\nurl = https:"//h/a/"b.git   \n',
        "[remote.origin]\nurl = https://h/a/b.git\n",
        '[REMOTE "origin"]\nURL=https://h/a/b.git\n',
        '[remote "origin"]\nurl = https://h/a/b.git\nurl = https://h/c/d.git\n',
        '[remote "Origin"]\nurl = https://h/a/b.git\n',
        '[remote "ori\\gin"]\nurl = https://h/a/b.git\n',
        '\ufeff[remote "origin"]\r\n\turl = https://h/a/b.git\r\n',
        '[core]\n\tx\n[remote "other"]\nurl = h:e/f\n[remote "origin"]\nprune\nurl = h:a/b\n',
        '[alias]\n x = "[remote \\"origin\\"]\\nurl = h:e/f"\n[remote "origin"]\nurl = h:a/b\n',
        '[alias]\n x = a \\\n[remote "origin"]\\\n url = h:e/f\n',
        '[remote "origin"]\nurl = "h:a/b',
        '[remote "origin]\nurl = h:a/b\n',
        '[remote "origin"]\nurl = h:a\\q/b\n',
        '[remote "origin"]\n1url = h:a/b\n',
        '[remote "origin"]\nurl = h:a/"  b  "\n',
    ],
)
def test_the_remote_is_what_git_says(repository: Path, git: Git, config: str):
    base = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
    (repository / ".git" / "config").write_bytes(
        (config + base if "\ufeff" in config else base + config).encode()
    )
    urls = git(repository, "config", "--get-all", "remote.origin.url", check=False).split("\n")
    expected = {"https://h/a/b.git": "a/b", "h:a/b": "a/b"}.get(urls[0])
    assert describe(repository).get("repo") == expected


def hostile(repository: Path, marker: Path) -> None:
    trap = repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {marker}\n")
    trap.chmod(0o755)
    (repository / "more").write_text('[remote "origin"]\nurl = h:evil/one\n')
    config = repository / ".git" / "config"
    config.write_text(
        f'[include]\n\tpath = {repository}/more\n[core]\n\tfsmonitor = "{trap}"\n\tsshCommand = "{trap}"\n'
        f'\thooksPath = {repository}\n[credential]\n\thelper = "!{trap}"\n[alias]\n\tconfig = "!{trap}"\n'
        + config.read_text()
    )


@pytest.mark.escape("files")
def test_a_hostile_config_runs_nothing_and_includes_nothing(repository: Path, git: Git, tmp_path: Path):
    marker = tmp_path / "ran"
    hostile(repository, marker)
    assert describe(repository) == {"repo": "owner/name", "branch": "main"}
    assert not marker.exists()
    # The control: git itself falls for both.
    assert git(repository, "config", "--get-all", "remote.origin.url").split("\n")[0] == "h:evil/one"
    git(repository, "status")
    assert marker.exists()


@pytest.mark.escape("files")
def test_reading_a_hostile_repository_starts_no_process(repository: Path, tmp_path: Path):
    hostile(repository, tmp_path / "ran")
    started: list[str] = []
    watching = [True]

    def audit(event: str, _args: object) -> None:  # stays for the process's life, but only listens here
        if watching[0] and event in {"subprocess.Popen", "os.fork", "os.exec", "os.posix_spawn", "os.system"}:
            started.append(event)

    sys.addaudithook(audit)
    describe(repository)
    watching[0] = False
    assert started == []


@pytest.mark.parametrize("name", ["HEAD", "config"])
@pytest.mark.escape("files")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(repository: Path, name: str):
    (repository / ".git" / name).unlink()
    os.mkfifo(repository / ".git" / name)
    assert "repo" not in describe(repository)


def test_a_pipe_in_place_of_the_git_folder_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / ".git")
    assert describe(tmp_path) == {}


@pytest.mark.escape("files")
def test_a_link_in_place_of_the_config_is_not_followed(repository: Path, tmp_path: Path):
    (repository / ".git" / "config").rename(tmp_path / "secret")
    (repository / ".git" / "config").symlink_to(tmp_path / "secret")
    assert describe(repository) == {"branch": "main"}


@pytest.mark.escape("files")
def test_an_endless_config_is_not_read(repository: Path):
    with (repository / ".git" / "config").open("a") as config:
        config.write("#" * MAX_FILE)
    assert describe(repository) == {"branch": "main"}


@pytest.mark.parametrize(
    "pointer",
    [
        b"gitdir: /dev/zero\n",
        b"gitdir: \0\n",
        b"gitdir: .\n",
        b"gitdir: ../..\n",
        b"\xff\xfe",
        b"gitdir: " + b"x/" * 9000,
    ],
)
def test_a_senseless_pointer_leads_nowhere(tmp_path: Path, pointer: bytes):
    (tmp_path / ".git").write_bytes(pointer)
    assert describe(tmp_path) == {}


def test_a_config_that_is_not_text_tells_no_remote(repository: Path):
    (repository / ".git" / "config").write_bytes(b'[remote "origin"]\nurl = h:a/\xff\xfe\x1b[31m\n')
    assert describe(repository) == {"branch": "main"}


def test_an_unreadable_or_looping_folder_is_not_described(tmp_path: Path):
    (tmp_path / "loop").symlink_to("loop")
    assert describe(tmp_path / "loop") == {}


def test_a_config_that_has_not_changed_is_not_read_again(repository: Path, git: Git, monkeypatch):
    assert describe(repository)["repo"] == "owner/name"
    with monkeypatch.context() as patch:
        patch.setattr("yesman.sessions.gitfiles.origin", lambda _: "git@example.org:not/asked.git")
        assert describe(repository)["repo"] == "owner/name"
    git(repository, "remote", "set-url", "origin", "git@example.org:other/part.git")
    assert describe(repository)["repo"] == "other/part"
