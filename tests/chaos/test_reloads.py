"""A thousand reloads while events and calls keep coming: none is lost, none is doubled, nothing grows."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

RELOADS = 1_500
WARM = 1_000
"""Reloads after which memory and descriptors are looked at for the first time: by then caches are full."""
EVENTS_A_SECOND, CALLS_A_SECOND = 200, 50
TOLD_AT_ONCE = 1_000
STATE = """
    events = calls = 0

    async def export_state(self):
        return [self.events, self.calls]

    async def import_state(self, state, version):
        self.events, self.calls = state
"""
COMMANDS = {
    "call": "self.calls += 1\nself.note(f'call {arg}')\nreturn self.calls",
    "count": "return [self.events, self.calls]",
}
TICK = "plugin.ticker.tick"
HEAR = "await asyncio.sleep(0.001)\nself.events += 1\nself.note(f'event {event.payload[\"n\"]}')"
TELL = f"""
first, begun = int(arg), time.monotonic()
for n in range({TOLD_AT_ONCE}):
    self.context.event_bus.publish({TICK!r}, {{"n": first + n}})
    await asyncio.sleep(max(0, begun + (n + 1) / {EVENTS_A_SECOND} - time.monotonic()))
"""


class Caller(threading.Thread):
    """Calls a plugin's command again and again, with another number each time."""

    def __init__(self, server):
        super().__init__()
        self._server, self._over = server, threading.Event()
        self.answers: list[int] = []
        self.failed: list[str] = []

    def run(self):
        begun = time.monotonic()
        while not self._over.is_set():
            number = len(self.answers) + len(self.failed)
            answer = self._server.run("demo", "call", str(number))
            if answer.failure:
                self.failed.append(answer.failure["message"])
            else:
                self.answers.append(answer.value)
            self._over.wait(max(0, begun + (number + 1) / CALLS_A_SECOND - time.monotonic()))

    def end(self):
        self._over.set()
        self.join()


class Size:
    """How much the server has of what must not grow."""

    def __init__(self, server):
        process = Path(f"/proc/{server.pid}")
        self.descriptors = len(list((process / "fd").iterdir()))
        fields = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        self.memory_kib = int(fields["RssAnon"].split()[0])
        self.threads = int(fields["Threads"])


class Teller(threading.Thread):
    """Has a plugin tell events, each with another number, until it is to end."""

    def __init__(self, server):
        super().__init__()
        self._server, self._over = server, threading.Event()
        self.told = 0
        self.failed = ""

    def run(self):
        while not self._over.is_set():
            answer = self._server.run("ticker", "tell", str(self.told))
            if answer.failure:
                self.failed = answer.failure["message"]
                return
            self.told += TOLD_AT_ONCE

    def end(self):
        self._over.set()
        self.join()


def install(apart):
    """Install a plugin that counts what it hears, and another that keeps telling."""
    folder = apart.plugins.make(commands=COMMANDS, hooks={TICK: HEAR})
    main = folder / "src/main.py"
    main.write_text(main.read_text() + STATE)
    apart.server.install(folder)
    apart.server.install(apart.plugins.make("ticker", commands={"tell": TELL}))


def notes(server):
    """Return how often the plugin wrote each line down, whichever process of it did."""
    return Counter((server.data("demo") / "notes").read_text().splitlines())


def reload_all_the_while(server):
    """Reload again and again; return how long each change took, and how large the server was early on."""
    early = [], None
    for number in range(RELOADS):
        if number == WARM:
            early = Size(server)
        reloaded = server.call("plugin.reload", name="demo")
        assert reloaded["state"] is True
    return early


@pytest.mark.timeout(600)
def test_a_thousand_reloads_lose_nothing_double_nothing_and_leave_nothing(apart):
    install(apart)
    server = apart.server
    caller, teller = Caller(server), Teller(server)
    assert server.value("demo", "count") == [0, 0]
    caller.start()
    teller.start()
    try:
        early = reload_all_the_while(server)
    finally:
        caller.end()
        teller.end()
    assert (caller.failed, teller.failed) == ([], "")
    expected = {f"event {n}" for n in range(teller.told)} | {f"call {n}" for n in range(len(caller.answers))}
    apart.until(lambda: len(notes(server)) >= len(expected), "all is handled")
    assert notes(server) == dict.fromkeys(expected, 1)
    assert caller.answers == list(range(1, len(caller.answers) + 1))
    assert server.value("demo", "count") == [teller.told, len(caller.answers)]
    apart.until(lambda: Size(server).descriptors <= early.descriptors + 2, "descriptors are as early on")
    assert Size(server).memory_kib < 1.1 * early.memory_kib + 2048
