"""What a sandboxed function may use, and what becomes of it when it wants more."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from yesman.embed import PluginSandbox

MIB = 1024 * 1024


async def test_allocating_beyond_the_limit_is_a_memory_error(sandbox, work):
    with pytest.raises(MemoryError):
        await sandbox.execute(work.grow)
    assert await sandbox.execute(work.add, 1) == 2


async def test_the_limit_is_what_was_asked_for(module):
    made = module("def take(size):\n    return len(bytearray(size))\n")
    async with PluginSandbox(max_memory_mb=60) as sandbox:
        assert await sandbox.execute(made.take, 55 * MIB) == 55 * MIB
        with pytest.raises(MemoryError):
            await sandbox.execute(made.take, 70 * MIB)
        sandbox.max_memory_mb = 200
        assert await sandbox.execute(made.take, 150 * MIB) == 150 * MIB


async def test_a_function_may_cope_with_having_no_memory(sandbox, module):
    source = "def take():\n try:\n  bytearray(2**30)\n except MemoryError:\n  return 'coped'\n"
    assert await sandbox.execute(module(source).take) == "coped"


@pytest.mark.parametrize("name", ["sleep", "stop_not"])
async def test_it_ends_at_its_time_limit_whatever_it_does(sandbox, work, name):
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"0\.2 seconds"):
        await sandbox.execute(getattr(work, name), *[60] * (name == "sleep"), timeout=0.2)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("name", ["spin", "spin_in_threads"])
async def test_it_ends_when_its_processor_time_is_used_up(work, name):
    async with PluginSandbox(max_cpu_seconds=0.3) as sandbox:
        with pytest.raises(TimeoutError, match=r"more than 0\.3 seconds of"):
            await sandbox.execute(getattr(work, name), timeout=60)
        assert await sandbox.execute(work.add, 1) == 2


async def test_sleeping_uses_no_processor_time(work):
    async with PluginSandbox(max_cpu_seconds=0.3) as sandbox:
        await sandbox.execute(work.sleep, 0.6)


async def test_it_has_so_many_descriptors(sandbox, work):
    with pytest.raises(OSError, match="Too many open files"):
        await sandbox.execute(work.open_many)


async def test_everything_else_goes_first(sandbox, work):
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert await sandbox.execute(work.niceness) == min(ours + 10, 19)


async def test_a_crash_is_told_and_spares_the_others(sandbox, work):
    other = asyncio.ensure_future(sandbox.execute(work.sleep, 0.3))
    with pytest.raises(RuntimeError, match="died of SIGSEGV"):
        await sandbox.execute(work.crash)
    assert await other is None


async def test_the_event_loop_is_never_blocked(sandbox, work):
    running = asyncio.ensure_future(sandbox.execute(work.sleep, 0.5))
    turns = 0
    while not running.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 20


async def test_a_cancelled_execution_ends_its_process(sandbox, work, eventually):
    running = asyncio.ensure_future(sandbox.execute(work.sleep, 60))
    await eventually(lambda: children_of(sandbox))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: not children_of(sandbox))


def lives(pid):
    return Path(f"/proc/{pid}").exists()


def zygote_of(sandbox):
    return sandbox._started.runner._zygote.pid if sandbox._started else None


def children_of(sandbox):
    pid = zygote_of(sandbox)
    return Path(f"/proc/{pid}/task/{pid}/children").read_text() if pid else ""


def test_one_sandbox_serves_one_event_loop_after_the_other(work):
    sandbox = PluginSandbox()
    assert asyncio.run(sandbox.execute(work.add, 1)) == 2
    first = zygote_of(sandbox)
    assert asyncio.run(sandbox.execute(work.add, 2)) == 3
    second = zygote_of(sandbox)
    sandbox.close()
    assert not any(lives(pid) for pid in (first, second))


def test_an_event_loop_that_ends_takes_what_still_runs_with_it(work):
    async def leave(sandbox):
        left = asyncio.ensure_future(sandbox.execute(work.sleep, 60))
        while not children_of(sandbox):  # noqa: ASYNC110 - of other processes there is no event
            await asyncio.sleep(0.005)
        return left

    sandbox = PluginSandbox()
    assert asyncio.run(leave(sandbox)).cancelled()
    deadline = time.monotonic() + 20
    while children_of(sandbox):  # who was not heard of yet ends when it finds that nobody is there
        assert time.monotonic() < deadline
    sandbox.close()


async def test_a_running_loop_is_not_robbed_of_its_sandbox(sandbox, work):
    assert await sandbox.execute(work.add, 1) == 2
    with pytest.raises(RuntimeError, match="make one for each"):
        await asyncio.to_thread(asyncio.run, sandbox.execute(work.add, 1))


async def test_a_forgotten_sandbox_leaves_no_process(work):
    sandbox = PluginSandbox()
    await sandbox.execute(work.add, 1)
    pid = zygote_of(sandbox)
    del sandbox
    gc.collect()
    assert not lives(pid)


def test_the_end_of_the_program_leaves_no_process(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio\nfrom yesman.embed import PluginSandbox\n"
        "def double(n):\n    return 2 * n\n"
        "if __name__ == '__main__':  # not in the sandbox\n"
        "    sandbox = PluginSandbox()\n"
        "    print(asyncio.run(sandbox.execute(double, 21)), sandbox._started.runner._zygote.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", script], check=True, capture_output=True, text=True, timeout=60
    )
    value, pid = done.stdout.split()
    assert (value, done.stderr) == ("42", "")
    assert not Path(f"/proc/{pid}").exists()
