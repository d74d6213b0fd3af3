"""More memory than allowed ends the plugin, however it is had; its callers are told so, and others go on."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import PluginFailedError
from yesman.model.limits import MIB

ALLOWED = 96 * MIB
TAKE = 256
"""MiB: more than is allowed, and less than RLIMIT_DATA lets a process have."""
MAPPED = f"import mmap; m = mmap.mmap(-1, {TAKE} << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)"
TOUCHED = f"for at in range(0, {TAKE} << 20, 4096): m[at] = 1"
WAIT = "import time; time.sleep(60)"
C_MAP = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
def anonymous(size, rights=3, flags=0x22):
    where = libc.mmap(None, size, rights, flags, -1, 0)
    assert where != ctypes.c_void_p(-1).value, ctypes.get_errno()
    return where
"""

WAYS = {
    "Python": f"kept = [b'x' * (1 << 20) for _ in range({TAKE})]\n{WAIT}",
    "mapped": f"{MAPPED}\n{TOUCHED}\n{WAIT}",
    "ctypes": f"{C_MAP}\nctypes.memset(anonymous({TAKE} << 20), 1, {TAKE} << 20)\n{WAIT}",
    "many threads": f"""
import threading, time
kept = []
def take():
    for _ in range({TAKE} // 8): kept.append(bytearray(b'x') * (1 << 20))
for _ in range(8): threading.Thread(target=take, daemon=True).start()
time.sleep(60)
""",
    # Memory that is read-only is not counted by RLIMIT_DATA: this has more than that in the end.
    "made read-only": f"""
{C_MAP}
while True:
    where = anonymous(16 << 20)
    ctypes.memset(where, 1, 16 << 20)
    assert libc.mprotect(ctypes.c_void_p(where), ctypes.c_size_t(16 << 20), 1) == 0
""",
    # Reading never-written memory maps the zero page, which costs page tables alone.
    "page tables": f"""
{C_MAP}
while True:
    where = anonymous(1 << 36, 1, 0x4022)
    for at in range(0, 1 << 36, 2 << 20): ctypes.string_at(where + at, 1)
""",
}


@pytest.fixture
def small(limits):
    return limits(memory_bytes=ALLOWED, load_seconds=10.0)


def excess(caught):
    assert caught.value.failure == "memory"
    assert "it used " in caught.value.message
    assert "more than the 96 MiB that it may" in caught.value.message
    assert "yesman plugin limits demo memory=192MiB" in caught.value.next_step


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_uses_more_memory_than_allowed_is_ended(rig, small, way):
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(WAYS[way], limits=small)
    excess(caught)
    assert await rig.run("return 'next'", limits=small) == "next"


@pytest.mark.parametrize("way", ["Python", "mapped", "ctypes", "many threads"])
async def test_the_same_passes_when_the_user_allows_it(rig, limits, way):
    generous = limits(memory_bytes=2 * TAKE * MIB, data_bytes=4 * TAKE * MIB)
    body = WAYS[way].replace("time.sleep(60)", "time.sleep(0.5)") + "\nreturn 'done'"
    assert await rig.run(body, limits=generous) == "done"


async def test_memory_that_grows_in_the_background_of_an_idle_plugin_is_seen(rig, small):
    body = f"""
import threading
def grow():
    global kept
    kept = [bytearray(b'x') * (1 << 20) for _ in range({TAKE})]
    threading.Event().wait()
threading.Thread(target=grow, daemon=True).start()
return 'idle'
"""
    plugin = await rig.start(rig.command(body), limits=small)
    assert await rig.go(plugin) == "idle"
    assert (await asyncio.wait_for(plugin.ended, 20)).code == -9
    assert plugin.exceeded.limit == "memory"
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin)
    excess(caught)


async def test_memory_that_grows_between_many_short_calls_is_seen(rig, small):
    body = "global kept\nkept += [bytearray(b'x') * (1 << 20)]"
    plugin = await rig.start(rig.command(body, top="kept = []"), limits=small)
    with pytest.raises(PluginFailedError) as caught:  # noqa: PT012 - one of them, by and by
        for _ in range(TAKE):
            await rig.go(plugin)
            await asyncio.sleep(0.002)
    excess(caught)


async def test_memory_is_watched_while_a_plugin_loads(rig, small):
    with pytest.raises(PluginFailedError) as caught:
        await rig.start(f"{MAPPED}\n{TOUCHED}\n{WAIT}", limits=small)
    excess(caught)


async def test_reserving_without_using_is_free(rig, small):
    assert await rig.run(f"{MAPPED}; import time; time.sleep(0.5); return len(m)", limits=small) == TAKE * MIB


async def test_a_handlers_own_memory_error_says_how_to_allow_more(rig, limits):
    body = "kept = bytearray(300 << 20); return len(kept)"
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(body, limits=limits(data_bytes=256 * MIB))
    assert caught.value.failure == "memory"
    assert caught.value.message.startswith("plugin 'demo': MemoryError")
    assert "yesman plugin limits demo memory=1GiB" in caught.value.next_step
    assert await rig.run(body, limits=limits(data_bytes=512 * MIB)) == 300 * MIB


async def test_all_who_wait_are_told_and_another_plugin_is_not_disturbed(rig, small):
    other = await rig.start(rig.command("return 'undisturbed'"), limits=small)
    body = f"import asyncio\nif options.get('wait'): await asyncio.sleep(60)\n{WAYS['mapped']}"
    greedy = await rig.start(rig.command(body, kind="async def"), limits=small)
    waiting = asyncio.ensure_future(rig.go(greedy, wait=True))
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(greedy)
    excess(caught)
    with pytest.raises(PluginFailedError) as caught:
        await waiting
    excess(caught)
    assert await rig.go(other) == "undisturbed"
    assert not other.ended.done()
