"""Version control in the sandbox: git itself says what was done."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from yesman.plugins import IVersionControlProvider, ProviderError
from yesman.plugins.testing import load_plugin

PLUGIN = Path(__file__).resolve().parents[1]


def read(url: str) -> str:
    return Path(unquote(urlsplit(url).path)).read_text()


async def test_a_branch_a_commit_and_a_push(git, repository):
    await git.create_branch("topic")
    repository.write("README", "second")
    repository.write("new file", "text")
    made = await git.commit("Change it\n\nand say why", ["README", "new file"])
    await git.push("topic")
    assert (
        made
        == repository.run("rev-parse", "topic")
        == repository.run("rev-parse", "topic", at=repository.remote)
    )
    assert repository.run("log", "-1", "--format=%an <%ae> %cn: %B") == (
        "Ada <ada@example.org> Ada: Change it\n\nand say why"
    )
    assert repository.run("show", "--name-only", "--format=").splitlines() == ["README", "new file"]
    assert repository.run("status", "--short") == ""


async def test_a_commit_holds_the_named_files_only(git, repository):
    repository.write("staged", "x")
    repository.run("add", "staged")
    repository.write("named", "x")
    await git.commit("one", ["named"])
    assert repository.run("show", "--name-only", "--format=") == "named"
    assert repository.run("status", "--short") == "A  staged"


async def test_a_request_is_a_text_to_send(git, repository):
    await git.create_branch("topic")
    repository.write("README", "second")
    made = await git.commit("Change it", ["README"])
    url = await git.create_pull_request("Please\npull", "It is good.", "main", "topic")
    assert url.startswith("file:///")
    text = read(url)
    assert text.startswith("Subject: [GIT PULL] Please pull\n\nIt is good.\n")
    assert f"{repository.remote} topic\n" in text
    assert made in text
    assert "Ada: Change it" in text
    assert "README | 2 +-" in text


@pytest.mark.parametrize("name", ["--force", "-d", "a b", "a..b", "", "main:main", "HEAD", "@{-1}"])
async def test_what_is_no_branch_is_named_and_nothing_is_done(git, repository, name):
    before = repository.run("for-each-ref"), repository.run("for-each-ref", at=repository.remote)
    for doing in (git.create_branch(name), git.push(name), git.create_pull_request("t", "", "main", name)):
        with pytest.raises(ProviderError, match="is no name of a branch"):
            await doing
    assert before == (repository.run("for-each-ref"), repository.run("for-each-ref", at=repository.remote))


@pytest.mark.parametrize("name", ["*", ":/", "--all", "../outside", "no such file"])
async def test_no_file_name_is_a_pattern_or_an_option(git, repository, name):
    (repository.folder.parent / "outside").write_text("x")
    repository.write("other", "x")
    with pytest.raises(ProviderError):
        await git.commit("m", [name])
    assert repository.run("rev-list", "--count", "HEAD") == "1"


async def test_failures_are_gits_own_last_word(git, repository):
    with pytest.raises(ProviderError, match="name at least one file"):
        await git.commit("m", [])
    with pytest.raises(ProviderError, match="did not match any files"):
        await git.commit("m", ["no such file"])
    await git.create_branch("topic")
    with pytest.raises(ProviderError, match="already exists"):
        await git.create_branch("topic")


async def test_a_push_never_overwrites_what_others_have_pushed(git, repository, tmp_path):
    await git.push("main")
    other = tmp_path / "other"
    repository.run("clone", "--quiet", str(repository.remote), str(other), at=tmp_path)
    author = ("-c", "user.name=O", "-c", "user.email=o@example.org")
    repository.run(*author, "commit", "--quiet", "--allow-empty", "--message=theirs", at=other)
    repository.run("push", "--quiet", at=other)
    repository.write("README", "ours")
    await git.commit("ours", ["README"])
    with pytest.raises(ProviderError, match=r"failed to push|rejected"):
        await git.push("main")
    assert repository.run("log", "-1", "--format=%s", "main", at=repository.remote) == "theirs"


async def test_a_folder_that_is_no_repository_is_named_when_it_is_connected(tmp_path):
    folder = tmp_path.resolve() / "empty"
    folder.mkdir()
    async with load_plugin(PLUGIN, config={"repository": str(folder)}, roots=[folder]) as plugin:
        with pytest.raises(ProviderError, match=r"it cannot connect: .* is no Git repository"):
            await plugin.provider("git", IVersionControlProvider).push("main")


async def test_a_repository_outside_the_grants_is_out_of_reach(repository, tmp_path):
    elsewhere = tmp_path.resolve() / "granted"
    elsewhere.mkdir()
    config = {"repository": str(repository.folder)}
    async with load_plugin(PLUGIN, config=config, roots=[elsewhere]) as plugin:
        git = plugin.provider("git", IVersionControlProvider)
        with pytest.raises(ProviderError, match="it cannot connect"):
            await git.commit("m", ["README"])
    async with load_plugin(PLUGIN, config=config, roots=[repository.folder.parent]) as plugin:  # the control
        await plugin.provider("git", IVersionControlProvider).connect()


async def test_no_hook_of_the_repository_runs_outside_the_sandbox(git, repository, tmp_path):
    mark = tmp_path / "mark"
    hook = repository.folder / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    repository.write("README", "second")
    await git.commit("with a hook", ["README"])
    assert not mark.exists()
    repository.write("README", "third")
    repository.run("commit", "--quiet", "--all", "--message=the control")
    assert mark.exists()
