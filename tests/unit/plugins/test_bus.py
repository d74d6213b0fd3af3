"""The event bus keeps handlers here and tells the host about patterns only."""

from __future__ import annotations

import pytest

from yesman.plugins import Event, EventBus


def first(event: Event) -> None: ...


async def second(event: Event) -> None: ...


def test_the_host_hears_of_a_pattern_once(transport):
    bus = EventBus(transport)
    bus.subscribe("session.*", first)
    bus.subscribe("session.*", second)
    bus.subscribe("session.*", second)
    assert transport.calls == [("bus.subscribe", {"pattern": "session.*"})]
    assert bus.handlers_for("session.created") == [first, second]


def test_the_host_hears_when_the_last_handler_goes(transport):
    bus = EventBus(transport)
    bus.subscribe("pane.output", first)
    bus.subscribe("pane.output", second)
    bus.unsubscribe("pane.output", first)
    assert len(transport.calls) == 1
    bus.unsubscribe("pane.output", second)
    assert transport.calls[1:] == [("bus.unsubscribe", {"pattern": "pane.output"})]
    assert bus.handlers_for("pane.output") == []


def test_a_handler_that_matches_by_two_patterns_is_called_once(transport):
    bus = EventBus(transport)
    bus.subscribe("session.*", first)
    bus.subscribe("*.created", second)
    bus.subscribe("*.created", first)
    assert bus.handlers_for("session.created") == [first, second]
    assert bus.handlers_for("Session.closed") == []


def test_a_refused_subscription_leaves_no_handler(transport):
    transport.answers["bus.subscribe"] = PermissionError("lacks permission")
    bus = EventBus(transport)
    with pytest.raises(PermissionError):
        bus.subscribe("session.*", first)
    assert bus.handlers_for("session.created") == []


def test_unsubscribing_a_stranger_is_a_lookup_error(transport):
    with pytest.raises(LookupError, match="not subscribed"):
        EventBus(transport).unsubscribe("session.*", first)
    assert transport.calls == []


def test_what_cannot_be_called_cannot_subscribe(transport):
    with pytest.raises(ValueError, match="cannot be called"):
        EventBus(transport).subscribe("session.*", "first")


async def test_publish_sends_a_copy_of_the_payload(transport):
    await EventBus(transport).publish("plugin.me.synced", {"count": 3})
    assert transport.calls == [("bus.publish", {"name": "plugin.me.synced", "payload": {"count": 3}})]


def test_an_event_is_frozen():
    event = Event("e1", 1.0, 7, "session.created", "host", "work", 1, {"cwd": "/src"})
    with pytest.raises(AttributeError):
        event.name = "other"
