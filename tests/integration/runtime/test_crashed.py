"""Which ends of a process are crashes: those that nobody asked for and that are its own fault."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

import pytest

from yesman.model.errors import YesmanError

STUBBORN = "import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass"
HOOKS = """
import asyncio, time
from yesman.plugins import HookPlugin

class Hung(HookPlugin):
    def get_hooks(self):
        return {"session.created": self.hang}

    async def hang(self, event):
        while True:
            try: time.sleep(60)
            except BaseException: pass
"""
EVENT = {"id": "1", "time": 0.0, "seq": 1, "name": "session.created", "source": "host", "session": None}


async def crashed(plugin):
    async with asyncio.timeout(20):
        return plugin.crashed(await asyncio.shield(plugin.ended))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_signal_from_anywhere_is_one(rig, number):
    plugin = await rig.start(rig.command("return 1"))
    os.kill(plugin.pid, number)
    assert await crashed(plugin)


async def test_leaving_is_one(rig):
    plugin = await rig.start(rig.command("import os; os._exit(0)"))
    with pytest.raises(YesmanError):
        await rig.go(plugin)
    assert await crashed(plugin)


async def test_a_hook_that_has_to_be_killed_is_one(rig):
    declared = {"commands": {}, "hooks": [{"name": "session.created", "handler": None}], "providers": []}
    plugin = await rig.load(rig.policy(rig.write(HOOKS)), declared=declared)
    with pytest.raises(YesmanError, match="did not finish"):
        await plugin.event({**EVENT, "version": 1, "payload": {}}, ("session.created",))
    assert await crashed(plugin)


async def test_a_command_that_its_user_had_killed_is_none(rig, terminal, eventually):
    plugin = await rig.start(rig.command(f"print('started')\n{STUBBORN}"))
    running = asyncio.ensure_future(rig.go(plugin, terminal))
    await eventually(lambda: b"started" in terminal.out)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert not await crashed(plugin)


async def test_a_cleanup_that_hangs_is_none(rig):
    hang = "    async def cleanup(self):\n        import time\n        time.sleep(60)\n"
    plugin = await rig.start(rig.command("return 1") + hang)
    await plugin.stop()
    assert not await crashed(plugin)


async def test_a_revocation_and_the_end_of_the_zygote_are_none(rig):
    plugin = await rig.start(rig.command("return 1"))
    plugin.revoke(("network.external",))
    assert not await crashed(plugin)
    other = await rig.start(rig.command("return 1"))
    os.kill(rig.zygote.pid, signal.SIGKILL)
    assert not await crashed(other)


async def test_a_protocol_that_is_broken_is_one(rig):
    body = "import os\nfor n in range(3, 64):\n    try: os.write(n, b'x' * 64)\n    except OSError: pass"
    plugin = await rig.start(rig.command(body))
    with contextlib.suppress(YesmanError):
        await rig.go(plugin)
    assert await crashed(plugin)
