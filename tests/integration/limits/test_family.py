"""The limits are those of all processes that carry a plugin's mark, ended children included."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
import sys
import time

import pytest

from yesman.model.limits import MIB, Limits
from yesman.runtime.accounts import cpu_seconds, memory_bytes
from yesman.runtime.watch import Account, Watch
from yesman.sandbox.family import HOME_BITS, grouped, mark_of

HOLD = "kept = bytearray(b'x') * (64 << 20); print('ready', flush=True); import time; time.sleep(600)"
SPIN = "import time\nwhile time.process_time() < {}: pass\nprint('ready', flush=True)"
PARENT = """
import resource, subprocess, sys, time
resource.setrlimit(10, (int(sys.argv[2]),) * 2)
for code in sys.argv[3:]:
    child = subprocess.Popen([sys.executable, '-c', code])
    if sys.argv[1] == 'wait': child.wait()
time.sleep(600)
"""


@pytest.fixture
def session():
    """Start a marked process with a child for each program; returns its pid and mark when all are "ready"."""
    started = []

    def start(how, *codes):
        mark = mark_of(secrets.randbits(HOME_BITS), 1)
        argv = [sys.executable, "-c", PARENT, how, str(mark), *codes]
        leader = subprocess.Popen(argv, start_new_session=True, stdout=subprocess.PIPE)
        started.append(leader)
        for _ in codes:
            assert leader.stdout.readline() == b"ready\n"
        return leader.pid, mark

    yield start
    for leader in started:
        os.killpg(leader.pid, 9)
        leader.communicate()


def looked_at(leader, *, family=True, **limits):
    """Return what a watcher says of a process, which it looks at until it says something, or for a while."""
    found = []

    async def look():
        watch = Watch()
        pid, mark = leader
        account = Account(pid, Limits(**{"nice": 0} | limits), found.append, family=mark if family else 0)
        watch.add(account)
        deadline = time.monotonic() + (20 if family else 0.5)
        while not found and time.monotonic() < deadline:
            watch.look()
        watch.remove(account)

    asyncio.run(look())
    return [exceeded.limit for exceeded in found]


def test_a_family_has_its_members_and_nobody_elses(session):
    (one, first), (other, second) = session("go", HOLD, HOLD), session("go", HOLD)
    found = grouped({first, second})
    assert (len(found[first]), len(found[second])) == (3, 2)
    assert (one in found[first], other in found[second]) == (True, True)
    assert os.getpid() not in {*found[first], *found[second]}


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
