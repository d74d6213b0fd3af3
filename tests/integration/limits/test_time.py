"""Whoever takes too much processor time, or too long, is ended: in Python, in C, in commands, in events."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from yesman.model.errors import PluginFailedError

EVENT = {
    "id": "1",
    "time": 0.0,
    "seq": 1,
    "name": "x",
    "source": "host",
    "session": None,
    "version": 1,
    "payload": {},
}
BUSY = {
    "Python": "while True: pass",
    "C": "sum(range(10**13))",
    "regular expression": "import re; re.match(r'(a+)+$', 'a' * 40 + 'b')",
    "threads": """
import threading
for _ in range(4): threading.Thread(target=lambda: sum(range(10**13)), daemon=True).start()
threading.Event().wait()
""",
    "children of a pool": """
from concurrent.futures import ThreadPoolExecutor
list(ThreadPoolExecutor(3).map(lambda n: sum(range(10**13)), range(3)))
""",
    "swallowing": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
}
SPIN = "import time; end = time.process_time() + {}\nwhile time.process_time() < end: pass"

HEADLESS = """
import ctypes, os, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[os.uname().machine], 0)
"""


@pytest.fixture
def brief(limits):
    return limits(cpu_seconds=0.5, hook_seconds=60.0)


def excess(caught, where=""):
    assert caught.value.failure == "timeout"
    assert f"it used more than 0.5 seconds of processor time{where}" in caught.value.message
    assert "yesman plugin limits demo cpu=1s" in caught.value.next_step


@pytest.mark.parametrize("way", BUSY)
async def test_a_command_that_uses_too_much_processor_time_is_ended(rig, brief, way):
    plugin = await rig.start(rig.command(BUSY[way]), limits=brief)
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin)
    excess(caught)
    exit_ = await plugin.ended
    assert exit_.code == -9
    assert 500 <= exit_.cpu_ms < 5_000
    assert await rig.run("return 'next'", limits=brief) == "next"


async def test_the_same_passes_when_the_user_allows_it(rig, brief, limits):
    body = SPIN.format(1.0) + "\nreturn 'done'"
    with pytest.raises(PluginFailedError):
        await rig.run(body, limits=brief)
    assert await rig.run(body, limits=limits(cpu_seconds=30.0)) == "done"
    assert await rig.run(body, limits=limits(cpu_seconds=0.0)) == "done"


async def test_waiting_costs_nothing(rig, limits):
    assert (
        await rig.run("import time; time.sleep(1); return 'done'", limits=limits(cpu_seconds=0.5)) == "done"
    )


async def test_each_command_has_its_own_time(rig, brief):
    plugin = await rig.start(rig.command(SPIN.format(0.3) + "\nreturn 1"), limits=brief)
    assert [await rig.go(plugin) for _ in range(4)] == [1] * 4


async def test_commands_that_run_together_are_each_charged_all_of_it(rig, brief):
    body = f"import asyncio\nif options.get('idle'): return await asyncio.sleep(60)\n{SPIN.format(60)}"
    plugin = await rig.start(rig.command(body, kind="async def"), limits=brief)
    idle = asyncio.ensure_future(rig.go(plugin, idle=True))
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin)
    excess(caught)
    with pytest.raises(PluginFailedError) as caught:
        await idle
    excess(caught)


def hooked(body):
    lines = body.strip().replace("\n", "\n        ")
    return (
        "from yesman.plugins import HookPlugin\n"
        "class Demo(HookPlugin):\n"
        "    def get_hooks(self): return {'x': self.on_x}\n"
        f"    def on_x(self, event):\n        {lines}\n"
    )


@pytest.mark.parametrize("way", ["Python", "C"])
async def test_an_event_that_uses_too_much_processor_time_is_ended(rig, brief, way):
    plugin = await rig.start(hooked(BUSY[way]), limits=brief)
    with pytest.raises(PluginFailedError) as caught:
        await plugin.event(EVENT, ("x",))
    excess(caught, " in events")


async def test_many_short_events_share_what_there_is(rig, brief):
    plugin = await rig.start(hooked(SPIN.format(0.05)), limits=brief)
    with pytest.raises(PluginFailedError) as caught:  # noqa: PT012 - one of them, by and by
        for _ in range(100):
            await plugin.event(EVENT, ("x",))
    excess(caught, " in events")


async def test_an_idle_plugin_that_is_not_idle_is_ended(rig, brief):
    body = "import threading\nthreading.Thread(target=spin, daemon=True).start()"
    plugin = await rig.start(rig.command(body, top="def spin():\n    while True: pass"), limits=brief)
    await rig.go(plugin)
    assert (await asyncio.wait_for(plugin.ended, 20)).code == -9
    assert plugin.exceeded.limit == "cpu"
    assert "outside of commands" in plugin.exceeded.deed


LISTENER = f"""
from yesman.plugins import CommandPlugin, HookPlugin, PluginCommand
import asyncio
class Demo(CommandPlugin, HookPlugin):
    def get_commands(self): return [PluginCommand('go', 'waits', self.go)]
    def get_hooks(self): return {{'x': self.on_x}}
    async def go(self, **options):
        self.left = options['events']
        while self.left: await asyncio.sleep(0.01)
        return 'done'
    def on_x(self, event):
        {SPIN.format(0.1).replace(chr(10), chr(10) + " " * 8)}
        self.left -= 1
