"""A host that is killed outright leaves no process behind, whatever its plugins were doing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

HOST = """
import asyncio, sys
from yesman.model.limits import Limits
from yesman.runtime.network import Networks
from yesman.runtime.plugin import LivePlugin
from yesman.runtime.witness import Witness
from yesman.runtime.zygote import Zygote
from yesman.sandbox.policy import Policy

class Nothing:
    async def serve(self, method, params, cause): return None, b""
    def output(self, stream, text):
        print(text.decode(), end="", flush=True)
        return True
    async def drained(self): pass

async def main(root):
    zygote = Zygote()
    policy = Policy(plugin="p", code=f"{root}/code", packages="", data=f"{root}/data", tmp=f"{root}/tmp")
    start = lambda: LivePlugin.start(
        zygote, policy, config={}, declared={}, services=Nothing(), witness=Witness(lambda *_: None),
        network=Networks().of("p"))
    plugins = [await start() for _ in range(3)]
    print(zygote.pid, *(plugin.pid for plugin in plugins), flush=True)
    terminal = {"terminal": {}, "columns": 80, "lines": 24}
    await asyncio.gather(*(plugin.command("go", {}, terminal, Nothing()) for plugin in plugins))

asyncio.run(main(sys.argv[1]))
"""
BUSY = {
    "asleep": """
        import time
        time.sleep(600)
        """,
    "spinning": """
        while True: pass
        """,
    "deaf": """
        from signal import SIG_IGN, signal, valid_signals
        for number in valid_signals() - {9, 19}: signal(number, SIG_IGN)
        while True: pass
        """,
    "in threads": """
        from threading import Thread
        for _ in range(5): Thread(target=sum, args=[range(10**12)]).start()
        """,
}


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.mark.parametrize("name", BUSY)
@pytest.mark.escape("processes")
async def test_no_process_outlives_a_killed_host(rig, eventually, name):
    root = rig.write(rig.command("print('at it')\n" + textwrap.dedent(BUSY[name])))
    with subprocess.Popen([sys.executable, "-c", HOST, str(root)], stdout=subprocess.PIPE) as host:  # noqa: ASYNC220 - to be killed
        assert host.stdout is not None
        pids = [int(pid) for pid in host.stdout.readline().split()]
        assert [host.stdout.readline() for _ in pids[1:]] == [b"at it\n"] * 3
        assert all(running(pid) for pid in pids)
        os.kill(host.pid, signal.SIGKILL)
    await eventually(lambda: not any(running(pid) for pid in pids), "the end of every process")


@pytest.mark.escape("processes")
async def test_a_host_that_closes_the_zygote_leaves_nothing(rig, eventually):
    plugin = await rig.start(rig.command("return 1"))
    pids = [rig.zygote.pid, plugin.pid]
    rig.zygote.close()
    await eventually(lambda: not any(running(pid) for pid in pids), "the end of every process")
