"""Events of plugins' lives: to the others, without what they must not learn, and seldom."""

from __future__ import annotations

import pytest

from yesman.host.announcer import Announcer


class Bus:
    """Keeps what is published."""

    def __init__(self):
        self.published = []

    def publish(self, name, payload, *, source, besides=""):
        self.published.append((name, payload, source, besides))


class Process:
    """How a process ended, as far as an announcement needs it."""

    def __init__(self, *, wanted, cause=""):
        self.wanted_end, self.cause_of_end = wanted, cause


@pytest.mark.parametrize(
    ("process", "name", "reason"),
    [
        (Process(wanted=True, cause="it was stopped"), "plugin.unloaded", "it was stopped"),
        (Process(wanted=False), "plugin.crashed", "it died of SIGSEGV"),
        (Process(wanted=False, cause="x" * 999), "plugin.crashed", "x" * 300),
    ],
)
def test_how_a_process_ended_is_told_to_the_others(process, name, reason):
    bus = Bus()
    announcer = Announcer(bus)
    announcer.loaded("demo", "1.2", process)
    announcer.ended("demo", process, "died of SIGSEGV")
    plugin = {"plugin": "demo", "version": "1.2"}
    assert bus.published == [
        ("plugin.loaded", plugin, "host", "demo"),
        (name, plugin | {"reason": reason}, "host", "demo"),
    ]


def test_the_end_of_what_was_never_in_service_is_nobodys_business():
    bus = Bus()
    Announcer(bus).ended("demo", Process(wanted=False), "died of SIGSEGV")
    assert bus.published == []


def test_a_refusal_is_told_once_a_second_by_plugin_and_permission_without_its_scope():
    bus, now = Bus(), [0.0]
    announcer = Announcer(bus, clock=lambda: now[0])
    for what in ("filesystem.read:~/.ssh", "filesystem.read:/etc", "session.type:work", "unlink /home/me/x"):
        announcer.denied("demo", what)
    told = ["filesystem.read", "session.type", ""]
    assert [payload["permission"] for _, payload, _, _ in bus.published] == told
    announcer.denied("other", "filesystem.read:/etc")
    now[0] = 0.9
    announcer.denied("demo", "filesystem.read:/etc")
    now[0] = 1.0
    announcer.denied("demo", "filesystem.read:/etc")
    assert len(bus.published) == 5


def test_without_a_bus_nothing_is_published():
    Announcer(None).denied("demo", "session.read")
