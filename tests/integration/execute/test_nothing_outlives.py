"""Whatever a plugin starts ends with it, however either of them goes."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from yesman.model.errors import PluginFailedError

WITHIN_SECONDS = 0.25
BOMB = """
    def bomb():
        while True:
            try:
                if os.fork() == 0:
                    os.setsid()
            except OSError:
                pass
    if os.fork() == 0:
        bomb()
"""


async def test_the_control_an_orphan_lives_as_long_as_its_plugin(execute, within):
    plugin = await execute.with_children(2)
    assert len(execute.family(plugin)) > 2
    for pid in execute.family(plugin):
        if pid != plugin.pid:
            os.kill(pid, signal.SIGTERM)
    assert execute.programs(plugin, "sh") >= 2, "they ignore signals and their parents are gone"


@pytest.mark.parametrize("how", ["stop", "kill", "revoke", "signal"])
async def test_orphans_end_with_their_plugin(execute, how):
    plugin = await execute.with_children(3)
    if how == "revoke":
        plugin.revoke(("system.execute",))
    elif how == "signal":
        os.kill(plugin.pid, signal.SIGKILL)
    else:
        await (plugin.stop() if how == "stop" else plugin.kill("the test wants it"))
    await asyncio.shield(plugin.ended)
    assert execute.family(plugin) == []


HEADLESS = """
    program = (
        "import ctypes, os, threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); "
        "ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)"
    )
    os.spawnv(os.P_NOWAIT, "/usr/bin/python3", ["python3", "-c", program])
"""


async def test_a_program_goes_on_without_its_main_thread_and_yet_ends_with_its_plugin(execute, within):
    plugin = await execute.start(HEADLESS, "system.execute")
    await execute.rig.go(plugin)

    def headless():
        return [pid for pid in execute.family(plugin) if pid != plugin.pid and state_of(pid) == ("Z", 2)]

    await within(headless)
    (program,) = headless()
    await plugin.kill("the test wants it")
    assert execute.family(plugin) == []
    await within(lambda: not Path(f"/proc/{program}").exists())


def state_of(pid):
    """Return the state of the main thread and the number of threads."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return fields[0].decode(), int(fields[17])


async def test_revocation_ends_them_within_250_ms(execute):
    plugin = await execute.with_children(20)
    began = time.monotonic()
    plugin.revoke(("system.execute",))
    await asyncio.shield(plugin.ended)
    assert execute.family(plugin) == []
    assert time.monotonic() - began < WITHIN_SECONDS


async def test_a_fork_bomb_stops_at_its_limit_and_dies_with_its_plugin(execute, within):
    plugin = await execute.start(BOMB, "system.execute", processes=24)
    await execute.rig.go(plugin)
    await within(lambda: len(execute.family(plugin)) == 24)
    assert max([len(execute.family(plugin)) for _ in range(300)]) == 24
    began = time.monotonic()
    os.kill(plugin.pid, signal.SIGKILL)
    await asyncio.shield(plugin.ended)
    assert execute.family(plugin) == []
    assert time.monotonic() - began < 1


async def test_a_stopped_child_ends_too(execute, within):
    plugin = await execute.with_children(1)
    for pid in execute.family(plugin):
        if pid != plugin.pid:
            os.kill(pid, signal.SIGSTOP)
    await plugin.kill("the test wants it")
    assert execute.family(plugin) == []


async def test_a_command_that_is_cancelled_takes_its_program_with_it(execute, within):
    body = """
        program = subprocess.Popen(["/bin/sh", "-c", STUBBORN])
        try:
            open(os.environ["HOME"] + "/begun", "w").close()
            program.wait()
        finally:
            program.kill()
            program.wait()
        """
    plugin = await execute.start(body, "system.execute")
    running = asyncio.ensure_future(execute.rig.go(plugin))
    await within(lambda: Path(plugin.policy.data, "begun").exists())
    running.cancel()
    with pytest.raises((asyncio.CancelledError, PluginFailedError)):
        await running
    await within(lambda: execute.programs(plugin, "sh") == 0)
    assert not plugin.ended.done(), "its handler killed it, and the plugin goes on"


async def test_a_killed_zygote_leaves_nobody(execute, within):
    plugin = await execute.with_children(3)
    os.kill(execute.rig.zygote.pid, signal.SIGKILL)
    await asyncio.shield(plugin.ended)
    await within(lambda: execute.family(plugin) == [])


async def test_closing_the_zygote_leaves_nobody(execute):
    plugin = await execute.with_children(3)
    execute.rig.zygote.close()
    assert execute.family(plugin) == []
    await asyncio.shield(plugin.ended)


async def test_orphans_do_not_confuse_the_zygote(execute):
    plugin = await execute.start("for _ in range(30): orphan('exit 3')", "system.execute")
    await execute.rig.go(plugin)
    again = await execute.run("return shell('echo hello')", "system.execute")
    assert again == [0, "hello\n", ""]
    assert execute.rig.zygote._early == {}
    await execute.rig.go(plugin)
