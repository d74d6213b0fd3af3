"""Plugins that start programs, and eyes that see every process that carries a plugin's mark."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from yesman.sandbox import family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENT = {"load_seconds": 10, "cancel_seconds": 2}
TOP = '''
import ctypes, errno, os, signal, socket, subprocess, sys, threading, time

LIBC = ctypes.CDLL(None, use_errno=True)
STUBBORN = "trap '' TERM HUP INT; while :; do sleep 1000; done"

def attempt(act, *arguments):
    """Return what ``act`` returned, or the error's name."""
    try:
        return act(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)

def shell(script, **more):
    """Run a shell script and return its exit code and what it printed."""
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, **more)
    return [done.returncode, done.stdout, done.stderr]

def output(*argv, **more):
    """Run a program and return what it printed, and what it complained of."""
    done = subprocess.run(argv, capture_output=True, text=True, **more)
    return [done.stdout, done.stderr]

def orphan(script=STUBBORN):
    """Leave a process behind whose parent is gone, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sh", ["/bin/sh", "-c", script])
        os._exit(0)
    os.wait()
'''


class Execute:
    """The rig, with grants to execute and a look at who descends from whom."""

    def __init__(self, rig: Any, limits: Any) -> None:
        self.rig = rig
        self.limits = limits

    async def start(self, body: str, *grants: str, top: str = "", **limits: Any) -> Any:
        """Start a plugin whose command ``go`` has ``body``."""
        source = self.rig.command(body, top=TOP + top)
        return await self.rig.start(source, *grants, limits=self.limits(**PATIENT, **limits))

    async def run(self, body: str, *grants: str, **more: Any) -> Any:
        """Run ``body`` in a plugin of its own and return what it returned."""
        return await self.rig.go(await self.start(body, *grants, **more))

    @staticmethod
    def family(plugin: Any) -> list[int]:
        """Return who carries the mark of ``plugin``, zombies included."""
        return family.members(plugin._spawned.mark)

    async def with_children(self, count: int, body: str = "", **limits: Any) -> Any:
        """Start a plugin that has left ``count`` stubborn processes behind, and wait until they are."""
        plugin = await self.start(body or f"for _ in range({count}): orphan()", "system.execute", **limits)
        await self.rig.go(plugin)
        await until(lambda: self.programs(plugin, "sleep") >= count)
        return plugin

    def programs(self, plugin: Any, name: str) -> int:
        """Return how many processes of ``plugin`` run the program ``name``."""
        return sum(command_of(pid) == name for pid in self.family(plugin))


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except OSError:
        return ""


async def until(met: Any, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.002)


@pytest.fixture
def execute(rig: Any, limits: Any) -> Execute:
    return Execute(rig, limits)


@pytest.fixture
def within() -> Any:
    return until


@pytest.fixture(autouse=True)
async def nobody_is_left(rig: Any) -> AsyncIterator[None]:
    """Every test proves once more that nothing outlives it; zombies wait for whoever is init here."""
    yield
    await rig.close()
    assert [pid for pid in family.of_home(rig.zygote._home) if not family._is_zombie(pid)] == []
