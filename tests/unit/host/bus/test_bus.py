"""Each plugin hears its events in order; a slow or failing one delays nobody else."""

from __future__ import annotations

import asyncio

import pytest

from yesman.host.bus import MAX_PAYLOAD, Bus
from yesman.host.outbox import Outbox
from yesman.host.queues import BYTES, LENGTH
from yesman.host.subscriptions import MAX_PATTERNS
from yesman.model.errors import AuthorError, UsageError
from yesman.model.manifest import DeclaredHook
from yesman.wire.frames import UnserialisableError


async def test_events_come_in_order_with_a_whole_envelope(made):
    bus, plugins = made("a")
    for number in range(100):
        bus.publish("session.x", {"n": number}, source="host")
    await plugins.settled("a", 100)
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
    await plugins.settled("quick", 3)
    assert plugins.heard["slow"] == []
    plugins.gates["slow"].set()
    await plugins.settled("slow", 3)


async def test_who_fails_is_logged_and_hears_the_next(made):
    bus, plugins = made("broken")
    plugins.failing.add("broken")
    bus.publish("session.x", {}, source="host")
    bus.publish("session.y", {}, source="host")
    await plugins.settled("broken", 2)
    await asyncio.sleep(0)
    assert ["session.x #1" in plugins.logged["broken"][0], len(plugins.logged["broken"])] == [True, 2]


async def test_the_payload_is_for_those_who_may_read_the_session(made):
    bus, plugins = made("may", "may-not", reads=["may"])
    bus.publish("session.x", {"cwd": "/secret"}, source="host", session="work")
    await plugins.settled("may", 1)
    await plugins.settled("may-not", 1)
    assert plugins.heard["may"][0]["payload"] == {"cwd": "/secret"}
    assert plugins.heard["may-not"][0]["payload"] == {}
    assert plugins.heard["may-not"][0]["session"] == "work"


async def test_an_event_without_a_session_is_for_everybody(made):
    bus, plugins = made("a")
    bus.subscriber("a").subscribe("plugin.b.*")
    bus.publish("plugin.b.said", {"x": 1}, source="plugin:b")
    await plugins.settled("a", 1)
    assert plugins.heard["a"][0]["payload"] == {"x": 1}


async def test_hook_and_subscription_together_are_one_delivery(made):
    bus, plugins = made("a")
    bus.subscriber("a").subscribe("session.*")
    bus.publish("session.x", {}, source="host")
    bus.publish("session.y", {}, source="host")
    await plugins.settled("a", 2)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.x", "session.y"]


async def test_a_subscription_ends(made):
    bus, plugins = made("hooked")
    undone, ended = bus.subscriber("a"), bus.subscriber("b")
    undone.subscribe("session.x")
    undone.unsubscribe("session.x")
    ended.subscribe("session.x")
    ended.close()
    ended.subscribe("session.x")
    bus.publish("session.x", {}, source="host")
    await plugins.settled("hooked", 1)
    assert set(plugins.heard) == {"hooked"}


async def test_subscriptions_are_counted(made):
    bus, _ = made()
    subscriber = bus.subscriber("a")
    for number in range(MAX_PATTERNS):
        subscriber.subscribe(f"plugin.{number}")
    with pytest.raises(UsageError, match="subscriptions"):
        subscriber.subscribe("plugin.more")


async def test_the_end_of_one_process_takes_nothing_from_another_of_the_same_plugin(made):
    bus, plugins = made()
    old, new = bus.subscriber("a"), bus.subscriber("a")
    old.subscribe("session.*")
    new.subscribe("session.*")
    bus.publish("session.both", {}, source="host")
    old.close()
    bus.publish("session.one", {}, source="host")
    await plugins.settled("a", 2)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.both", "session.one"]


