"""Threads and processes are counted, by whatever call they are made."""

from __future__ import annotations

import os

import pytest

from yesman.model.limits import Limits
from yesman.runtime.starting import Birth, Member, Starts, birth

THREADS = """
    threading.stack_size(64 * 1024)
    gate, made = threading.Event(), []
    try:
        while len(made) < 500:
            made.append(threading.Thread(target=gate.wait))
            made[-1].start()
    except RuntimeError as error:
        refusal = str(error)
    finally:
        gate.set()
        [thread.join() for thread in made if thread.ident]
    return [sum(thread.ident is not None for thread in made), refusal]
"""
PROCESSES = """
    made = []
    try:
        while len(made) < 200:
            made.append(subprocess.Popen(["/bin/sleep", "1000"]))
    except OSError as error:
        refusal = errno.errorcode[error.errno]
    for child in made:
        child.kill()
        child.wait()
    return [len(made), refusal]
"""
RACE = """
    threading.stack_size(64 * 1024)
    gate, begin = threading.Event(), threading.Event()
    def grow():
        begin.wait()
        try:
            while True:
                threading.Thread(target=gate.wait).start()
        except RuntimeError:
            pass
    growing = [threading.Thread(target=grow) for _ in range(8)]
    [thread.start() for thread in growing]
    begin.set()
    [thread.join() for thread in growing]
    most = threading.active_count()
    gate.set()
    return most
"""


async def test_threads_end_at_their_limit(execute):
    count, refusal = await execute.run(THREADS, threads=40)
    assert count == 39, "the main thread counts"
    assert refusal.startswith("can't start new thread")
    assert "may not have more than 40 threads (limits.threads)" in execute.rig.log_text()


async def test_the_control_without_a_limit_there_are_as_many_as_wanted(execute):
    count, _ = await execute.run(THREADS.replace("refusal]", "0]"), threads=1000)
    assert count == 500


async def test_threads_that_start_at_once_do_not_slip_through(execute):
    assert 50 - 9 <= await execute.run(RACE, threads=50) <= 50, "each of nine may have one under way"


async def test_threads_may_come_and_go(execute):
    body = """
    for _ in range(300):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    return "done"
    """
    assert await execute.run(body, threads=4) == "done"


async def test_processes_end_at_their_limit(execute):
    assert await execute.run(PROCESSES, "system.execute", processes=16) == [15, "EAGAIN"]
    assert "may not have more than 16 processes (limits.processes)" in execute.rig.log_text()


async def test_processes_may_come_and_go(execute):
    body = "return [shell('echo $(echo a)$(echo b)')[1] for _ in range(20)]"
    assert await execute.run(body, "system.execute", processes=8) == ["ab\n"] * 20


async def test_zombies_count_as_processes(execute):
    body = """
    for number in range(1000):
        try:
            if os.fork() == 0:
                os._exit(0)
        except OSError:
            return number
    """
    assert await execute.run(body, "system.execute", processes=8) == 7


async def test_threads_of_children_count_too(execute):
    body = f"""
    def many():
    {THREADS.replace(chr(10), chr(10) + "    ")}
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, str(many()[0]).encode())
        os._exit(0)
    return int(os.read(reading, 100))
    """
    assert await execute.run(body, "system.execute", threads=30) == 28


@pytest.mark.parametrize("flags", [0x3D0F00, 0x7D0F00, 0x50F00])
def test_what_libraries_make_threads_with_is_a_thread(flags):
    assert birth("clone", flags) is Birth.THREAD


@pytest.mark.parametrize("flags", [17, 0x4111, 0x1200011, 0x1200011 | 1 << 40])
def test_what_libraries_make_processes_with_is_a_process(flags):
    assert birth("clone", flags) is Birth.PROCESS


@pytest.mark.parametrize("bit", [12, 13, 15, 17, 25, 26, 27, 28, 29, 30])
def test_flags_that_nobody_needs_are_forbidden(bit):
    assert birth("clone", 17 | 1 << bit) is Birth.FORBIDDEN


@pytest.mark.parametrize("flags", [0x3D0900, 0x3D0B00, 0x3D0F00 | 1 << 28, 0x10000])
def test_a_thread_with_descriptors_of_its_own_is_forbidden(flags):
    assert birth("clone", flags) is Birth.FORBIDDEN


def test_what_is_in_flight_counts():
    own = os.getpid()
    starts = Starts(Member(own, 0, executes=False), Limits(threads=10**6))
    assert starts.exceeded(1, Birth.THREAD) == ""
    starts._look()
    before = starts._threads
    assert starts.exceeded(own, Birth.THREAD) == ""
    starts._look()
    assert starts._threads == before + 1
