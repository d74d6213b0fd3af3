"""Work aside keeps nobody: neither other work nor the end of the program."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from yesman.runtime.aside import aside

LEAVE = """
import asyncio, time
from yesman.runtime.aside import aside
async def main():
    work = {}
    await asyncio.sleep(0.1)
asyncio.run(main())
"""


def ends(work, seconds):
    try:
        subprocess.run([sys.executable, "-c", LEAVE.format(work)], timeout=seconds, check=True)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_a_program_ends_whatever_goes_on_aside():
    assert ends("aside(lambda: time.sleep(600))", 20)
    assert not ends("asyncio.ensure_future(asyncio.to_thread(time.sleep, 600))", 2)


async def test_others_are_served_however_much_goes_on_aside():
    stop = threading.Event()
    waiting = [aside(stop.wait) for _ in range(40)]
    assert await asyncio.wait_for(asyncio.to_thread(int), 10) == 0
    stop.set()
    assert await asyncio.gather(*waiting) == [True] * 40


async def test_what_fails_aside_fails_where_it_is_awaited():
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 / 0)