@pytest.mark.escape("resources")
async def test_the_oldest_events_of_a_slow_listener_are_dropped_and_counted(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    bus.publish("session.first", {}, source="host")
    await asyncio.sleep(0)  # it is being delivered
    for number in range(LENGTH + 5):
        bus.publish("session.x", {"n": number}, source="host")
    plugins.gates["slow"].set()
    await plugins.settled("slow", LENGTH + 1)
    assert [e["payload"].get("n") for e in plugins.heard["slow"]] == [None, *range(5, LENGTH + 5)]
    (told,) = [line for line in plugins.logged["slow"] if "dropped" in line]
    assert told == "5 events were dropped (#2 to #6): too slow"


@pytest.mark.escape("resources")
async def test_large_events_of_a_slow_listener_give_way_before_there_are_many(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    text = "x" * (MAX_PAYLOAD - 100)
    fitting = BYTES // len(text)
    for number in range(2 * fitting):
        bus.publish("session.x", {"n": number, "text": text}, source="host")
    plugins.gates["slow"].set()
    await plugins.settled("slow", fitting - 2)
    assert plugins.heard["slow"][-1]["payload"]["n"] == 2 * fitting - 1
    assert len([line for line in plugins.logged["slow"] if "dropped" in line]) == 1


async def test_a_payload_has_a_largest_size(made):
    bus, plugins = made("a")
    bus.publish("session.x", {"x": "y" * (MAX_PAYLOAD - 8)}, source="host")
    with pytest.raises(UsageError, match=r"session\.y"):
        bus.publish("session.y", {"x": "y" * (MAX_PAYLOAD - 7)}, source="host")
    await plugins.settled("a", 1)


@pytest.mark.parametrize("name", ["", "a b", "plugin.x\n", "plugin." + "x" * 122, "plugin.[a]"])
async def test_names_and_patterns_of_events_are_bounded(made, name):
    bus, _ = made()
    with pytest.raises(UsageError, match="event"):
        bus.publish(name, {}, source="host")
    with pytest.raises(UsageError, match="event"):
        bus.subscriber("a").subscribe(name)
    bus.subscriber("a").subscribe("plugin." + "?" * 121)


@pytest.mark.parametrize(
    "failure", [AuthorError("no"), UnserialisableError("no"), ValueError("no"), OSError()]
)
async def test_whatever_one_event_meets_the_next_is_delivered(made, failure):
    bus, plugins = made("broken")
    plugins.failing.add("broken")
    plugins.failure = failure
    for _ in range(3):
        bus.publish("session.x", {}, source="host")
    await plugins.settled("broken", 3)
    numbers = [event["seq"] for event in plugins.heard["broken"]]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


async def test_closing_ends_deliveries_that_hang(made):
    bus, plugins = made("slow")
    plugins.gates["slow"] = asyncio.Event()
    bus.publish("session.x", {}, source="host")
    await asyncio.sleep(0)
    await bus.close()
    assert plugins.heard["slow"] == []


async def test_nobody_listens_to_a_bus_without_plugins(tmp_path):
    Bus(Outbox(tmp_path / "events.db")).publish("session.x", {}, source="host")


async def test_who_was_too_slow_is_told_of_the_gap(made):
    bus, plugins = made("slow", hook=DeclaredHook("*"))
    plugins.hook = DeclaredHook("bus.gap")
    bus.subscriber("slow").subscribe("session.*")
    plugins.gates["slow"] = asyncio.Event()
    bus.publish("session.first", {}, source="host")
    await asyncio.sleep(0)
    for _ in range(LENGTH + 3):
        bus.publish("session.x", {}, source="host")
    plugins.gates["slow"].set()
    await plugins.settled("slow", LENGTH + 2)
    gap = plugins.heard["slow"][1]
    assert (gap["name"], gap["payload"]) == ("bus.gap", {"missed": 3, "first": 2, "last": 4})


async def test_only_what_a_hook_wants_reaches_it(made):
    bus, plugins = made("picky", hook=DeclaredHook("session.*", where={"n": 2}), reads=["picky"])
    for number in range(4):
        bus.publish("session.x", {"n": number}, source="host")
    await plugins.settled("picky", 1)
    assert [event["payload"]["n"] for event in plugins.heard["picky"]] == [2]
    assert plugins.hooks == [("session.*",)]


async def test_a_filter_tells_nothing_about_a_payload_that_must_not_be_seen(made):
    bus, plugins = made("picky", hook=DeclaredHook("session.*", where={"cwd": "/secret"}))
    bus.publish("session.x", {"cwd": "/secret"}, source="host", session="work")
    bus.publish("session.x", {"cwd": "/secret"}, source="host")
    await plugins.settled("picky", 1)
    assert [event["session"] for event in plugins.heard["picky"]] == [None]


@pytest.mark.parametrize(("declared", "most"), [(1, 1), (3, 3)])
async def test_a_plugin_is_given_as_many_events_at_a_time_as_it_declares(made, declared, most):
    bus, plugins = made("a", hook=DeclaredHook("session.*", concurrency=declared))
    plugins.gates["a"] = asyncio.Event()
    for _ in range(10):
        bus.publish("session.x", {}, source="host")
    await plugins.begun(most)
    plugins.gates["a"].set()
    await plugins.settled("a", 10)
    assert plugins.most == most


async def test_events_that_may_be_together_are_so_also_when_they_come_one_by_one(made):
    bus, plugins = made("a", hook=DeclaredHook("session.*", concurrency=2))
    plugins.gates["a"] = asyncio.Event()
    for number in range(1, 3):
        bus.publish("session.x", {}, source="host")
        await plugins.begun(number)
    plugins.gates["a"].set()
    await plugins.settled("a", 2)


async def test_whom_an_event_is_about_need_not_hear_it(made):
    bus, plugins = made("a", "b")
    bus.publish("session.x", {}, source="host", besides="a")
    bus.publish("session.y", {}, source="host")
    await plugins.settled("a", 1)
    await plugins.settled("b", 2)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.y"]
