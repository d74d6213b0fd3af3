"""Version control for other plugins: git itself says what was done, though none was run."""

from __future__ import annotations

import pytest

from yesman.plugins import ProviderError


async def test_from_a_branch_to_a_pull_request(provider, work, github):
    await provider.create_branch("feature/one")
    work.write("README", "second\n")
    work.write("new file", "text\n")
    made = await provider.commit("Change it\n\nand say why", ["README", "new file"])
    await provider.push("feature/one")
    url = await provider.create_pull_request("Please pull", "It is good.", "main", "feature/one")
    assert work.git("symbolic-ref", "--short", "HEAD") == "feature/one"
    assert github.branches()["feature/one"] == made == work.tip()
    assert github.pulls["feature/one"]["html_url"] == url
    assert work.git("log", "-1", "--format=%B") == "Change it\n\nand say why"
    assert work.git("status", "--short") == ""


async def test_a_commit_is_what_git_would_have_made_of_it(provider, work):
    work.write("deep/er/file", "x")
    work.write("run.sh", "#!/bin/sh\n")
    (work.folder / "run.sh").chmod(0o755)
    (work.folder / "link").symlink_to("README")
    (work.folder / "README").unlink()
    names = ["deep/er/file", "run.sh", "link", "README"]
    await provider.commit("all kinds", names)
    ours = work.tip("HEAD^{tree}")
    work.git("reset", "--quiet", "HEAD~1")
    work.git("add", "--all")
    assert work.git("write-tree") == ours
    assert work.git("fsck", "--full", "--strict", "--no-dangling") == ""


async def test_a_commit_holds_the_named_files_only(provider, work):
    work.write("staged")
    work.git("add", "staged")
    work.write("named")
    await provider.commit("one", ["named"])
    assert work.git("show", "--name-only", "--format=") == "named"
    assert work.git("status", "--short") == "A  staged"


@pytest.mark.parametrize("configured", [False, True])
async def test_a_commit_is_by_whom_the_repository_names_or_the_tokens_owner(provider, work, configured):
    if configured:
        work.git("config", "user.name", "Grace")
        work.git("config", "user.email", "grace@example.org")
    work.write("a")
    await provider.commit("m", ["a"])
    expected = "Grace <grace@example.org>" if configured else "ada <7+ada@users.noreply.github.com>"
    assert (
        work.git("log", "-1", "--format=%an <%ae>") == work.git("log", "-1", "--format=%cn <%ce>") == expected
    )


async def test_what_is_no_new_branch_is_named_and_nothing_is_done(provider, work):
    before = work.git("for-each-ref"), work.git("symbolic-ref", "HEAD")
    for name in ("--force", "-d", "a b", "a..b", "", "HEAD", "@{-1}", "a.lock", "../x", "topic"):
        with pytest.raises(ProviderError, match=r"is no name of a branch|a branch 'topic' already"):
            await provider.create_branch(name)
    assert before == (work.git("for-each-ref"), work.git("symbolic-ref", "HEAD"))


UNFIT = {
    "*": "there is no file",
    "../outside": "no path below",
    "/etc/passwd": "no path below",
    ".git/config": "no path below",
    "a/.GIT/config": "no path below",
    "folder": "is not a file",
    "beyond/file": "beyond a symbolic link",
    "absent": "there is no file",
    "README": "nothing has changed",
}


async def test_what_cannot_be_committed_is_named(provider, work):
    (work.folder.parent / "outside").write_text("x")
    (work.folder / "folder").mkdir()
    work.write("elsewhere/file")
    (work.folder / "beyond").symlink_to("elsewhere")
    before = work.tip()
    for name, said in UNFIT.items():
        with pytest.raises(ProviderError, match=said):
            await provider.commit("m", [name])
    assert work.tip() == before


async def test_no_file_and_no_message_are_no_commit(provider, work):
    for message, files in (("m", []), (" \n", ["README"])):
        with pytest.raises(ProviderError, match="a commit needs a message, and at least one file"):
            await provider.commit(message, files)


async def test_what_git_passes_through_a_program_is_left_to_git(provider, work):
    work.write("art/.gitattributes", "*.psd filter=lfs diff=lfs\n")
    work.write("art/large.psd")
    with pytest.raises(
        ProviderError, match=r"names a filter, perhaps Git LFS; commit 'art/large\.psd' with git"
    ):
        await provider.commit("m", ["art/large.psd"])
    work.write("beside")
    await provider.commit("the control", ["beside"])


async def test_a_merge_that_is_half_done_is_not_finished_by_accident(provider, work):
    work.write("a")
    (work.folder / ".git" / "MERGE_HEAD").write_text(work.tip() + "\n")
    with pytest.raises(ProviderError, match="half done"):
        await provider.commit("m", ["a"])


async def test_no_hook_of_the_repository_runs(provider, work):
    mark = work.folder / "mark"
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction"):
        hook = work.folder / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    work.write("a")
    await provider.commit("m", ["a"])
    assert not mark.exists()
    work.commit("the control")
    assert mark.exists()


async def test_two_sessions_are_asked_about_and_one_is_not(provider, plugin, work, stand_in):
    await plugin.create_session("plain")
    await provider.create_branch("one")
    await plugin.create_session("other", repo=stand_in.REPO)
    with pytest.raises(ProviderError, match="several sessions may be meant: other, work; attach to the one"):
        await provider.create_branch("two")


async def test_a_push_of_what_is_not_there_is_named(provider, work):
    with pytest.raises(ProviderError, match="there is no branch 'absent'"):
        await provider.push("absent")
