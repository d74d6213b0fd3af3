"""What happens when sessions come and go."""

from __future__ import annotations

from yesman.plugins.testing import Reply

URL = "https://github.com/ada/app/pull/1"


async def created(plugin):
    await plugin.emit_event("session.created", session="work")


async def closed(plugin, work):
    session = await plugin.get_session("work")
    await plugin.emit_event("session.closed", session="work", id=session.id, cwd=str(work.folder))


async def test_a_session_knows_its_pull_request(plugin, work, github):
    github.pulls["topic"] = {"html_url": URL}
    await created(plugin)
    assert (await plugin.get_session("work")).metadata["github.pull_request"] == URL


async def test_a_closed_session_leaves_word_of_what_is_open(plugin, work, github):
    await created(plugin)
    github.pulls["topic"] = {"html_url": URL}
    work.commit("never pushed")
    await closed(plugin, work)
    title, body, urgency = plugin.notifications[0]
    assert (title, urgency) == ("work is closed: topic", "normal")
    assert body == f"The pull request is open: {URL}\n1 commit not on GitHub, the last one: never pushed"
    await closed(plugin, work)
    assert len(plugin.notifications) == 1


async def test_a_session_that_leaves_nothing_is_closed_in_silence(plugin, work):
    await created(plugin)
    await closed(plugin, work)
    assert plugin.notifications == []


async def test_a_folder_out_of_reach_hides_no_pull_request(plugin, work, github):
    await created(plugin)
    github.pulls["topic"] = {"html_url": URL}
    await plugin.revoke_permission("filesystem.read")
    await plugin.revoke_permission("filesystem.write")
    await closed(plugin, work)
    assert [body for _, body, _ in plugin.notifications] == [f"The pull request is open: {URL}"]


async def test_sessions_elsewhere_are_nothing_to_github(plugin, work):
    work.git("remote", "set-url", "origin", "https://gitlab.com/ada/app.git")
    await created(plugin)
    await closed(plugin, work)
    assert plugin.github.requests == []
    assert plugin.notifications == []


async def test_github_that_is_not_there_is_logged_and_holds_up_nothing(plugin, work):
    plugin.mock_external_api("github.com", lambda _: Reply({}, 503))
    await created(plugin)
    assert any("WARNING work: GitHub" in line for line in plugin.log)
