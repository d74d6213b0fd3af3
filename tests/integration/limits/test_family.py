"""The limits are those of all processes that carry a plugin's mark, ended children included."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time

import pytest

from yesman.model.limits import MIB, Limits
from yesman.runtime.accounts import cpu_seconds, lineage, memory_bytes
from yesman.runtime.clocks import Clocks
from yesman.runtime.disk import measure
from yesman.runtime.watch import Account, Watch
from yesman.sandbox import family

HOLD = "kept = bytearray(b'x') * (64 << 20); print('ready', flush=True); import time; time.sleep(600)"
SPIN = "import time\nwhile time.process_time() < {}: pass\nprint('ready', flush=True)"
LOOP = f"""
import subprocess, sys
print('ready', flush=True)
while True: subprocess.run([sys.executable, '-ISc', {SPIN.format(0.015)!r}], stdout=subprocess.DEVNULL)
"""
NESTED = f"""
import subprocess, sys
for _ in range(2): subprocess.run([sys.executable, '-ISc', {SPIN.format(0.2)!r}], stdout=subprocess.DEVNULL)
print('ready', flush=True)
"""
PARENT = """
import subprocess, sys, time
for code in sys.argv[2:]:
    child = subprocess.Popen([sys.executable, '-c', code], start_new_session=True)
    if sys.argv[1] == 'wait': child.wait()
time.sleep(600)
"""


HOME = os.getpid()
"""Names the marks of this test's processes."""
NUMBERS = itertools.count()
"""No mark is used again: whoever was orphaned and killed waits for pid 1, which takes its time."""
MARK = "import sys; from yesman.sandbox import family; family.put_on(int(sys.argv.pop(1)));"


@pytest.fixture
def marked():
    """Start a marked process with a child for each program; returns pid and mark when all are ready."""
    started = []

    def start(how, *codes):
        mark = family.mark_of(HOME, next(NUMBERS))
        argv = [sys.executable, "-c", MARK + PARENT, str(mark), how, *codes]
        parent = subprocess.Popen(argv, stdout=subprocess.PIPE)
        started.append(parent)
        said = parent.stdout.read(len(codes) * len(b"ready\n"))  # by several at once
        assert said.count(b"ready") == len(codes)
        return parent.pid, mark

    yield start
    assert family.end_home(HOME, 20) == 0
    for parent in started:
        parent.communicate()


def looked_at(marked, *, alone=False, **limits):
    """Return what a watcher says of a process, which it looks at until it says something, or for a while."""
    pid, mark = marked
    found = []

    async def look():
        watch = Watch()
        account = Account(pid, Limits(**{"nice": 0} | limits), found.append, mark=None if alone else mark)
        watch.add(account)
        deadline = time.monotonic() + (0.5 if alone else 20)
        while not found and time.monotonic() < deadline:
            watch.look()
        watch.remove(account)

    asyncio.run(look())
    return [exceeded.limit for exceeded in found]


def test_a_mark_finds_its_processes_in_whatever_session_and_nobody_elses(marked):
    (one, first), (other, second) = marked("go", HOLD, HOLD), marked("go", HOLD)
    found = family.by_mark({first, second})
    assert (len(found[first]), len(found[second])) == (3, 2)
    assert (one in found[first], other in found[second]) == (True, True)
    assert os.getpid() not in {*found[first], *found[second]}


def test_the_memory_of_children_counts(marked):
    parent = marked("go", HOLD, HOLD)
    assert looked_at(parent, memory_bytes=96 * MIB) == ["memory"]
    assert looked_at(parent, memory_bytes=96 * MIB, alone=True) == []


def test_the_processor_time_of_children_that_live_counts(marked):
    parent = marked("go", f"{SPIN.format(0.5)}\nimport time; time.sleep(600)")
    assert looked_at(parent, cpu_seconds=0.4) == ["cpu"]
    assert looked_at(parent, cpu_seconds=0.4, alone=True) == []


def test_the_processor_time_of_children_that_have_ended_counts(marked):
    parent = marked("wait", *[SPIN.format(0.2)] * 4)
    assert looked_at(parent, cpu_seconds=0.6) == ["cpu"]


def test_the_processor_time_of_what_children_wait_for_counts(marked):
    parent = marked("go", LOOP)
    assert looked_at(parent, cpu_seconds=1.0) == ["cpu"]
    assert looked_at(parent, cpu_seconds=1.0, alone=True) == []


def used_so_far(pid):
    ended, _ = lineage(pid)
    return cpu_seconds(pid) + ended


@pytest.mark.parametrize("code", [SPIN.format(0.3), NESTED])
def test_processor_time_is_charged_once(marked, code):
    pid, mark = marked("wait", *[code] * 3)
    clocks, spent = Clocks(pid, family=True), 0.0
    deadline = time.monotonic() + 20
    while len(family.members(mark)) > 1 and time.monotonic() < deadline:
        spent += clocks.spent([other for other in family.members(mark) if other != pid])
    spent += clocks.spent()
    assert spent == pytest.approx(used_so_far(pid), abs=0.1)


def test_who_is_waited_for_in_the_midst_of_a_reading_is_charged_once(monkeypatch):
    program = "import time\nfor end in (0.3, 0.4):\n  while time.process_time() < end: pass\n  input()"
    child = subprocess.Popen([sys.executable, "-ISc", program], stdin=subprocess.PIPE)
    clocks = Clocks(os.getpid(), family=True)
    before, _ = time.process_time(), clocks.spent()
    while cpu_seconds(child.pid) < 0.3:
        pass
    spent = clocks.spent([child.pid])
    child.stdin.write(b"\n\n")
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    def waited_for_first(pid):
        if pid == child.pid:
            child.wait()
        return lineage(pid)

    monkeypatch.setattr("yesman.runtime.clocks.lineage", waited_for_first)
    spent += clocks.spent([child.pid]) + clocks.spent()
    assert spent - (time.process_time() - before) == pytest.approx(0.4, abs=0.1)


def test_what_has_ended_reads_as_nothing():
    process = subprocess.Popen(["true"])
    process.wait()
    assert (cpu_seconds(process.pid), memory_bytes(process.pid)) == (None, None)


HEADLESS = """
import ctypes, os, sys, threading, time
kept, f = bytearray(b'x') * (32 << 20), open(sys.argv[1], 'wb')
os.unlink(sys.argv[1]); f.write(bytes(16 << 20)); f.flush()
def leave():
    while '(zombie)' not in open(f'/proc/{os.getpid()}/status').read(): time.sleep(0.01)
    print('ready', flush=True); time.sleep(600)
threading.Thread(target=leave).start()
ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)
"""


def test_what_a_process_holds_whose_main_thread_has_ended_counts(tmp_path):
    argv = [sys.executable, "-c", HEADLESS, str(tmp_path / "big")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        memory = memory_bytes(process.pid)
        tally = measure([str(tmp_path)], Limits(), [process.pid])
        process.kill()
    assert memory > 32 * MIB
    assert tally.used > 16 * MIB
    assert measure([str(tmp_path)], Limits()).used == 0
