"""A plugin that floods its host is heard later, loses nothing that it said, and delays nobody else."""

from __future__ import annotations

import asyncio

import pytest

from yesman.model.errors import PluginFailedError

RAW = """
import json, os, socket, struct, threading
UP = 4

def frame(kind, ident, body, blob=b""):
    data = json.dumps(body).encode()
    return struct.pack("!B3sIII", kind, bytes(3), ident, len(data), len(blob)) + data + blob

def write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]
"""
FLOODS = {
    "log records": 'while True: write(UP, frame(9, 0, {"level": 20, "message": "x"}) * 1000)',
    "refusals": 'while True: write(UP, frame(10, 0, {"what": "call x", "count": 1}) * 1000)',
    "signs of life": "while True: write(UP, frame(3, 1, None) * 1000)",
    "output nobody waits for": 'while True: write(UP, frame(8, 1, {"stream": "out"}, b"x") * 1000)',
    "printed lines": 'while True: write(2, b"x\\n" * 30_000)',
    "output": "while True: print('x')",
    "calls": """
        from yesman.worker.lanes import CURRENT_CALL
        def call():
            while True:
                self.context.event_bus.publish("plugin.demo.x", {})
        for _ in range(7):
            threading.Thread(target=call, daemon=True).start()
        call()
        """,
}
TIGHT = {"host_share": 0.02, "host_burst_seconds": 0.02}


@pytest.mark.parametrize("flood", FLOODS)
async def test_another_plugin_is_served_while_one_floods(rig, limits, eventually, flood):
    victim = await rig.start(rig.command("return 'served'"))
    flooder = await rig.start(rig.command(FLOODS[flood], top=RAW), limits=limits(**TIGHT))
    flooding = asyncio.ensure_future(rig.go(flooder))
    await eventually(lambda: flooder.share.wait() > 0, "a flood")
    for _ in range(300):
        assert await rig.go(victim) == "served"
    assert not flooding.done()
    await flooder.kill("the test is over")
    with pytest.raises(PluginFailedError):
        await flooding


async def test_log_records_beyond_the_share_arrive_all_and_in_order(rig, limits):
    body = "for n in range(2000): self.context.logger.info(f'record {n}')"
    await rig.go(await rig.start(rig.command(body), limits=limits(**TIGHT)))
    records = [text for _, text in rig.logged if text.startswith("record")]
    assert records == [f"record {n}" for n in range(2000)]


async def test_output_beyond_the_share_arrives_whole(rig, limits, terminal):
    plugin = await rig.start(rig.command("for n in range(3000): print(n)"), limits=limits(**TIGHT))
    await rig.go(plugin, terminal)
    assert terminal.out.decode().split() == [str(n) for n in range(3000)]


async def test_lines_printed_natively_beyond_the_share_arrive_whole(rig, limits, eventually):
    body = "write(2, b''.join(b'line %d\\n' % n for n in range(20_000)) + b'end\\n')"
    await rig.go(await rig.start(rig.command(body, top=RAW), limits=limits(**TIGHT)))
    await eventually(lambda: rig.logged and rig.logged[-1][1].endswith("end"))
    lines = [line for line in rig.log_text().splitlines() if line.startswith("line")]
    assert lines == [f"line {n}" for n in range(20_000)]


async def test_calls_beyond_the_share_are_all_answered(rig, limits):
    body = """
        from concurrent.futures import ThreadPoolExecutor
        def ask(number):
            self.context.event_bus.publish(f"plugin.demo.{number}", {})
            return number
        with ThreadPoolExecutor(40) as pool:
            return list(pool.map(ask, range(500)))
        """
    plugin = await rig.start(rig.command(body), limits=limits(**TIGHT))
    assert await rig.go(plugin) == list(range(500))


async def test_a_log_record_longer_than_any_worker_sends_ends_the_plugin(rig):
    body = 'write(UP, frame(9, 0, {"level": 20, "message": "x" * 8001}))\nimport time\ntime.sleep(60)'
    plugin = await rig.start(rig.command(body, top=RAW))
    with pytest.raises(PluginFailedError, match="a log record has more than 8000 characters"):
        await rig.go(plugin)


async def test_a_workers_longest_log_record_is_no_strike(rig):
    body = "self.context.logger.warning('\\udc80' * 20_000)\nreturn 'alive'"
    assert await rig.run(body) == "alive"
