"""The panel, in the real sandbox, of sessions in real repositories; hot files against git's own count."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from yesman.plugins import ui
from yesman.plugins.testing import load_plugin, parts

PLUGIN = Path(__file__).resolve().parents[1]


@pytest.fixture
def worked(history, tmp_path):
    """A repository in which some files were changed more often than others, on two branches."""
    folder = tmp_path / "worked"
    history.git(tmp_path, "init", "--quiet", str(folder))

    def commit(*files):
        for name in files:
            (folder / name).parent.mkdir(exist_ok=True)
            with (folder / name).open("a") as file:
                file.write("x")
        history.git(folder, "add", ".")
        history.git(folder, "commit", "--quiet", "-m", "m", f"--date={int(time.time()) - 7 * 86_400} +0000")

    for number in range(10):
        commit("often", f"{number % 3}/some\xe9")
    history.git(folder, "rm", "--quiet", "often")
    commit("last")
    history.git(folder, "switch", "--quiet", "-c", "side", "HEAD~5")
    commit("beside")
    history.git(folder, "switch", "--quiet", "-")
    history.git(folder, "merge", "--quiet", "-m", "m", "side")
    return folder


def hot(plugin, folder):
    with plugin.repository.open_history(str(folder)) as opened:
        found = plugin.hot.hot_files(opened.commits(), opened.changed)
    return {file.path: file.changes for file in found}


def told_by_git(history, folder):
    said = history.git(folder, "log", "--no-merges", "--no-renames", "--format=", "--name-only", "-z")
    return Counter(path.decode(errors="replace") for path in said.split(b"\0") if path.strip())


def test_hot_files_are_counted_as_git_does(plugin, history, worked):
    assert hot(plugin, worked) == told_by_git(history, worked)
    assert hot(plugin, worked)["often"] == 11


def test_at_the_border_of_a_shallow_clone_nothing_is_missed(plugin, history, worked, tmp_path):
    clone = tmp_path / "shallow"
    history.git(tmp_path, "clone", "--quiet", "--depth=4", worked.as_uri(), str(clone))
    assert hot(plugin, clone) == told_by_git(history, clone)


def test_a_commit_that_changes_everything_says_nothing(plugin):
    commit = plugin.commits.parse_commit(b"tree 00\ncommitter A <a@e> 5 +0000\n\n")
    many, few = [b"%d" % n for n in range(1_001)], [b"a", b"b\xff"]
    changed = iter([iter(many), iter(few)])
    found = plugin.hot.hot_files([commit, commit], lambda _commit: next(changed))
    assert [(file.path, file.changes, file.last) for file in found] == [("a", 1, 5), ("b\ufffd", 1, 5)]


async def shown(work):
    """Return the panel of a session in a folder that ``work`` has filled."""
    async with load_plugin(PLUGIN) as plugin:
        session = await plugin.create_session("work")
        work(Path(session.cwd))
        return await plugin.panel("repository", session="work")


async def test_figures_weeks_files_and_authors_are_shown(history, worked):
    tree = await shown(lambda folder: history.git(folder, "clone", "--quiet", str(worked), "."))
    figures = {metric.label: metric.value for metric in parts(tree, ui.Metric)}
    (weeks,) = parts(tree, ui.Chart)
    files, authors = parts(tree, ui.Table)
    assert figures["Commits"] == sum(weeks.series[0].values) == sum(row[1] for row in authors.rows) == 13
    assert (len(weeks.labels), weeks.form) == (26, "bar")
    assert {row[0]: row[1] for row in files.rows} == told_by_git(history, worked)
    assert sum(row[2] for row in authors.rows) == pytest.approx(1)


async def test_a_repository_without_commits_says_so(history):
    tree = await shown(lambda folder: history.git(folder, "init", "--quiet", "."))
    assert isinstance(tree, ui.Empty)


async def test_a_session_in_no_repository_is_told_what_to_do():
    tree = await shown(lambda _folder: None)
    assert isinstance(tree, ui.Error)
    assert tree.text.startswith("no Git repository holds /")
    assert tree.hint == "start the session inside one"


async def test_without_its_permission_it_cannot_be_read():
    async with load_plugin(PLUGIN) as plugin:
        await plugin.create_session("work", repo="owner/project")
        plugin.revoke_permission("filesystem.read")
        with pytest.raises(PermissionError):
            await plugin.panel("repository", session="work")
