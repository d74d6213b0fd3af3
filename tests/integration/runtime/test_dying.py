"""A process that dies takes nothing with it: one sentence for its callers, and the next start works."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from yesman.model.errors import PlatformError, PluginFailedError
from yesman.sandbox.policy import EXIT_UNCONFINED

DEATHS = {
    "segfault": ("import ctypes; ctypes.string_at(0)", "died of SIGSEGV"),
    "_exit": ("import os; os._exit(3)", "exited with code 3"),
    "_exit 70": (f"import os; os._exit({EXIT_UNCONFINED})", f"exited with code {EXIT_UNCONFINED}"),
    "abort": ("import os; os.abort()", "died of SIGABRT"),
    "bus error": ("import os, signal; os.kill(os.getpid(), signal.SIGBUS)", "died of SIGBUS"),
    "memory": ("import ctypes; ctypes.memset(1, 0, 1 << 40)", "died of SIGSEGV"),
    "x32 call": ("import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39)", "died of SIGSYS"),
}


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("name", DEATHS)
async def test_a_death_is_one_sentence_and_the_next_start_works(rig, name):
    body, how = DEATHS[name]
    if name == "x32 call" and os.uname().machine != "x86_64":
        how = "returned"  # other machines have no such numbering: the call merely fails
        body += "; return 'returned'"
        assert await rig.run(body) == how
        return
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(body)
    assert caught.value.message == f"plugin 'demo' {how} while running 'go'"
    assert caught.value.failure == "crashed"
    assert await rig.run("return 'next'") == "next"


async def test_exceptions_out_of_callbacks_end_the_process_with_an_honest_reason(rig):
    body = "import asyncio, sys\nasyncio.get_running_loop().call_soon(sys.exit)\nawait asyncio.sleep(60)"
    plugin = await rig.start(rig.command(body, kind="async def"))
    with pytest.raises(PluginFailedError, match="exited with code 1 while running 'go'"):
        await rig.go(plugin)


async def test_everyone_who_waits_is_told(rig):
    body = "import asyncio, os\nif options.get('die'): os._exit(1)\nawait asyncio.sleep(60)"
    plugin = await rig.start(rig.command(body, kind="async def"))
    waiting = [asyncio.ensure_future(rig.go(plugin)) for _ in range(5)]
    await asyncio.sleep(0.05)
    waiting.append(asyncio.ensure_future(rig.go(plugin, die=True)))
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(answer) for answer in answers} == {PluginFailedError}


async def test_a_call_to_a_dead_plugin_fails_at_once(rig):
    plugin = await rig.start(rig.command("return 1"))
    await plugin.kill("the test wants it")
    with pytest.raises(PluginFailedError):
        await rig.go(plugin)


async def test_the_traceback_of_a_segfault_reaches_the_log(rig, eventually):
    with pytest.raises(PluginFailedError):
        await rig.run("import ctypes; ctypes.string_at(0)")
    await eventually(lambda: "Segmentation fault" in rig.log_text())
    assert "main.py" in rig.log_text()


@pytest.mark.escape("processes")
async def test_closing_the_lanes_ends_the_process(rig, limits):
    plugin = await rig.start(rig.command("import os, time; os.close(4); os.close(3); time.sleep(600)"))
    with pytest.raises(PluginFailedError):
        await rig.go(plugin)
    assert (await plugin.ended).code == -signal.SIGKILL


@pytest.mark.escape("processes")
async def test_a_killed_zygote_takes_its_children_along_and_the_next_spawn_works(rig, eventually):
    plugin = await rig.start(rig.command("import time; time.sleep(60)"))
    running = asyncio.ensure_future(rig.go(plugin))
    await asyncio.sleep(0.05)
    os.kill(rig.zygote.pid, signal.SIGKILL)
    with pytest.raises(PluginFailedError, match="died of SIGKILL"):
        await running
    await eventually(lambda: not alive(plugin.pid), "the child's end")
    assert await rig.run("return 'next'") == "next"


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - one line of /proc
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.escape("processes")
async def test_a_child_that_cannot_be_confined_never_runs(rig):
    root = rig.write("open(__file__ + '.ran', 'w')")
    policy = rig.policy(root)
    (root / "data").rmdir()
    with pytest.raises(PlatformError, match="could not be confined") as caught:
        await rig.load(policy)
    assert "doctor" in caught.value.next_step
    assert not list(root.glob("code/src/*.ran"))


async def test_many_plugins_start_at_the_same_time(rig):
    plugins = await asyncio.gather(*(rig.start(rig.command(f"return {n}")) for n in range(20)))
    assert await asyncio.gather(*(rig.go(plugin) for plugin in plugins)) == list(range(20))
    assert len({plugin.pid for plugin in plugins}) == 20


async def test_no_descriptor_of_the_host_stays_behind(rig):
    await rig.run("return 1")
    before = open_descriptors()
    for _ in range(5):
        plugin = await rig.start(rig.command("return 1"))
        await plugin.stop()
        with pytest.raises(PluginFailedError):
            await rig.run("import os; os._exit(1)")
    await asyncio.sleep(0.05)
    assert open_descriptors() <= before
