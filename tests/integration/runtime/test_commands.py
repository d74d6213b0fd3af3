"""Commands: results, streams, input, exceptions and exit codes cross the border as data."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from yesman.model.errors import PluginFailedError


@pytest.mark.parametrize("kind", ["def", "async def"])
async def test_a_handler_may_be_sync_or_async(rig, kind):
    plugin = await rig.start(rig.command("return {'options': options}", kind=kind))
    assert await rig.go(plugin, title="x", count=2) == {"options": {"title": "x", "count": 2}}


async def test_async_handlers_run_side_by_side(rig):
    body = """
        self.inside = getattr(self, "inside", 0) + 1
        while self.inside < 3:
            await __import__("asyncio").sleep(0.001)
        return self.inside
        """
    plugin = await rig.start(rig.command(body, kind="async def"))
    assert await asyncio.gather(*(rig.go(plugin) for _ in range(3))) == [3, 3, 3]


async def test_what_is_printed_reaches_its_caller_as_it_is_printed(rig, terminal, eventually):
    body = """
        import sys
        print("first")
        while "go on" not in sys.stdin.readline(): pass
        print("second", end="")
        print("third", file=sys.stderr)
        """
    asked = asyncio.Event()

    class Input:
        async def serve(self, method: str, _params: dict[str, Any], cause: Any) -> tuple[Any, bytes]:
            assert (method, cause) == ("input.read", terminal)
            await asked.wait()
            return None, b"go on\n"

    rig.services = Input()
    running = asyncio.ensure_future(rig.go(await rig.start(rig.command(body)), terminal))
    await eventually(lambda: terminal.out == b"first\n")
    asked.set()
    await running
    assert (terminal.out, terminal.err) == (b"first\nsecond", b"third\n")


@pytest.mark.escape("terminal")
async def test_concurrent_commands_share_no_stream(rig):
    body = """
        import asyncio
        for _ in range(50):
            print(options["who"])
            await asyncio.sleep(0)
        """
    plugin = await rig.start(rig.command(body, kind="async def"))
    terminals = {who: _Keep() for who in "abc"}
    await asyncio.gather(*(rig.go(plugin, kept, who=who) for who, kept in terminals.items()))
    assert {who: kept.text for who, kept in terminals.items()} == {w: f"{w}\n".encode() * 50 for w in "abc"}


class _Keep:
    def __init__(self) -> None:
        self.text = b""

    def output(self, _stream: str, text: bytes) -> bool:
        self.text += text
        return True

    async def drained(self) -> None:
        pass


async def test_native_code_and_prints_outside_calls_go_to_the_log(rig, eventually):
    top = "import os\nprint('while loading')\nos.write(1, b'from native code\\n')\n"
    await rig.run("self.logger.warning('a record')", top=top)
    await eventually(lambda: "from native code" in rig.log_text())
    assert "while loading" in rig.log_text()
    assert (30, "a record") in rig.logged


async def test_an_exception_keeps_its_name_and_traceback(rig):
    with pytest.raises(PluginFailedError) as caught:
        await rig.run("raise LookupError('no such pull request')")
    assert caught.value.message == "plugin 'demo': LookupError: no such pull request (src/main.py:7)"
    assert 'raise LookupError("no such pull request")' in caught.value.traceback.replace("'", '"')


@pytest.mark.parametrize(
    ("code", "expected"),
    [("", (0, "")), ("5", (5, "")), ("300", (44, "")), ("'not today'", (1, "plugin 'demo': not today"))],
)
async def test_exit_codes_are_the_handlers(rig, code, expected):
    with pytest.raises(PluginFailedError) as caught:
        await rig.run(f"import sys; sys.exit({code})")
    assert (caught.value.failure, (caught.value.code, caught.value.message)) == ("exit", expected)


async def test_an_exit_leaves_the_plugin_running(rig):
    plugin = await rig.start(rig.command("if options.get('leave'): raise SystemExit(3)\nreturn 'alive'"))
    with pytest.raises(PluginFailedError):
        await rig.go(plugin, leave=True)
    assert await rig.go(plugin) == "alive"


UNSENDABLE = [
    "float('nan')",
    "float('inf')",
    "object()",
    "'\\ud800'",
    "{1, 2}",
    "b'x'",
    "{(1, 2): 3}",
    "self.loop()",
    "self.deep()",
]
HELPERS = """
    def loop(self):
        value = []
        value.append(value)
        return value
    def deep(self):
        value = []
        for _ in range(100000): value = [value]
        return value
