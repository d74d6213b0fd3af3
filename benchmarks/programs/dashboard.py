"""A dashboard in the browser under load: 50 sessions, 20 plugins with panels, 500 events a second.

A real Chromium has three windows open: the latest events, a panel that changes all the time, and in front the
sessions. Prints what it measured as JSON: ``page`` and ``delays`` in seconds, ``bytes``, and ``cpu``, the
processor time of the home's server and the dashboard in each second.

It is a program because a driven browser takes the event loop of its process.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from yesman.dashboard.client import Client

# Helpers of the tests, which whoever starts this has put on the path.
chromium = importlib.import_module("browsed.chromium").chromium
Web = importlib.import_module("browsed.dashboard").Web
desk_of = importlib.import_module("hosted.desk").desk_of

SESSIONS, PLUGINS, PUBLISHERS = 50, 20, 5
EVENTS: Final = 500
"""A second, of all publishers together."""
KEY_MS: Final = 40
SOURCE: Final = """
import asyncio
import time
from yesman.plugins import UIPlugin, ui


class Busy(UIPlugin):
    def get_panels(self):
        return [ui.Panel("main", self.show)]

    async def initialize(self):
        self.begun = time.monotonic()
        self.going_on = [asyncio.ensure_future(self.change()), asyncio.ensure_future(self.publish())]

    async def change(self):
        while True:
            self.context.panels.changed("main")
            await asyncio.sleep(0.1)

    async def publish(self):
        sent = 0
        while RATE:
            due = int((time.monotonic() - self.begun) * RATE)
            while sent < due:
                sent += 1
                self.context.event_bus.publish("plugin.NAME.tick", {"number": sent})
            await asyncio.sleep(0.05)

    def show(self, view):
        now = time.monotonic()
        rows = [[f"row {n}", now * n % 100] for n in range(50)]
        return ui.Stack([
            ui.Metric("Now", now),
            ui.Chart([str(n) for n in range(60)], [ui.Series("Wave", [(now + n) % 7 for n in range(60)])]),
            ui.Table([ui.Column("Name"), ui.Column("Share", "number")], rows),
        ])
"""
MANIFEST: Final = """type: ui
description: Changes all the time
activation: {on_startup: true}
provides:
  - panels:
      - {name: main, title: TITLE}
"""
LISTEN: Final = """() => { window.delays = []; addEventListener("keydown", (event) =>
  window.delays.push(performance.now() - event.timeStamp), true); }"""
SIZES: Final = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((entry) => !entry.name.includes("/live")).map((entry) => entry.transferSize)"""


def seed(desk: Any) -> None:
    """Install the plugins and open the sessions."""
    for number in range(PLUGINS):
        rate = EVENTS // PUBLISHERS if number < PUBLISHERS else 0
        name, manifest = f"busy-{number:02}", MANIFEST.replace("TITLE", f"Busy {number}")
        folder = desk.plugin(name, SOURCE.replace("RATE", str(rate)).replace("NAME", name), manifest)
        desk.yesman("plugin", "install", str(folder), "--yes")
    for number in range(SESSIONS):
        desk.yesman("session", "new", f"work-{number:02}", "--cwd", "/", "--", "cat")
    desk.yesman("server", "stop")  # the plugins run from its next start on
    desk.yesman("server", "start")


def first_page(browser: Any, web: Any, state: Any) -> tuple[float, float]:
    """Return the seconds until the sessions are drawn, and the bytes; the browser's cache is empty."""
    context = browser.new_context(base_url=web.origin, storage_state=state)
    page = context.new_page()
    start = time.perf_counter()
    page.goto("/")
    page.get_by_role("heading", name="work-00").wait_for()
    seconds = time.perf_counter() - start
    page.wait_for_load_state("load")
    size = float(sum(page.evaluate(SIZES)))
    context.close()
    return seconds, size


def under_load(context: Any, pids: tuple[int, ...], seconds: int) -> tuple[list[float], list[float]]:
    """Return the delays of keys in the front window, and the processor time in each second."""
    pages = [context.new_page() for _ in range(3)]
    for page, path in zip(pages, ("/events", "/panels/busy-00/main", "/"), strict=True):
        page.goto(path)
    front = pages[-1]
    front.wait_for_timeout(2_000)
    front.evaluate(LISTEN)
    cpu, before = [], processor_time(pids)
    for _ in range(seconds):
        start = time.perf_counter()
        while time.perf_counter() < start + 1:
            front.keyboard.press("Shift")
            front.wait_for_timeout(KEY_MS)
        now = processor_time(pids)
        cpu.append((now - before) / (time.perf_counter() - start))
        before = now
    return [value / 1000 for value in front.evaluate("window.delays")], cpu


def processor_time(pids: tuple[int, ...]) -> float:
    """Return the seconds of processor time that these processes have taken."""
    found = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
        found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def published(desk: Any, seconds: float) -> float:
    """Return how many events a second there really are."""

    async def count() -> int:
        client = await Client.open(Path(desk.environ["YESMAN_HOME"]) / "server.sock")
        while not json.loads(await client.data("event.recent", name="plugin.")):  # noqa: ASYNC110 - others do it
            await asyncio.sleep(0.1)
        first = json.loads(await client.data("event.recent"))[0]["seq"]
        await asyncio.sleep(seconds)
        last = json.loads(await client.data("event.recent"))[0]["seq"]
        client.close()
        return int(last) - int(first)

    return asyncio.run(count()) / seconds


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yb-") as made, desk_of(Path(made)) as desk:
        seed(desk)
        events = published(desk, 3.0)
        web = Web(desk)
        try:
            with chromium(Path(made) / "browser") as browser:
                context = browser.new_context(base_url=web.origin)
                context.new_page().goto(web.link)
                state = context.storage_state()
                pages = [first_page(browser, web, state) for _ in range(options.pages)]
                (server,) = desk.server_pids()
                delays, cpu = under_load(context, (server, web.process.pid), options.seconds)
        finally:
            web.close()
    found = {"page": [page[0] for page in pages], "bytes": pages[0][1], "delays": delays, "cpu": cpu}
    json.dump(found | {"events": events}, sys.stdout)


if __name__ == "__main__":
    main()
