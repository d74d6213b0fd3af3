"""``gh-create-pr``, and what either command says when it cannot be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from yesman.plugins.testing import PluginTestCase, Reply, load_plugin

PLUGIN = Path(__file__).resolve().parents[1]


class TestCreatePr(PluginTestCase):
    """As an author's test case: without a repository, against two prepared answers."""

    plugin_name = "github-integration"
    config = {"github_token": "t0ken", "default_branch": "trunk"}  # noqa: RUF012 - as it is documented

    async def asyncSetUp(self):
        await super().asyncSetUp()
        pulls = "/repos/owner/project/pulls"
        url = "https://github.com/owner/project/pull/7"
        repo = {"url": "https://api.github.com/repos/owner/project"}
        answers = {
            "GET /repos/owner/project": repo,
            f"POST {pulls}": Reply({"html_url": url}, 201),
        }
        self.github = self.mock_external_api("github.com", answers)

    async def test_the_pull_request_is_of_the_sessions_branch(self):
        made = await self.execute_command("gh-create-pr", title="Test PR", body="Test body")
        assert made == {"success": True, "pr_url": "https://github.com/owner/project/pull/7"}
        asked = self.github.requests[-1]
        assert asked.json() == {"title": "Test PR", "body": "Test body", "base": "trunk", "head": "topic"}
        assert asked.headers["authorization"] == "token t0ken"

    async def test_another_base_may_be_named(self):
        await self.execute_command("gh-create-pr", title="T", body="B", base="release")
        assert self.github.requests[-1].json()["base"] == "release"

    async def test_it_needs_the_network(self):
        self.revoke_permission("network.external")
        with pytest.raises(PermissionError, match=r"network\.external"):
            await self.execute_command("gh-create-pr", title="T", body="B")
        assert self.github.requests == []

    async def test_it_needs_to_see_the_session(self):
        self.revoke_permission("session.read")
        with pytest.raises(PermissionError, match=r"session\.read"):
            await self.execute_command("gh-create-pr", title="T", body="B")

    async def test_a_pull_request_that_cannot_be_noted_is_made_all_the_same(self):
        self.revoke_permission("session.modify")
        assert (await self.execute_command("gh-create-pr", title="T", body="B"))["success"]
        assert any("session.modify" in line for line in self.log)

    def test_nothing_that_the_manifest_names_is_missing(self):
        assert self.warnings == []


async def test_the_pull_request_is_noted_where_others_see_it(plugin, work, github):
    await plugin.execute_command("gh-sync")
    url = (await plugin.execute_command("gh-create-pr", title="T", body="B"))["pr_url"]
    assert github.pulls["topic"]["html_url"] == url
    assert (await plugin.execute_command("gh-sync"))["pr_url"] == url
    assert any(f"created {url}" in line for line in plugin.log)


async def test_a_branch_that_is_not_on_github_is_named_as_the_reason(plugin, work):
    with pytest.raises(Exception, match="GitHub refuses: Validation Failed: head is invalid"):
        await plugin.execute_command("gh-create-pr", title="T", body="B")


@pytest.mark.parametrize("command", ["gh-create-pr", "gh-sync"])
async def test_a_token_that_is_not_accepted_is_a_sentence_with_the_next_step(github, stand_in, command):
    async with load_plugin(PLUGIN, config={"github_token": "stolen"}) as plugin:
        plugin.mock_external_api("github.com", github)
        await plugin.create_session("work", repo=stand_in.REPO)
        options = {"title": "T", "body": "B"} if command == "gh-create-pr" else {}
        with pytest.raises(Exception, match="yesman plugin config github-integration github_token") as said:
            await plugin.execute_command(command, **options)
        assert "stolen" not in str(said.value)


REFUSALS = {
    "no more requests": Reply({"message": "API rate limit exceeded"}, 403),
    "shows ada/app to nobody with this token": Reply({"message": "Not Found"}, 404),
    "GitHub refuses: oh": Reply({"message": "oh"}, 500),
    "GitHub refuses": Reply("<html>", 502),
}


async def test_github_is_quoted(plugin, stand_in):
    await plugin.create_session("work", repo=stand_in.REPO)
    for said, reply in REFUSALS.items():
        service = plugin.mock_external_api("github.com", lambda _, reply=reply: reply)
        with pytest.raises(Exception, match=said):
            await plugin.execute_command("gh-create-pr", title="T", body="B")
        assert len(service.requests) == 1, "nothing is repeated"


async def test_the_token_is_not_carried_on_to_another_address(plugin, work):
    elsewhere = plugin.mock_external_api("elsewhere.example", lambda _: "")
    for status in (301, 302, 307):
        moved = Reply("", status, {"Location": "https://elsewhere.example/"})
        service = plugin.mock_external_api("github.com", lambda _, moved=moved: moved)
        with pytest.raises(Exception, match="ada/app has moved; give the remote 'origin' its new URL"):
            await plugin.execute_command("gh-sync")
        assert (len(service.requests), elsewhere.requests) == (1, [])


async def test_what_no_git_server_says_is_a_sentence(plugin, work):
    for answer in (b"", b"no git", b"0004", b"ffff", b"001e# service=git-upload-pack\n0000"):
        plugin.mock_external_api("github.com", lambda _, answer=answer: answer)
        with pytest.raises(Exception, match=r"github\.com answers as no git server does"):
            await plugin.execute_command("gh-sync")


async def test_a_session_in_no_checkout_is_named(plugin):
    await plugin.create_session("plain")
    with pytest.raises(ValueError, match="session 'plain' is in no checkout"):
        await plugin.execute_command("gh-sync")


async def test_a_folder_out_of_reach_is_said_to_be(plugin, work):
    await plugin.revoke_permission("filesystem.read")
    await plugin.revoke_permission("filesystem.write")
    with pytest.raises((PermissionError, ValueError)):
        await plugin.execute_command("gh-sync")
