"""Types that are made ready may be used first by several threads; others end the process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import yesman

PROGRAM = """
import sys, threading
from typing import Annotated
import msgspec
from yesman.model.readied import make_ready

sys.setswitchinterval(1e-6)
NAMES = [f"f{n}" for n in range(30)]
FIELDS = dict.fromkeys(NAMES, Annotated[int, msgspec.Meta(ge=0)])
FLAT = dict.fromkeys(NAMES, 1)


def kind(name, **more):
    return type(msgspec.Struct)(name, (msgspec.Struct,), {"__annotations__": FIELDS | more})


for number in range(int(sys.argv[2])):
    inner = kind(f"Inner{number}")
    outer = kind(f"Outer{number}", one=inner, many=list[inner])
    if sys.argv[1] == "ready":
        make_ready()
    barrier = threading.Barrier(6)

    def use():
        barrier.wait()
        msgspec.convert(FLAT | {"one": FLAT, "many": [FLAT]}, outer)

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del inner, outer, use
"""


def end_of(*arguments):
    return subprocess.run([sys.executable, "-c", PROGRAM, *arguments], check=False, timeout=120).returncode


def test_types_that_are_ready_are_used_first_by_several_threads():
    assert end_of("ready", "150") == 0


def test_types_that_are_not_end_the_process():
    """The control. If this does not happen any more, msgspec is mended, and nothing need be made ready."""
    assert end_of("not", "20000") == -signal.SIGSEGV


@pytest.mark.parametrize("where", ["server/main.py", "marketplace/serving.py", "dashboard/web/running.py"])
def test_whatever_serves_with_threads_makes_them_ready(where):
    assert "make_ready()" in Path(yesman.__path__[0], where).read_text("utf-8")