"""


async def flooded(rig, limits, events):
    """Return what a waiting command says while so many events of 0.1 s each come in."""
    plugin = await rig.start(LISTENER, limits=limits(cpu_seconds=1.0, hook_seconds=60.0))
    command = asyncio.ensure_future(rig.go(plugin, events=events))
    await asyncio.sleep(0)
    for _ in range(events):
        with contextlib.suppress(PluginFailedError):
            await plugin.event(EVENT, ("x",))
    return await command


async def test_a_command_survives_a_flood_of_events_that_use_more_than_it_may(rig, limits):
    assert await flooded(rig, limits, 14) == "done"


async def test_whoever_uses_too_much_in_events_during_a_command_is_told_so(rig, limits):
    with pytest.raises(PluginFailedError, match="more than 1 seconds of processor time in events"):
        await flooded(rig, limits, 30)


async def test_a_plugin_whose_main_thread_has_ended_is_ended(rig):
    plugin = await rig.start(rig.command(HEADLESS))
    with pytest.raises(PluginFailedError, match="was stopped because its main thread has ended"):
        await rig.go(plugin)
    assert (40, "stopped: its main thread has ended") in rig.logged
    assert plugin.cause_of_end == "its main thread has ended"


async def test_a_plugin_that_exits_with_threads_is_not_said_to_have_lost_its_main_thread(rig):
    body = HEADLESS.splitlines()[:-1]
    plugin = await rig.start(rig.command("\n".join([*body, "os._exit(3)"])))
    with pytest.raises(PluginFailedError, match="3"):
        await rig.go(plugin)


async def test_a_command_that_takes_too_long_is_interrupted_and_the_plugin_lives_on(rig, limits):
    plugin = await rig.start(
        rig.command("import time; time.sleep(options.get('for', 60))"), limits=limits(command_seconds=0.4)
    )
    with pytest.raises(PluginFailedError, match=r"did not finish 'go' within 0\.4 seconds") as caught:
        await rig.go(plugin)
    assert caught.value.failure == "timeout"
    assert "yesman plugin limits demo command=" in caught.value.next_step
    assert await rig.go(plugin, **{"for": 0.0}) is None
    assert not plugin.ended.done()


async def test_a_command_that_does_not_stop_when_it_takes_too_long_is_killed(rig, limits):
    body = "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"
    plugin = await rig.start(rig.command(body), limits=limits(command_seconds=0.4))
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin)
    assert caught.value.failure == "timeout"
    assert (await plugin.ended).code == -9


async def test_a_plugin_that_never_says_that_it_started_is_held_to_its_deadline(rig, limits):
    mute = "import asyncio, yesman.worker.serve as s\ns.Worker._answer = lambda *_: asyncio.sleep(60)"
    plugin = await rig.start(rig.command("return 1", top=mute), limits=limits(command_seconds=0.4))
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin)
    assert caught.value.failure == "timeout"


def priority(pid):
    """Niceness of a process, and of its session where the kernel groups by session."""
    group = Path(f"/proc/{pid}/autogroup")
    text = group.read_text() if group.exists() else ""
    return os.getpriority(os.PRIO_PROCESS, pid), text.split()[-1] if text else None


async def test_plugins_go_behind_everything_else(rig, limits, eventually):
    usual, urgent = (
        await rig.start(rig.command("return 1")),
        await rig.start(rig.command("return 1"), limits=limits(nice=0)),
    )
    base = os.getpriority(os.PRIO_PROCESS, 0)
    await eventually(lambda: priority(usual.pid) in ((base + 5, "5"), (base + 5, None)))
    assert priority(urgent.pid)[0] == base
    assert priority(urgent.pid)[1] in ("0", None)


async def test_a_plugin_cannot_go_before_others_again(rig):
    body = """
import os
try: os.nice(-5)
except PermissionError: pass
try: os.setpriority(os.PRIO_PROCESS, 0, 0)
except PermissionError: pass
return os.getpriority(os.PRIO_PROCESS, 0)
"""
    assert await rig.run(body) == os.getpriority(os.PRIO_PROCESS, 0) + 5
