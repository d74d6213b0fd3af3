"""A killed server loses at most the last tenth of a second of its ledger, and nothing before that."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

from yesman.host.ledger import Ledger

LOST_SECONDS = 0.1
WRITER = """
import asyncio, sys, time
from pathlib import Path
from yesman.host.ledger import Entry, Ledger

async def write(path):
    ledger, start = Ledger(Path(path)), time.monotonic()
    for number in range(100_000):
        ledger.add(Entry("call", "demo", str(number)))
        sys.stdout.write(f"{time.monotonic()} {number}\\n")
        sys.stdout.flush()
        await asyncio.sleep(max(0.0, start + (number + 1) / 1000 - time.monotonic()))

asyncio.run(write(sys.argv[1]))
"""
PUBLISH = """
while True:
    self.context.event_bus.publish('plugin.demo.x', {})
    self.note(time.monotonic())
"""


def in_file(path, query):
    Ledger(path).close()  # whoever opens it next brings in what was committed
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_of_a_thousand_records_a_second(tmp_path):
    path = tmp_path / "state.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        written = [writer.stdout.readline() for _ in range(2500)]
        writer.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        written += writer.stdout.readlines()
    added = [(float(moment), number) for moment, number in (line.split() for line in written[:-1])]
    kept = {what for (what,) in in_file(path, "SELECT what FROM records")}
    old = [number for moment, number in added if moment < killed - LOST_SECONDS]
    assert len(old) > 1500
    assert [number for number in old if number not in kept] == []


def test_of_a_server_whose_plugin_calls_as_fast_as_it_can(server, plugins, until):
    server.install(plugins.make(commands={"go": PUBLISH}))
    wire = server.wire()
    wire.send(
        "command.run", plugin="demo", command="go", options={}, terminal={}, columns=80, lines=24, cwd="/"
    )
    notes = server.data("demo") / "notes"
    until(lambda: notes.exists() and notes.read_text().count("\n") > 500)
    server.kill()
    killed = time.monotonic()
    wire.close()
    done = [float(line) for line in notes.read_text().splitlines()]
    rows = in_file(server.home.ledger, "SELECT detail FROM records WHERE what = 'bus.publish'")
    recorded = sum(json.loads(detail).get("count", 1) for (detail,) in rows)
    assert recorded >= len([moment for moment in done if moment < killed - LOST_SECONDS])


def test_the_next_server_goes_on_in_the_same_ledger(server, plugins):
    server.install(plugins.make(permissions=["session.read"]))
    server.kill()
    assert server.start() is None
    server.call("plugin.revoke", name="demo", permissions=["session.read"])
    kinds = [json.loads(line)["kind"] for line in server.ask("plugin.audit").out.splitlines()]
    assert [kind for kind in kinds if kind in {"install", "consent", "grant", "revoke"}] == [
        "install", "consent", "grant", "revoke",
    ]  # fmt: skip