"""


@pytest.mark.parametrize("value", UNSENDABLE)
async def test_what_cannot_be_sent_is_the_handlers_error_and_no_crime(rig, value):
    plugin = await rig.start(rig.command(f"return {value} if options else 'fine'") + HELPERS)
    with pytest.raises(PluginFailedError) as caught:
        await rig.go(plugin, value=1)
    assert caught.value.failure == "unserialisable"
    assert await rig.go(plugin) == "fine"


async def test_nesting_that_only_one_side_can_read_is_the_handlers_error(rig):
    body = "value = []\nfor _ in range(options['depth']): value = [value]\nreturn value"
    plugin = await rig.start(rig.command(body))
    for depth in (50, 800, 900, 950, 980):
        try:
            await rig.go(plugin, depth=depth)
        except PluginFailedError as error:
            assert error.failure == "unserialisable"  # noqa: PT017 - small depths do succeed
    assert await rig.go(plugin, depth=1) == [[]]


async def test_a_large_result_arrives_whole(rig):
    assert len(await rig.run("return 'x' * 4_000_000")) == 4_000_000


async def test_a_result_beyond_the_limit_is_the_handlers_error(rig):
    with pytest.raises(PluginFailedError, match="too large") as caught:
        await rig.run("return 'x' * 5_000_000")
    assert caught.value.failure == "unserialisable"


async def test_a_command_the_plugin_does_not_have_is_explained(rig, terminal):
    plugin = await rig.start(rig.command("return 1"))
    with pytest.raises(PluginFailedError, match="no longer has a command 'gone'"):
        await plugin.command("gone", {}, {"terminal": {}, "columns": 80, "lines": 24}, terminal)


@pytest.mark.escape("resources")
async def test_a_flood_of_output_waits_for_its_reader(rig, terminal, eventually):
    plugin = await rig.start(rig.command("for _ in range(2000): print('x' * 10_000)\nreturn 'done'"))
    terminal.full = True
    running = asyncio.ensure_future(rig.go(plugin, terminal))
    await eventually(lambda: terminal.out)
    for _ in range(100):
        await asyncio.sleep(0.001)
    assert len(terminal.out) < 2_000_000, "most of the 20 MB must still be on the plugin's side"
    terminal.drain()
    assert await running == "done"
    assert len(terminal.out) == 2000 * 10_001


async def test_events_reach_their_handlers_and_a_slow_one_is_stopped(rig):
    source = """
        import time
        from yesman.plugins import HookPlugin
        class Demo(HookPlugin):
            def get_hooks(self):
                return {"session.*": self.seen}
            def seen(self, event):
                self.logger.info("saw %s %s", event.name, event.payload["n"])
                if event.payload["n"] == 2: time.sleep(60)
        """
    plugin = await rig.start(source)
    event = {
        "id": "1",
        "time": 0.0,
        "seq": 1,
        "name": "session.created",
        "source": "t",
        "session": None,
        "version": 1,
    }
    await plugin.event(event | {"payload": {"n": 1}}, ("session.*",))
    with pytest.raises(PluginFailedError, match=r"did not finish 'event' within 0.5 seconds"):
        await plugin.event(event | {"payload": {"n": 2}}, ("session.*",))
    await plugin.event(event | {"payload": {"n": 3}}, ("session.*",))
    assert [text for _, text in rig.logged if "saw" in text] == [
        f"saw session.created {n}" for n in (1, 2, 3)
    ]


async def test_cleanup_runs_and_the_process_ends_by_itself(rig):
    source = rig.command("return 1") + "    async def cleanup(self):\n        self.logger.info('tidy')\n"
    plugin = await rig.start(source)
    await plugin.stop()
    assert (20, "tidy") in rig.logged
    assert (await plugin.ended).code == 0


async def test_a_cleanup_that_hangs_is_cut_short(rig):
    source = rig.command("return 1") + "    async def cleanup(self):\n        while True: pass\n"
    plugin = await rig.start(source)
    await plugin.stop()
    assert plugin.ended.done()
    assert "cleanup" in rig.log_text()
