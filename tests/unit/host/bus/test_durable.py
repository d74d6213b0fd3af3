"""What a plugin has declared durable waits for it, whatever becomes of the plugin or the server."""

from __future__ import annotations

import asyncio

import pytest

from yesman.host.queues import LENGTH
from yesman.model.errors import PluginFailedError
from yesman.model.manifest import DeclaredHook


async def test_a_durable_hook_misses_nothing_however_slow(made):
    bus, plugins = made("slow", hook=DeclaredHook("session.*", durable=True))
    plugins.gates["slow"] = asyncio.Event()
    for number in range(LENGTH + 50):
        bus.publish("session.x", {"n": number}, source="host")
    plugins.gates["slow"].set()
    await plugins.settled("slow", LENGTH + 50)
    assert [event["payload"]["n"] for event in plugins.heard["slow"]] == list(range(LENGTH + 50))


async def test_a_durable_hook_goes_on_where_it_was_with_another_bus(made, tmp_path):
    bus, plugins = made("a", hook=DeclaredHook("session.*", durable=True))
    plugins.gates["a"] = asyncio.Event()
    for number in range(5):
        bus.publish("session.x", {"n": number}, source="host")
    await asyncio.sleep(0)
    await bus.close()
    later, plugins = made("a")
    later.resume()
    later.publish("session.y", {"n": 5}, source="host")
    await plugins.settled("a", 6)
    assert [event["payload"]["n"] for event in plugins.heard["a"]] == list(range(6))
    numbers = [event["seq"] for event in plugins.heard["a"]]
    assert numbers == sorted(set(numbers))


async def test_durable_events_wait_for_a_plugin_that_cannot_be_started(made):
    bus, plugins = made("a", "b", hook=DeclaredHook("session.*", durable=True))
    plugins.deaf.add("a")
    bus.publish("session.x", {}, source="host")
    await plugins.settled("b", 1)
    assert plugins.heard["a"] == []
    plugins.deaf.clear()
    bus.resume()
    await plugins.settled("a", 1)


async def test_a_durable_event_comes_again_to_a_plugin_that_died_of_it_but_not_for_ever(made, monkeypatch):
    monkeypatch.setattr("yesman.host.bus.RETRY_SECONDS", 0)
    bus, plugins = made("a", hook=DeclaredHook("session.*", durable=True))
    plugins.failing.add("a")
    plugins.failure = PluginFailedError("it died", failure="crashed")
    bus.publish("session.x", {}, source="host")
    bus.publish("session.y", {}, source="host")
    await plugins.settled("a", 6)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.x"] * 3 + ["session.y"] * 3


async def test_nothing_waits_for_a_plugin_that_was_removed(made):
    bus, plugins = made("a", hook=DeclaredHook("session.*", durable=True))
    plugins.deaf.add("a")
    bus.publish("session.x", {}, source="host")
    bus.removed("a")
    plugins.deaf.clear()
    bus.resume()
    bus.publish("session.y", {}, source="host")
    await plugins.settled("a", 1)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.y"]


async def test_durable_events_wait_for_a_plugin_that_does_not_start_and_passing_ones_do_not(made):
    bus, plugins = made("a", hook=DeclaredHook("session.*", where={"keep": True}, durable=True))
    bus.subscriber("a").subscribe("plugin.*")
    plugins.unstartable.add("a")
    bus.publish("plugin.passing", {}, source="host")
    for number in range(3):
        bus.publish("session.x", {"keep": True, "n": number}, source="host")
    await asyncio.sleep(0.01)
    assert plugins.heard["a"] == []
    plugins.unstartable.clear()
    bus.publish("plugin.later", {}, source="host")
    await plugins.settled("a", 4)
    assert [event["payload"].get("n") for event in plugins.heard["a"]] == [0, 1, 2, None]


async def test_a_durable_event_whose_plugin_died_of_it_and_does_not_start_again_is_kept(made, monkeypatch):
    monkeypatch.setattr("yesman.host.bus.RETRY_SECONDS", 0)
    bus, plugins = made("a", hook=DeclaredHook("session.*", durable=True))
    plugins.failing.add("a")
    plugins.failure = PluginFailedError("it died", failure="crashed")
    bus.publish("session.x", {}, source="host")
    await asyncio.sleep(0)
    plugins.unstartable.add("a")
    await plugins.settled("a", 1)
    bus.publish("session.y", {}, source="host")
    plugins.unstartable.clear()
    plugins.failing.clear()
    bus.resume()
    await plugins.settled("a", 3)
    assert [event["name"] for event in plugins.heard["a"]] == ["session.x", "session.x", "session.y"]


@pytest.mark.escape("grants")
async def test_what_waited_while_a_grant_was_taken_back_arrives_without_its_payload(made):
    bus, plugins = made("slow", hook=DeclaredHook("session.*", durable=True), reads=["slow"])
    plugins.gates["slow"] = asyncio.Event()
    for _ in range(2):
        bus.publish("session.x", {"cwd": "/secret"}, source="host", session="work")
    await asyncio.sleep(0.01)
    plugins.reads.clear()
    plugins.gates["slow"].set()
    await plugins.settled("slow", 2)
    assert [event["payload"] for event in plugins.heard["slow"]] == [{"cwd": "/secret"}, {}]


async def test_a_closed_bus_delivers_nothing_more_and_keeps_what_is_durable(made):
    bus, plugins = made("a", hook=DeclaredHook("session.*", durable=True))
    await bus.close()
    bus.publish("session.x", {}, source="host")
    await asyncio.sleep(0.01)
    assert plugins.heard["a"] == []
    later, plugins = made("a")
    later.resume()
    await plugins.settled("a", 1)
