"""Ctrl-C: whatever a handler is doing stops, or its process does; the next call works either way."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import PluginFailedError

STOPPABLE = {
    "sleep": ("def", "import time; time.sleep(60)"),
    "busy loop": ("def", "while True: pass"),
    "lock": ("def", "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()"),
    "pipe": ("def", "import os; r, w = os.pipe(); os.read(r, 1)"),
    "join": (
        "def",
        "import threading as t, time; w = t.Timer(60, int); w.daemon = True; w.start(); w.join()",
    ),
    "await": ("async def", "import asyncio; await asyncio.sleep(60)"),
    "event": ("async def", "import asyncio; await asyncio.Event().wait()"),
    "blocked loop": ("async def", "import time; time.sleep(60)"),
    "subtask": (
        "async def",
        "import asyncio, time\nasync def f(): time.sleep(60)\nawait asyncio.create_task(f())",
    ),
    "host call": ("def", "self.context.session_manager._transport.call('slow')"),
    "flood": ("def", "while True: print('x' * 1000)"),
}


class Slow:
    """Services that take a minute."""

    async def serve(self, _method, _params, _cause):
        await asyncio.sleep(60)
        return None, b""


async def begin(rig, plugin, terminal, eventually):
    """Start ``go`` and wait until its handler runs."""
    running = asyncio.ensure_future(rig.go(plugin, terminal, first=True))
    await eventually(lambda: b"started\n" in terminal.out)
    return running


def source(rig, kind, body):
    lines = "\n    ".join(body.splitlines())
    return rig.command(
        f"if options.get('first'):\n    print('started')\n    {lines}\nreturn 'alive'", kind=kind
    )


@pytest.mark.parametrize("name", STOPPABLE)
async def test_a_cancelled_handler_stops_and_the_plugin_lives_on(rig, terminal, eventually, name):
    rig.services = Slow()
    plugin = await rig.start(source(rig, *STOPPABLE[name]))
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await rig.go(plugin) == "alive"
    assert not plugin.ended.done()


async def test_a_handler_that_prints_to_nobody_can_be_cancelled(rig, terminal, eventually):
    plugin = await rig.start(source(rig, "def", "while True: print('x' * 10_000)"))
    terminal.full = True
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await rig.go(plugin) == "alive"


LOST = """
import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
signal.sigtimedwait({signal.SIGUSR1}, 20)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
time.sleep(60)
"""


async def test_a_signal_that_is_lost_is_followed_by_another(rig, terminal, eventually):
    """As one is that comes just before a system call that waits: here the handler takes it."""
    plugin = await rig.start(source(rig, "def", LOST))
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await rig.go(plugin) == "alive"


@pytest.mark.parametrize(
    "body",
    [
        "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass",
        "import signal\nsignal.signal(signal.SIGUSR1, signal.SIG_IGN)\nwhile True: pass",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\nwhile True: pass",
        "sum(range(10**13))",
    ],
    ids=["swallows it", "ignores it", "blocks it", "holds the GIL"],
)
@pytest.mark.escape("processes")
async def test_a_handler_that_will_not_stop_is_killed(rig, terminal, eventually, body):
    plugin = await rig.start(source(rig, "def", body))
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await plugin.ended).code == -9
    assert await rig.run("return 'next'") == "next"


async def test_a_handler_may_tidy_up_when_interrupted(rig, terminal, eventually):
    body = "import time\ntry: time.sleep(60)\nfinally: print('tidied')"
    plugin = await rig.start(source(rig, "def", body))
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert terminal.out == b"started\ntidied\n"


async def test_cancelling_one_of_two_leaves_the_other_alone(rig, terminal, eventually):
    body = "import asyncio\nprint('started')\nawait asyncio.sleep(options['seconds'])\nreturn 'slept'"
    plugin = await rig.start(rig.command(body, kind="async def"))
    doomed = asyncio.ensure_future(rig.go(plugin, terminal, seconds=60))
    other = asyncio.ensure_future(rig.go(plugin, seconds=0.2))
    await eventually(lambda: terminal.out)
    doomed.cancel()
    assert await other == "slept"
    with pytest.raises(asyncio.CancelledError):
        await doomed


async def test_an_interrupt_writes_into_no_file_of_the_plugins(rig, terminal, eventually):
    body = "import time\ntime.sleep(60)"
    top = """
import os
FILES = [os.open(f"{os.environ['HOME']}/{n}", os.O_RDWR | os.O_CREAT) for n in range(30)]
"""
    text = source(rig, "def", body).replace("class Demo", top + "\nclass Demo", 1)
    plugin = await rig.start(text.replace("return 'alive'", "return [os.fstat(f).st_size for f in FILES]"))
    running = await begin(rig, plugin, terminal, eventually)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await rig.go(plugin) == [0] * 30


async def test_cancelling_again_and_again_never_breaks_the_conversation(rig, limits):
    call = "self.context.session_manager._transport.call"
    body = f"for n in range(200): {call}('echo', n=n); print(n)\nreturn 'done'"
    plugin = await rig.start(rig.command(body), limits=limits(cancel_seconds=5.0))
    for step in range(40):
        running = asyncio.ensure_future(rig.go(plugin))
        await asyncio.sleep(0.0005 * step)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert await rig.go(plugin) == "done"


async def test_the_reason_is_told_when_a_hanging_plugin_was_killed_under_another_call(
    rig, terminal, eventually
):
    body = "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"
    plugin = await rig.start(source(rig, "def", body))
    running = await begin(rig, plugin, terminal, eventually)
    waiting = asyncio.ensure_future(rig.go(plugin))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(PluginFailedError, match="was stopped because it did not stop when asked to"):
        await waiting
    with pytest.raises(asyncio.CancelledError):
        await running
