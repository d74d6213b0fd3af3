"""A plugin that speaks the protocol well and means harm: it costs itself, not the host."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import PluginFailedError

NEVER_READS = """
    import json, os, socket, struct
    lane = socket.socket(fileno=os.dup(4))
    lane.settimeout(1)
    params = {'text': 'x' * 60000}
    body = json.dumps({'method': 'echo', 'params': params}).encode()
    sent = 0
    try:
        for number in range(1000, 3000):
            lane.sendall(struct.pack('!B3xIII', 2, number, len(body), 0) + body)
            sent += 1
    except TimeoutError:
        pass
    os._exit(0 if sent < 1000 else 1)
"""

LONG_FAILURE = """
    class Long(Exception):
        def __str__(self): return 'x' * 1_000_000
    raise Long
"""

SPEAKS_FOR_US = """
    error = PermissionError('your yesman is out of date')
    error.permission = 'none'
    raise error
"""

STAYS = """
    import time
    from yesman.plugins import CommandPlugin

    class Stays(CommandPlugin):
        def get_commands(self): return []
        def cleanup(self):
            while True:
                try: time.sleep(30)
                except KeyboardInterrupt: return
"""


@pytest.mark.escape("wire")
async def test_who_never_reads_answers_is_listened_to_no_longer(rig):
    plugin = await rig.start(rig.command(NEVER_READS))
    with pytest.raises(PluginFailedError):
        await rig.go(plugin)
    exit_ = await asyncio.wait_for(plugin.ended, 20)
    assert exit_.code == 0  # its writes timed out long before it had sent everything


@pytest.mark.escape("wire")
async def test_a_failure_of_any_length_arrives(rig):
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(LONG_FAILURE)
    assert len(caught.value.message) < 3_000


@pytest.mark.escape("terminal")
async def test_a_plugin_does_not_speak_for_yesman(rig):
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(SPEAKS_FOR_US)
    assert caught.value.message == "plugin 'demo': your yesman is out of date"


@pytest.mark.escape("processes")
async def test_stopping_takes_as_long_as_we_say(rig):
    plugin = await rig.start(STAYS)
    await asyncio.wait_for(plugin.stop(), 5)
    assert plugin.ended.done()


class FailingServices:
    """As services would be that have a mistake in them."""

    async def serve(self, _method, _params, _cause):
        raise RuntimeError


async def test_a_mistake_of_the_host_is_answered(rig):
    rig.services = FailingServices()
    body = """
    try: self.context.session_manager.list_sessions()
    except RuntimeError as error: return str(error)
    """
    assert await rig.run(body) == "the host failed at 'session.list'"
