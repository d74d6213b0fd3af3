"""The limits are those of all processes in the session that a plugin leads, ended children included."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from yesman.model.limits import MIB, Limits
from yesman.runtime.accounts import cpu_seconds, members, memory_bytes
from yesman.runtime.watch import Account, Watch

HOLD = "kept = bytearray(b'x') * (64 << 20); print('ready', flush=True); import time; time.sleep(600)"
SPIN = "import time\nwhile time.process_time() < {}: pass\nprint('ready', flush=True)"
PARENT = """
import subprocess, sys, time
for code in sys.argv[2:]:
    child = subprocess.Popen([sys.executable, '-c', code])
    if sys.argv[1] == 'wait': child.wait()
time.sleep(600)
"""


@pytest.fixture
def session():
    """Start a session with a child for each program; returns its leader when each has said "ready"."""
    started = []

    def start(how, *codes):
        argv = [sys.executable, "-c", PARENT, how, *codes]
        leader = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE)
        started.append(leader)
        for _ in codes:
            assert leader.stdout.readline() == b"ready\n"
        return leader.pid

    yield start
    for leader in started:
        os.killpg(leader.pid, 9)
        leader.communicate()


def looked_at(pid, *, family=True, **limits):
    """Return what a watcher says of ``pid``, which it looks at until it says something, or for a while."""
    found = []

    async def look():
        watch = Watch()
        account = Account(pid, Limits(**{"nice": 0} | limits), found.append, family=family)
        watch.add(account)
        deadline = time.monotonic() + (20 if family else 0.5)
        while not found and time.monotonic() < deadline:
            watch.look()
        watch.remove(account)

    asyncio.run(look())
    return [exceeded.limit for exceeded in found]


def test_a_session_has_its_members_and_nobody_elses(session):
    one, other = session("go", HOLD, HOLD), session("go", HOLD)
    found = members({one, other})
    assert (len(found[one]), len(found[other])) == (2, 1)
    assert not {os.getpid(), one, other} & {*found[one], *found[other]}


def test_the_memory_of_children_counts(session):
    leader = session("go", HOLD, HOLD)
    assert looked_at(leader, memory_bytes=96 * MIB) == ["memory"]
    assert looked_at(leader, memory_bytes=96 * MIB, family=False) == []


def test_the_processor_time_of_children_that_live_counts(session):
    leader = session("go", f"{SPIN.format(0.5)}\nimport time; time.sleep(600)")
    assert looked_at(leader, cpu_seconds=0.4) == ["cpu"]
    assert looked_at(leader, cpu_seconds=0.4, family=False) == []


def test_the_processor_time_of_children_that_have_ended_counts(session):
    leader = session("wait", *[SPIN.format(0.2)] * 4)
    assert looked_at(leader, cpu_seconds=0.6) == ["cpu"]


def test_what_has_ended_reads_as_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    assert (cpu_seconds(process.pid), memory_bytes(process.pid)) == (None, None)
