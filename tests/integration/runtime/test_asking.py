"""A live plugin is asked: its answers are data and bounded, and who stops waiting stops its handler."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import PluginFailedError
from yesman.runtime.plugin import MAX_ANSWER_CONTAINERS

EVENT = {
    "id": "1",
    "time": 0.0,
    "seq": 1,
    "name": "session.closing",
    "source": "host",
    "session": "work",
    "version": 1,
    "payload": {"n": 1},
}
SOURCE = """
    import asyncio, os, signal, time
    from yesman.plugins import Allow, Deny, IntegrationPlugin, PluginCommand
    class Demo(IntegrationPlugin):
        def get_commands(self):
            return [PluginCommand('go', 'does it', self.go)]
        def get_hooks(self):
            return {{'session.closing': self.one, 'session.*': self.two}}
        def go(self):
            print('begun', flush=True)
            time.sleep(0.5)
            return 'done'
        def one(self, event):
            {one}
        async def two(self, event):
            {two}
    """


def source(one="return None", two="return None"):
    return SOURCE.format(one=one.replace("\n", "\n" + " " * 12), two=two)


async def ask(plugin, method="ask", hooks=("session.closing", "session.*")):
    return await plugin.ask(method, EVENT, hooks)


async def test_each_hook_that_is_named_answers_in_that_order(rig):
    plugin = await rig.start(source("return Deny('no')", "return Allow('Yes')"))
    assert await ask(plugin) == [{"deny": "no"}, {"allow": "Yes"}]
    assert await ask(plugin, hooks=("session.*", "absent")) == [{"allow": "Yes"}]


async def test_a_filter_sees_what_the_one_before_it_left(rig):
    two = "return {'seen': event.payload['n']}"
    plugin = await rig.start(source("return {'n': 2}", two))
    assert await ask(plugin, "filter") == {"n": 2, "seen": 2}


@pytest.mark.parametrize("method", ["ask", "filter"])
@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("raise ValueError('no')", "error"),
        ("raise SystemExit(3)", "exit"),
        ("raise MemoryError", "memory"),
        ("return {'x': object()}", "unserialisable"),
        ("return {'x': 'y' * 10_000_000}", "unserialisable"),
        (f"return {{'x': [[] for _ in range({MAX_ANSWER_CONTAINERS})]}}", "unserialisable"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
    ],
)
@pytest.mark.escape("wire")
async def test_an_answer_that_is_none_is_a_failure_and_says_which(rig, method, body, failure):
    plugin = await rig.start(source(body))
    with pytest.raises(PluginFailedError) as caught:
        await ask(plugin, method)
    assert caught.value.failure == failure


@pytest.mark.parametrize("body", ["time.sleep(60)", "while True: pass"])
async def test_who_stops_waiting_stops_the_handler_and_the_plugin_lives_on(rig, body):
    plugin = await rig.start(source(f"if event.payload['n'] == 1: {body}" if "sleep" in body else body))
    asking = asyncio.ensure_future(ask(plugin))
    await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await ask(plugin, hooks=("session.*",)) == [None]


@pytest.mark.escape("resources")
async def test_a_handler_that_does_not_stop_ends_its_process(rig):
    body = "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\ntime.sleep(60)"
    plugin = await rig.start(source(body))
    asking = asyncio.ensure_future(ask(plugin))
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.wait({asking})
    assert (await asyncio.wait_for(plugin.ended, 10)).code == -9


async def test_a_plugin_that_is_busy_with_something_else_is_not_stopped_for_a_question(
    rig, terminal, eventually
):
    plugin = await rig.start(source("self.logger.info('asked')"))
    running = asyncio.ensure_future(rig.go(plugin, terminal))
    await eventually(lambda: terminal.out)
    asking = asyncio.ensure_future(ask(plugin))
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.wait({asking})
    assert await running == "done"
    assert await ask(plugin, hooks=("session.*",)) == [None]
    assert "asked" not in rig.log_text(), "what was withdrawn before it began must not begin"
