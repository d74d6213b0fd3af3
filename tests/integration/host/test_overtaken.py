"""A call that comes between the end of a process and what follows from it gets a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from yesman.host.proposal import Answer
from yesman.model.home import Home
from yesman.model.lifecycle import State
from yesman.server.parts import Parts


@pytest.fixture
async def manager(home, plugins):
    """A manager of this process's own, in whose turns of the loop a test can be."""
    made = Parts(Home(home), home / "tmux.sock", lambda: None, allow_degraded=False, safe_mode=False)
    folder = plugins.make(commands={"go": "return 1"})
    digest = (await made._installer.inspect(folder)).digest
    more = {"answer": Answer(()), "config": {}, "report": lambda _line: None}
    await made._installer.install(folder, link=False, digest=digest, **more)
    yield made._manager
    await made.close()


async def test_what_has_ended_is_not_in_service_though_nobody_was_told_yet(manager):
    live = await manager.activate("demo")
    serving = manager.serving
    between = asyncio.get_running_loop().create_future()

    def look(_exited):
        told = live.ended.done() and serving.running("demo") is live  # it has ended, and nobody knows
        between.set_result((told, serving._in_service("demo"), manager.state("demo")[0]))

    live._spawned.exited.add_done_callback(look)
    os.kill(live.pid, signal.SIGKILL)
    assert await between == (True, None, State.ENABLED)
    assert (await manager.activate("demo")).pid != live.pid
    assert manager.state("demo")[0] is State.RUNNING
