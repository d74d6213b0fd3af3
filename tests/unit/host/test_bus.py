"""Each plugin hears its events in order; a slow or failing one delays nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import pytest

from yesman.host.bus import MAX_PAYLOAD, MAX_SUBSCRIPTIONS, QUEUE_BYTES, QUEUE_LENGTH, Bus
from yesman.model.errors import AuthorError, PluginFailedError, UsageError
from yesman.wire.frames import UnserialisableError


class Plugins:
    """What the bus needs of the manager: who listens, and what they make of it."""

    def __init__(self, *names, reads=()):
        self.names = names
        self.reads = set(reads)
        self.heard = defaultdict(list)
        self.logged = defaultdict(list)
        self.gates = {}
        self.failing = set()
        self.failure = PluginFailedError("it failed")
        self.news = asyncio.Event()

    def hooked(self, event):
        return self.names if event.startswith("session.") else ()

    def sees_session(self, plugin, session):
        return session is not None and plugin in self.reads

    async def deliver(self, plugin, event):
        if plugin in self.gates:
            await self.gates[plugin].wait()
        self.heard[plugin].append(event)
        self.news.set()
        if plugin in self.failing:
            raise self.failure

    def log(self, plugin, level, message):
        self.logged[plugin].append(message if level >= logging.ERROR else "")


async def settled(plugins, plugin, count):
    async with asyncio.timeout(10):
        while len(plugins.heard[plugin]) < count:
            plugins.news.clear()
            await plugins.news.wait()


@pytest.fixture
def made():
    def make(*names, **more):
        bus, plugins = Bus(), Plugins(*names, **more)
        bus.attach(plugins)
        return bus, plugins

    return make


async def test_events_come_in_order_with_a_whole_envelope(made):
    bus, plugins = made("a")
    for number in range(100):
        bus.publish("session.x", {"n": number}, source="host")
    await settled(plugins, "a", 100)
    assert [event["payload"]["n"] for event in plugins.heard["a"]] == list(range(100))
    numbers = [event["seq"] for event in plugins.heard["a"]]
    assert numbers == sorted(set(numbers))
    assert set(plugins.heard["a"][0]) == {
        "id", "time", "seq", "name", "source", "session", "version", "payload",
    }  # fmt: skip
    assert len({event["id"] for event in plugins.heard["a"]}) == 100


async def test_who_hangs_delays_nobody(made):
    bus, plugins = made("slow", "quick")
    plugins.gates["slow"] = asyncio.Event()
    for _ in range(3):
        bus.publish("session.x", {}, source="host")
    await settled(plugins, "quick", 3)
    assert plugins.heard["slow"] == []
    plugins.gates["slow"].set()
    await settled(plugins, "slow", 3)


async def test_who_fails_is_logged_and_hears_the_next(made):
    bus, plugins = made("broken")
    plugins.failing.add("broken")
    bus.publish("session.x", {}, source="host")
    bus.publish("session.y", {}, source="host")
    await settled(plugins, "broken", 2)
    await asyncio.sleep(0)
    assert ["session.x #1" in plugins.logged["broken"][0], len(plugins.logged["broken"])] == [True, 2]


async def test_the_payload_is_for_those_who_may_read_the_session(made):
    bus, plugins = made("may", "may-not", reads=["may"])
    bus.publish("session.x", {"cwd": "/secret"}, source="host", session="work")
    await settled(plugins, "may", 1)
    await settled(plugins, "may-not", 1)
    assert plugins.heard["may"][0]["payload"] == {"cwd": "/secret"}
    assert plugins.heard["may-not"][0]["payload"] == {}
    assert plugins.heard["may-not"][0]["session"] == "work"


async def test_an_event_without_a_session_is_for_everybody(made):
    bus, plugins = made("a")
    bus.subscribe("a", "plugin.b.*")
    bus.publish("plugin.b.said", {"x": 1}, source="plugin:b")
    await settled(plugins, "a", 1)
    assert plugins.heard["a"][0]["payload"] == {"x": 1}


async def test_hook_and_subscription_together_are_one_delivery(made):
    bus, plugins = made("a")
    bus.subscribe("a", "session.*")
    bus.publish("session.x", {}, source="host")
    bus.publish("session.y", {}, source="host")
    await settled(plugins, "a", 2)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.x", "session.y"]


async def test_a_subscription_ends(made):
    bus, plugins = made("hooked")
    bus.subscribe("a", "session.x")
    bus.unsubscribe("a", "session.x")
    bus.subscribe("b", "session.x")
    bus.forget("b")
    bus.publish("session.x", {}, source="host")
    await settled(plugins, "hooked", 1)
    assert set(plugins.heard) == {"hooked"}


async def test_subscriptions_are_counted(made):
    bus, _ = made()
    for number in range(MAX_SUBSCRIPTIONS):
        bus.subscribe("a", f"plugin.{number}")
    with pytest.raises(UsageError, match="subscriptions"):
        bus.subscribe("a", "plugin.more")


@pytest.mark.escape("resources")
async def test_the_oldest_events_of_a_slow_listener_are_dropped_and_counted(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    bus.publish("session.first", {}, source="host")
    await asyncio.sleep(0)  # it is being delivered
    for number in range(QUEUE_LENGTH + 5):
        bus.publish("session.x", {"n": number}, source="host")
    plugins.gates["slow"].set()
    await settled(plugins, "slow", QUEUE_LENGTH + 1)
    assert [e["payload"].get("n") for e in plugins.heard["slow"]] == [None, *range(5, QUEUE_LENGTH + 5)]
    assert len([line for line in plugins.logged["slow"] if "dropped" in line]) == 5


@pytest.mark.escape("resources")
async def test_large_events_of_a_slow_listener_give_way_before_there_are_many(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    text = "x" * (MAX_PAYLOAD - 100)
    fitting = QUEUE_BYTES // len(text)
    for number in range(2 * fitting):
        bus.publish("session.x", {"n": number, "text": text}, source="host")
    plugins.gates["slow"].set()
    await settled(plugins, "slow", fitting - 2)
    assert plugins.heard["slow"][-1]["payload"]["n"] == 2 * fitting - 1
    assert fitting <= len([line for line in plugins.logged["slow"] if "dropped" in line]) <= fitting + 2


async def test_a_payload_has_a_largest_size(made):
    bus, plugins = made("a")
    bus.publish("session.x", {"x": "y" * (MAX_PAYLOAD - 8)}, source="host")
    with pytest.raises(UsageError, match=r"session\.y"):
        bus.publish("session.y", {"x": "y" * (MAX_PAYLOAD - 7)}, source="host")
    await settled(plugins, "a", 1)


@pytest.mark.parametrize("name", ["", "a b", "plugin.x\n", "plugin." + "x" * 122, "plugin.[a]"])
async def test_names_and_patterns_of_events_are_bounded(made, name):
    bus, _ = made()
    with pytest.raises(UsageError, match="event"):
        bus.publish(name, {}, source="host")
    with pytest.raises(UsageError, match="event"):
        bus.subscribe("a", name)
    bus.subscribe("a", "plugin." + "?" * 121)


@pytest.mark.parametrize(
    "failure", [AuthorError("no"), UnserialisableError("no"), ValueError("no"), OSError()]
)
async def test_whatever_one_event_meets_the_next_is_delivered(made, failure):
    bus, plugins = made("broken")
    plugins.failing.add("broken")
    plugins.failure = failure
    for _ in range(3):
        bus.publish("session.x", {}, source="host")
    await settled(plugins, "broken", 3)
    assert [event["seq"] for event in plugins.heard["broken"]] == [1, 2, 3]


async def test_closing_ends_deliveries_that_hang(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    bus.publish("session.x", {}, source="host")
    await asyncio.sleep(0)
    await bus.close()
    assert plugins.heard["slow"] == []


async def test_nobody_listens_to_a_bus_without_plugins():
    Bus().publish("session.x", {}, source="host")
