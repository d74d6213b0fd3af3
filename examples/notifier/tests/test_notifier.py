"""What is said of events, and that it arrives: in the sandbox, at a real webhook."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from yesman.plugins import (
    Event,
    EventBus,
    INotificationProvider,
    Notifications,
    PluginContext,
    ProviderError,
    SessionManager,
    TmuxManager,
)
from yesman.plugins.testing import load_plugin

PLUGIN = Path(__file__).resolve().parents[1]


def event(name="session.created", session="work", **payload) -> Event:
    return Event("id-1", 1709208000.5, 1, name, "tmux", session, 1, payload)


class Asked:
    """A transport that keeps what the host was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict]] = []

    def call(self, method, /, **params):
        self.calls.append((method, params))


@pytest.fixture
async def by_hand(modules, receiver):
    """The plugin's object with a context made by hand, and what it asks of the host."""
    asked = Asked()
    services = SessionManager(asked), TmuxManager(asked), EventBus(asked)
    config = {"url": receiver.url, "token": ""}
    context = PluginContext("notifier", str(PLUGIN), config, logging.getLogger("notifier"), *services)
    context.notifications = Notifications(asked)
    plugin = modules.main.NotifierPlugin(context)
    await plugin.initialize()
    return plugin, asked.calls


async def test_a_message_of_another_plugin_reaches_the_webhook(notifier, receiver):
    await notifier.provider("webhook", INotificationProvider).send("git: <!channel>", "a & b", "critical")
    ((headers, data),) = receiver.posts
    assert headers["Authorization"] == "Bearer t0ken"
    assert data == {
        "text": "git: &lt;!channel&gt;\na &amp; b",
        "event": "notification",
        "urgency": "critical",
    }


@pytest.mark.parametrize("status", [302, 400, 503])
async def test_a_webhook_that_refuses_is_named_without_its_address(notifier, receiver, status):
    receiver.status = status
    with pytest.raises(ProviderError, match=f"the webhook answered {status}") as failed:
        await notifier.provider("webhook", INotificationProvider).send("t", "")
    assert receiver.url not in str(failed.value)
    assert len(receiver.posts) == 1, "a redirect is not followed"


async def test_nobody_there_is_one_sentence(receiver):
    url = receiver.url.replace("127.0.0.1:", "127.0.0.1:1/")
    async with load_plugin(PLUGIN, config={"url": url}) as plugin:
        with pytest.raises(ProviderError, match="the webhook cannot be reached"):
            await plugin.provider("webhook", INotificationProvider).send("t", "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org", "https://", "example.org"])
async def test_an_address_that_is_none_is_refused_at_once(url):
    with pytest.raises(Exception, match="must start with https:// or http://"):
        async with load_plugin(PLUGIN, config={"url": url}):
            pass


async def test_an_agents_question_is_shown_and_posted(by_hand, receiver):
    plugin, calls = by_hand
    prompt = {"question": "Do you want\x1b[2J to proceed?", "options": ["Yes", "No"]}
    plugin.on_event(event("prompt.detected", agent="claude", prompt=prompt))
    assert calls == [
        (
            "notification.send",
            {
                "title": "claude asks in work",
                "body": "Do you want [2J to proceed?",
                "urgency": "critical",
            },
        )
    ]
    assert receiver.posts[0][1]["text"] == "claude asks in work\nDo you want [2J to proceed?"


async def test_what_asks_for_nobody_is_posted_only(by_hand, receiver):
    plugin, calls = by_hand
    plugin.on_event(event(cwd="/srv/app"))
    plugin.on_event(event("agent.exited", agent="claude"))
    assert calls == []
    assert [data["text"] for _, data in receiver.posts] == [
        "work was made\n/srv/app",
        "claude has ended in work",
    ]
    assert receiver.posts[0][1]["id"] == "id-1"


async def test_a_webhook_that_fails_keeps_nothing_from_the_user(by_hand, receiver, caplog):
    plugin, calls = by_hand
    receiver.status = 500
    plugin.on_event(event("session.closed"))
    assert [params["title"] for _, params in calls] == ["work is closed"]
    assert caplog.messages == ["session.closed was not told: the webhook answered 500"]


def test_hooks_are_those_of_the_manifest(modules):
    manifest = (PLUGIN / "plugin.yaml").read_text()
    assert all(f"- name: {name}\n        handler: on_event" in manifest for name in modules.main.EVENTS)
