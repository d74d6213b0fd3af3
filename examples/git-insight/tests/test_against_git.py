"""The counts equal what ``git log`` says, on repositories of every kind it can open."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def counted(plugin: Any, folder: Path, max_count: int | None = None) -> dict[str, Any]:
    with plugin.repository.open_history(str(folder)) as history:
        commits = islice(history.commits(), max_count)
        return plugin.insight.count_commits(commits, history.mailmap()).as_data()


def small(history: Any, folder: Path) -> Path:
    history.write_history(folder, commits=40, seed=7)
    return folder


def test_whole_history_equals_git_log(plugin, history, repository):
    data = counted(plugin, repository)
    assert data["commits"] == 1200
    assert data == history.git_log(repository)


def test_generated_repository_has_what_it_promises(history, repository):
    parents = history.git(repository, "log", "--format=%P").split(b"\n")
    packed = history.git(repository, "count-objects", "-v").decode()
    assert {len(line.split()) for line in parents} == {0, 1, 2, 3}
    assert "count: 0" not in packed
    assert "packs: 1" in packed
    assert history.git(repository, "rev-list", "--count", "unmerged", "^main").strip() == b"7"


@pytest.mark.parametrize("number", [0, 1, 2, 137, 600, 1199, 5000])
def test_newest_commits_are_those_of_git_log(plugin, history, repository, number):
    expected = history.git_log(repository, f"--max-count={number}")
    assert counted(plugin, repository, number) == expected


@pytest.mark.parametrize("seed", range(5))
def test_other_histories_equal_git_log(plugin, history, tmp_path, seed):
    folder = tmp_path / "r"
    history.write_history(folder, commits=150, seed=seed)
    assert counted(plugin, folder) == history.git_log(folder)


def test_folder_inside_the_working_directory(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    (folder / "a" / "b").mkdir(parents=True)
    assert counted(plugin, folder / "a" / "b") == history.git_log(folder)


def test_bare_repository_takes_the_mailmap_of_head(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    history.git(folder, "clone", "--quiet", "--bare", str(folder), str(tmp_path / "bare.git"))
    expected = history.git_log(tmp_path / "bare.git")
    assert expected == history.git_log(folder)
    assert counted(plugin, tmp_path / "bare.git") == expected


def test_linked_worktree_has_its_own_head_and_mailmap(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    tree = tmp_path / "tree"
    history.git(folder, "worktree", "add", "--quiet", "--detach", str(tree), "main~9")
    (tree / ".mailmap").write_bytes(b"Another <column@example.org>\n")
    assert counted(plugin, tree) == history.git_log(tree)


def test_shallow_clone_ends_at_its_border(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    clone = tmp_path / "shallow"
    history.git(folder, "clone", "--quiet", "--depth=3", folder.as_uri(), str(clone))
    data = counted(plugin, clone)
    assert 3 <= data["commits"] < 40
    assert data == history.git_log(clone)


def test_clone_that_borrows_objects(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    history.git(folder, "clone", "--quiet", "--shared", str(folder), str(tmp_path / "clone"))
    assert counted(plugin, tmp_path / "clone") == history.git_log(folder)


def test_replaced_commit_counts_as_its_replacement(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    before = history.git_log(folder)
    history.git(folder, "replace", "--graft", "main~2", "main~5")
    expected = history.git_log(folder)
    assert expected != before
    assert counted(plugin, folder) == expected


def test_grafts_change_the_parents(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    cut = history.git(folder, "rev-parse", "main~4").strip()
    (folder / ".git" / "info" / "grafts").write_bytes(cut + b"\n")
    data = counted(plugin, folder)
    assert data["commits"] < 40
    assert data == history.git_log(folder)


def test_commit_graph_and_multi_pack_index(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    history.git(folder, "commit-graph", "write", "--reachable")
    history.git(folder, "multi-pack-index", "write")
    assert counted(plugin, folder) == history.git_log(folder)


def test_sha256_repository(plugin, history, tmp_path):
    folder = tmp_path / "r"
    history.git(tmp_path, "init", "--quiet", "--object-format=sha256", str(folder))
    for number in range(3):
        history.git(folder, "commit", "--quiet", "--allow-empty", "-m", str(number))
    assert counted(plugin, folder) == history.git_log(folder)


def test_symbolic_link_as_mailmap_is_not_followed(plugin, history, tmp_path):
    folder = small(history, tmp_path / "r")
    (folder / ".mailmap").unlink()
    (tmp_path / "elsewhere").write_bytes(history.MAILMAP)
    (folder / ".mailmap").symlink_to(tmp_path / "elsewhere")
    data = counted(plugin, folder)
    assert "Proper Name" not in {row["name"] for row in data["authors"]}
    assert data == history.git_log(folder)


@pytest.mark.parametrize(
    "author",
    [
        b"author A <a@example.org>",
        b"author A <a@example.org> 1700000000",
        b"author A <a@example.org> soon +0000",
        b"author A <a@example.org> -5 +0000",
        b"author A <a@example.org>1700000000  +0000",
        b"author A <a>b@example.org> 1700000000 +0000",
        b"author A <a <b@example.org> 1700000000 +0000",
        b"author A a@example.org 1700000000 +0000",
        b"author A <a@example.org 1700000000 +0000",
        b"author  A  \t<  a@example.org > 1700000000 +0000",
        b"author <> 1700000000 +0000",
        b"author A <a@example.org> 1700000000 +99999",
        b"author ",
        b"nobody A <a@example.org> 1700000000 +0000",
        b"author A <a@example.org> 1 +0000\nauthor B <b@example.org> 1700000000 +0000",
    ],
)
def test_broken_author_lines_are_read_as_git_reads_them(plugin, history, tmp_path, author):
    folder = tmp_path / "r"
    history.git(tmp_path, "init", "--quiet", str(folder))
    history.write_commit(folder, author)
    assert counted(plugin, folder) == history.git_log(folder)


@pytest.mark.parametrize("encoding", [b"ascii", b"utf8", b"UTF-8", b"iso8859-15", b"koi8-r", b"euc-jp", b""])
def test_encoding_header_holds_for_the_whole_commit_or_not_at_all(plugin, history, tmp_path, encoding):
    folder = tmp_path / "r"
    history.git(tmp_path, "init", "--quiet", str(folder))
    author = b"author \xa4\xc1\xe9 <\xa4@example.org> 1700000000 +0000"
    history.write_commit(folder, author, headers=b"encoding " + encoding + b"\n")
    assert counted(plugin, folder) == history.git_log(folder)
