"""``gh-sync``: git's own server accepts what is pushed, and git finds it whole."""

from __future__ import annotations

import os

import pytest


async def test_a_new_branch_arrives_with_its_very_commits(plugin, work, github):
    tip = work.commit("second", **{"a.txt": "a\n"})
    told = await plugin.execute_command("gh-sync")
    assert told == {
        "success": True,
        "repo": "ada/app",
        "branch": "topic",
        "state": "new",
        "commits": 1,
        "pushed": True,
        "pr_url": None,
    }
    assert github.branches()["topic"] == tip == work.tip("origin/topic")
    assert work.git("fsck", "--full", "--strict") == ""


async def test_a_branch_without_commits_of_its_own_is_made_all_the_same(plugin, work, github):
    told = await plugin.execute_command("gh-sync")
    assert (told["state"], told["commits"], told["pushed"]) == ("new", 0, True)
    assert github.branches()["topic"] == github.branches()["main"]


async def test_reading_is_enough_to_push(plugin, work, github):
    tip = work.commit("second")
    plugin.revoke_permission("filesystem.write")
    assert (await plugin.execute_command("gh-sync"))["pushed"]
    assert github.branches()["topic"] == tip
    assert work.git("for-each-ref", "refs/remotes/origin/topic") == ""


async def test_a_history_that_is_cut_off_is_named(plugin, work):
    (work.folder / ".git" / "shallow").write_text(work.tip() + "\n")
    with pytest.raises(ValueError, match="git fetch --unshallow"):
        await plugin.execute_command("gh-sync")


async def test_what_is_the_same_is_not_pushed_again(plugin, work, github):
    work.commit("second")
    await plugin.execute_command("gh-sync")
    told = await plugin.execute_command("gh-sync")
    assert (told["state"], told["commits"], told["pushed"]) == ("same", 0, False)
    assert [request.method for request in plugin.github.requests].count("POST") == 1


async def test_only_what_is_missing_is_sent(plugin, work, github, stand_in):
    for number in range(20):
        work.commit(f"number {number}", **{f"file{number}": os.urandom(4000).hex()})
    work.send(github, "topic")
    tip = work.commit("the last", README="changed\n")
    assert (await plugin.execute_command("gh-sync"))["commits"] == 1
    (push,) = [request for request in plugin.github.requests if request.method == "POST"]
    assert len(push.body) < 2000
    assert github.branches()["topic"] == tip


async def test_every_kind_of_entry_arrives_from_a_packed_repository(plugin, work, github, stand_in):
    work.write("deep/er/binary", bytes(range(256)) * 200)
    work.write("run.sh", "#!/bin/sh\n")
    (work.folder / "run.sh").chmod(0o755)
    (work.folder / "link").symlink_to("README")
    work.write("größe", "letters")
    work.git("add", "--all")
    work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    work.commit("all kinds")
    work.git("rm", "--quiet", "run.sh")
    tip = work.commit("less")
    work.git("gc", "--quiet")
    await plugin.execute_command("gh-sync")
    assert github.branches()["topic"] == tip
    assert stand_in.git(github.folder, "fsck", "--full", "--strict") == ""


async def test_merges_and_foreign_time_zones_keep_their_ids(plugin, work, github):
    work.git("checkout", "--quiet", "-b", "side", "main")
    work.git("commit", "--quiet", "--allow-empty", "-m", "side", GIT_AUTHOR_DATE="1700000000 +0545")
    work.git("checkout", "--quiet", "topic")
    work.commit("mine", mine="1")
    work.git("merge", "--quiet", "--no-edit", "side")
    assert (await plugin.execute_command("gh-sync"))["commits"] == 3
    assert github.branches()["topic"] == work.tip()


async def test_a_dry_run_tells_and_does_nothing(plugin, work, github):
    work.commit("second")
    told = await plugin.execute_command("gh-sync", dry_run=True)
    assert (told["state"], told["commits"], told["pushed"]) == ("new", 1, False)
    assert set(github.branches()) == {"main"}


async def test_what_others_have_pushed_is_never_overwritten(plugin, work, github):
    work.commit("theirs")
    work.send(github, "topic")
    theirs = work.tip()
    work.git("update-ref", "-d", "refs/remotes/origin/topic")
    work.git("reset", "--quiet", "--hard", "main")
    assert (await plugin.execute_command("gh-sync", dry_run=True))["state"] == "behind"
    work.commit("ours")
    assert (await plugin.execute_command("gh-sync", dry_run=True))["state"] == "diverged"
    with pytest.raises(Exception, match="GitHub has commits of topic that are not here; 'git pull'"):
        await plugin.execute_command("gh-sync")
    assert github.branches()["topic"] == theirs


async def test_whoever_is_faster_wins(plugin, work, github, stand_in):
    first = work.tip()
    work.commit("ours")
    github.before_push = lambda: stand_in.git(github.folder, "update-ref", "refs/heads/topic", first)
    with pytest.raises(Exception, match="GitHub does not accept topic: "):
        await plugin.execute_command("gh-sync")
    assert github.branches()["topic"] == first


async def test_what_the_server_refuses_is_said_in_its_words(plugin, work, github):
    hook = github.folder / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    work.commit("second")
    with pytest.raises(Exception, match="GitHub does not accept topic: hook declined"):
        await plugin.execute_command("gh-sync")
    assert "topic" not in github.branches()


async def test_no_other_forge_is_told_of(plugin, work):
    for url in (
        "https://gitlab.com/ada/app.git",
        "https://github.com.example.org/ada/app.git",
        "https://github.com@example.org/ada/app.git",
        "git@example.org:github.com/app.git",
    ):
        work.git("remote", "set-url", "origin", url)
        with pytest.raises(ValueError, match=r"is not at github\.com"):
            await plugin.execute_command("gh-sync")
    assert plugin.github.requests == []


async def test_a_clone_by_ssh_is_pushed_over_https(plugin, work, github):
    for url in ("git@github.com:ada/app.git", "ssh://git@github.com/ada/app"):
        work.git("remote", "set-url", "origin", url)
        tip = work.commit(url)
        assert (await plugin.execute_command("gh-sync"))["pushed"]
        assert github.branches()["topic"] == tip


async def test_a_broken_repository_is_one_sentence(plugin, work, github):
    work.commit("second", **{"a.txt": "a\n"})
    blob = work.tip("HEAD:a.txt")
    (work.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ValueError, match="cannot be read; see 'git fsck'"):
        await plugin.execute_command("gh-sync")
    assert "topic" not in github.branches()
