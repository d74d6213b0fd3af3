"""Plugins are asked by kind and in order; one that fails, hangs or lies harms nobody else's answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from yesman.host.audience import Listener
from yesman.host.bus import Bus
from yesman.host.hooks import Hooks
from yesman.host.outbox import Outbox
from yesman.model import hook_specs
from yesman.model.errors import PluginFailedError
from yesman.model.hook_specs import CreatingPayload, DetectingPayload, NotificationPayload, PromptPayload
from yesman.model.manifest import DeclaredHook
from yesman.model.permissions import parse_permission

CREATING = CreatingPayload("/repo", None, "user")
NOTE = NotificationPayload("title", "body", "normal")
PROMPT = PromptPayload("claude", "%1", 1, {"question": "Proceed?", "options": ["Yes", "No"]})


class Plugins:
    """Plugins whose answers are functions of the event they are asked about."""

    def __init__(self, **answers):
        self.answers = answers
        self.hooks = {name: (DeclaredHook("*.*"),) for name in answers}
        self.grants = dict.fromkeys(answers, ("session.modify", "session.type", "session.read"))
        self.asked = []
        self.logged = defaultdict(list)
        self.unstartable = set()

    def consulted(self, _event):
        return [Listener(name, hooks) for name, hooks in self.hooks.items()]

    def granted(self, plugin):
        return tuple(map(parse_permission, self.grants[plugin]))

    async def ready(self, plugin):
        if plugin in self.unstartable:
            raise PluginFailedError("it is quarantined")

    async def ask(self, plugin, method, event, hooks):
        self.asked.append((plugin, method, hooks))
        answer = self.answers[plugin]
        value = answer(event) if callable(answer) else answer
        return await value if asyncio.iscoroutine(value) else value

    def log(self, plugin, _level, message):
        self.logged[plugin].append(message)


def crash(_event):
    raise PluginFailedError("it died")


async def hang(_event):
    await asyncio.Event().wait()


@pytest.fixture
def engine(tmp_path, monkeypatch):
    specs = {
        name: spec._replace(deadline=0.05 if name != "prompt.answering" else 0.2)
        for name, spec in hook_specs.BY_NAME.items()
    }
    monkeypatch.setattr("yesman.host.hooks.BY_NAME", specs)
    return lambda plugins: Hooks(Bus(Outbox(tmp_path / "events.db")), plugins)


async def creating(hooks, session="work"):
    return await hooks.veto("session.creating", CREATING, session=session, source="host")


async def vote(hooks):
    return await hooks.vote(
        "prompt.answering", PROMPT, PROMPT.prompt["options"], session="work", source="host"
    )


async def test_one_veto_is_enough_and_says_why(engine):
    told = await creating(engine(Plugins(quiet=[None], guard=[{"deny": "not on Fridays"}])))
    assert (told.goes_ahead, told.why) == (False, "guard: not on Fridays")


@pytest.mark.parametrize("broken", [crash, hang, [{"deny": 1}], "yes", [True]])
async def test_a_broken_plugin_forbids_only_if_it_said_that_it_would(engine, broken):
    plugins = Plugins(broken=broken)
    assert (await creating(engine(plugins))).goes_ahead
    plugins.hooks["broken"] = (DeclaredHook("session.creating", on_error="closed"),)
    refused = await creating(engine(plugins))
    assert not refused.goes_ahead
    assert refused.why.startswith("broken: it could not be asked")


async def test_the_others_are_heard_while_one_hangs(engine):
    plugins = Plugins(hangs=hang, **{f"p{n}": [None] for n in range(18)}, guard=[{"deny": "no"}])
    assert (await creating(engine(plugins))).by == ("guard",)
    assert len(plugins.asked) == 20


async def test_who_cannot_be_started_cannot_be_asked(engine):
    plugins = Plugins(broken=[{"deny": "no"}])
    plugins.unstartable.add("broken")
    assert (await creating(engine(plugins))).goes_ahead
    assert plugins.asked == []


@pytest.mark.parametrize(
    ("grant", "goes_ahead"),
    [("session.modify:work", False), ("session.modify:home", True), ("session.read", True)],
)
async def test_only_whoever_may_change_the_session_may_forbid(engine, grant, goes_ahead):
    plugins = Plugins(guard=[{"deny": "no"}])
    plugins.grants["guard"] = (grant,)
    assert (await creating(engine(plugins))).goes_ahead is goes_ahead


async def test_only_hooks_that_want_the_event_are_asked(engine):
    plugins = Plugins(guard=[{"deny": "no"}])
    plugins.hooks["guard"] = (DeclaredHook("session.creating", session="home-*"),)
    assert (await creating(engine(plugins))).goes_ahead
    assert not (await creating(engine(plugins), "home-1")).goes_ahead


async def test_votes_need_a_yes_and_no_failure(engine):
    assert (await vote(engine(Plugins(a=[{"allow": "Yes"}], b=[None])))).option == "Yes"
    assert not (await vote(engine(Plugins(b=[None])))).goes_ahead
    assert not (await vote(engine(Plugins(a=[{"allow": "Yes"}], b=crash)))).goes_ahead
    assert not (await vote(engine(Plugins(a=[{"allow": "Yes"}], b=hang)))).goes_ahead


async def test_a_filter_sees_what_the_one_before_it_changed(engine):
    add = lambda event: {**event["payload"], "title": event["payload"]["title"] + "!"}  # noqa: E731 - a table of lambdas
    hooks = engine(Plugins(a=add, b=add))
    changed = await hooks.filter("notification.sending", NOTE, session=None, source="host")
    assert changed == NotificationPayload("title!!", "body", "normal")


@pytest.mark.parametrize(
    "broken", [crash, hang, {"title": 1}, {"title": "x" * 20_000, "body": "", "urgency": ""}, []]
)
async def test_a_broken_filter_changes_nothing(engine, broken):
    plugins = Plugins(broken=broken, good={"title": "good", "body": "", "urgency": "low"})
    changed = await engine(plugins).filter("notification.sending", NOTE, session=None, source="host")
    assert changed.title == "good"
    assert plugins.logged["broken"]


async def test_the_first_answer_ends_the_asking(engine):
    plugins = Plugins(broken=crash, silent=[None], knows=["codex"], late=["other"])
    hooks = engine(plugins)
    asked = DetectingPayload("%1", "codex")
    assert await hooks.first("agent.detecting", asked, session="w", source="host") == ("codex", "knows")
    assert [plugin for plugin, _, _ in plugins.asked] == ["broken", "silent", "knows"]


async def test_who_fails_without_a_word_has_failed_all_the_same(engine):
    def silent(_event):
        raise PluginFailedError("", failure="exit")

    plugins = Plugins(broken=silent)
    plugins.hooks["broken"] = (DeclaredHook("session.creating", on_error="closed"),)
    assert not (await creating(engine(plugins))).goes_ahead
    assert not (await vote(engine(Plugins(a=[{"allow": "Yes"}], b=silent)))).goes_ahead


@pytest.mark.escape("grants")
async def test_who_may_not_read_the_session_is_asked_without_its_payload(engine):
    plugins = Plugins(guard=lambda event: [{"deny": str(event["payload"])}])
    plugins.grants["guard"] = ("session.modify", "session.read:home")
    assert (await creating(engine(plugins))).why == "guard: {}"
    assert "/repo" in (await creating(engine(plugins), "home")).why


async def test_a_plugin_is_not_asked_about_what_it_wants_itself(engine):
    plugins = Plugins(a=[{"deny": "no"}], b=[None])
    told = await engine(plugins).veto("session.creating", CREATING, session="w", source="plugin:a")
    assert told.goes_ahead
    assert [plugin for plugin, _, _ in plugins.asked] == ["b"]


async def test_a_plugin_is_not_asked_about_what_its_answer_has_caused(engine):
    async def acts(event):
        if event["source"] == "host":
            await hooks.veto("session.creating", CREATING, session="inner", source="plugin:a")
        return [None]

    plugins = Plugins(a=acts, b=[None])
    hooks = engine(plugins)
    await creating(hooks)
    await creating(hooks)
    assert sorted(plugin for plugin, _, _ in plugins.asked) == ["a", "a", "b", "b", "b", "b"]


@pytest.mark.parametrize(("on_error", "goes_ahead"), [("closed", False), ("", True)])
async def test_who_could_not_answer_has_failed(engine, on_error, goes_ahead):
    found = []

    def acting(name, when):
        async def answer(event):
            if event["source"] == when:
                source = f"plugin:{name}"
                found.append(await hooks.veto("session.creating", CREATING, session=name, source=source))
            return [None]

        return answer

    plugins = Plugins(a=acting("a", "host"), b=acting("b", "plugin:a"))
    plugins.hooks["a"] = (DeclaredHook("session.creating", on_error=on_error),)
    hooks = engine(plugins)
    await creating(hooks)
    by_b, by_a = found
    assert (by_b.goes_ahead, by_a.goes_ahead) == (goes_ahead, True)


async def test_what_a_filter_adds_of_its_own_reaches_nobody(engine):
    seen = []
    plugins = Plugins(
        a=lambda event: event["payload"] | {"extra": 1},
        b=lambda event: seen.append(event) or event["payload"],
    )
    await engine(plugins).filter("notification.sending", NOTE, session=None, source="host")
    assert seen[0]["payload"] == {"title": "title", "body": "body", "urgency": "normal"}
