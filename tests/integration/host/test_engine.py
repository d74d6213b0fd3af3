"""The engine of hooks on real plugins: votes, filters and first answers."""

from __future__ import annotations

import pytest

from yesman.model.hook_specs import DetectingPayload, NotificationPayload, PromptPayload
from yesman.testkit.hosting import Host

PROMPT = PromptPayload("claude", "%1", 1, {"question": "Proceed?", "options": ["Yes", "No"]})
NOTE = NotificationPayload("title", "body", "normal")
ALLOW, DENY = "return Allow('Yes')", "return Deny('not today')"


class Engine:
    """A host with plugins that have one hook each."""

    def __init__(self, host, plugins, event, permission):
        self.host, self.plugins, self.event, self.permission = host, plugins, event, permission

    async def add(self, name, hook):
        folder = self.plugins.make(name, hooks={self.event: hook}, permissions=[self.permission])
        await self.host.install(folder, {})

    @property
    def hooks(self):
        return self.host.manager.hooks


@pytest.fixture
async def engine(plugins):
    host = Host()
    yield lambda event, permission: Engine(host, plugins, event, permission)
    await host.close()


async def vote(engine, **voters):
    made = engine("prompt.answering", "session.type")
    for name, body in voters.items():
        await made.add(name, body)
    return await made.hooks.vote(
        "prompt.answering", PROMPT, PROMPT.prompt["options"], session="work", source="host"
    )


async def test_one_yes_and_no_objection_is_an_answer(engine):
    verdict = await vote(engine, yes=ALLOW, silent="return None")
    assert (verdict.goes_ahead, verdict.option, verdict.by) == (True, "Yes", ("yes",))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (DENY, "other: not today"),
        ("return Allow('No')", "the plugins do not agree on an answer"),
        ("os._exit(1)", "other could not vote"),
        ("raise ValueError", "other could not vote"),
        ("return True", "other could not vote"),
        ("return {'allow': ['Yes']}", "other could not vote"),
    ],
)
async def test_deny_and_every_failure_beat_allow(engine, other, why):
    verdict = await vote(engine, yes=ALLOW, other=other)
    assert (verdict.goes_ahead, verdict.why) == (False, why)


async def test_without_a_voter_there_is_no_answer(engine):
    assert not (await vote(engine)).goes_ahead


async def test_filters_run_by_wish_then_priority_then_name(engine, hook):
    made = engine("notification.sending", "session.modify")
    add = "return {{'title': event.payload['title'] + '{}'}}"
    await made.add("a", hook(add.format("a"), "def"))
    await made.add("b", hook(add.format("b"), priority=10))
    await made.add("c", hook(add.format("c"), before=["b"]))
    await made.add("d", hook("os._exit(1)", priority=100))
    await made.add("e", hook(add.format("e"), priority=100, after=["a"]))
    changed = await made.hooks.filter("notification.sending", NOTE, session=None, source="host")
    assert changed == NotificationPayload("titleaecb", "body", "normal")


async def test_the_first_answer_counts(engine):
    made = engine("agent.detecting", "session.read")
    for name, body in (
        ("a", "return None"),
        ("b", "os._exit(1)"),
        ("c", "return 'codex'"),
        ("d", "return 'd'"),
    ):
        await made.add(name, body)
    payload = DetectingPayload("%1", "codex")
    assert await made.hooks.first("agent.detecting", payload, session="w", source="host") == ("codex", "c")
